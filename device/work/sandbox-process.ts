import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import type { Clock, Timer } from '../../protocol/clock.ts'
import { messageOf, TaskError } from '../../protocol/errors.ts'
import { checkOutputs } from '../../protocol/messages/index.ts'
import type { Log } from '../log.ts'
import {
  decodeReply,
  encodeRequest,
  type LoadRequest,
  PROGRESS_INTERVAL_MS,
  REPLY_BYTES_MAX,
  REQUEST_BYTES_MAX,
  type RunRequestFrame,
  type SandboxReply,
  type SandboxRequest,
} from '../sandbox/ipc.ts'
import { died, overflow, refused, timeout } from './failures.ts'
import { FrameSplitter } from './frame-splitter.ts'
import { watchMemory } from './memory-watch.ts'
import type { RunResult } from './runner.ts'

/** What is kept of a sandbox's standard error, to say why it died. */
const STDERR_BYTES_MAX = 2_048

/** What a sandbox process needs from outside. */
export interface SandboxComponents {
  readonly clock: Clock
  readonly log?: Log | undefined
}

/** Settings of one sandbox process. */
export interface SandboxInit {
  /** The Node executable. */
  readonly nodePath: string
  /** What {@link sandboxArguments} gave. */
  readonly nodeArguments: readonly string[]
  readonly loadTimeoutMs: number
}

/** Bounds of one run. */
export interface RunBounds {
  readonly unitTimeoutMs: number
  readonly memoryCeilingBytes: number
}

interface Exchange {
  /** Takes each reply; returns true at the last one. */
  readonly take: (reply: SandboxReply) => boolean
  readonly reject: (failure: TaskError) => void
}

/**
 * One child process that runs one module's units, and what keeps it in bounds from outside. It is asked one thing at a time.
 * Any failure but an expected reply ends it: it is killed, never reused.
 */
export class SandboxProcess {
  /** Settled once the process is gone. */
  readonly exited: Promise<void>
  readonly #clock: Clock
  readonly #log: Log | undefined
  readonly #init: SandboxInit
  readonly #child: ChildProcessWithoutNullStreams
  readonly #replies = new FrameSplitter(REPLY_BYTES_MAX)
  #exchange: Exchange | null = null
  #deadline: Timer | null = null
  #death: TaskError | null = null
  #stderr = ''

  constructor(components: SandboxComponents, init: SandboxInit) {
    this.#clock = components.clock
    this.#log = components.log
    this.#init = init
    this.#child = spawn(init.nodePath, init.nodeArguments, { env: {}, stdio: 'pipe' })
    this.#log?.({ level: 'debug', event: 'sandbox_started', pid: this.#child.pid })
    lowerPriority(this.#child.pid)
    this.#child.stdout.on('data', (chunk: Uint8Array) => this.#receive(chunk))
    this.#child.stderr.on('data', (chunk: Uint8Array) => this.#keepStderr(chunk))
    // A write to a dead process fails; why it died is what counts.
    this.#child.stdin.on('error', () => undefined)
    this.#child.on('error', cause => this.#die(died(`it did not start: ${messageOf(cause)}`, cause)))
    this.exited = new Promise(resolve => {
      this.#child.on('close', (code, signal) => {
        this.#die(died(`${signal ?? `exit code ${code}`} ${this.#stderr}`))
        resolve()
      })
    })
  }

  /** Whether it can still be asked. */
  get alive(): boolean {
    return this.#death === null
  }

  /**
   * Hands the process its module.
   * @throws {TaskError} `bad_module`, `timeout` or `sandbox_died`
   */
  async load(request: LoadRequest): Promise<void> {
    await this.#ask<void>(request, this.#init.loadTimeoutMs, (reply, settle) => {
      // A process that met a module belongs to it, so with a refused one it is of no more use.
      if (reply.kind === 'refused') this.#die(refused(reply.reason))
      if (reply.kind === 'loaded') settle()
      return reply.kind === 'loaded'
    })
  }

  /**
   * Runs units of the module.
   * @throws {TaskError} `timeout` when a unit takes longer than its backstop, `bad_output`, `bad_input` or `sandbox_died`
   */
  async run(request: RunRequestFrame, bounds: RunBounds): Promise<RunResult> {
    const pid = this.#child.pid
    const unwatch = pid === undefined ? () => undefined : this.#watch(pid, bounds.memoryCeilingBytes)
    // A unit's start is known to within one progress interval.
    const backstopMs = bounds.unitTimeoutMs + PROGRESS_INTERVAL_MS
    let reached = 0
    try {
      return await this.#ask<RunResult>(request, backstopMs, (reply, settle, fail) => {
        if (reply.kind === 'done') {
          checkOutputs(reply.outputs, request.inputs.length)
          settle({ outputs: reply.outputs, elapsedMs: reply.elapsedMs })
        } else if (reply.kind === 'overflow') {
          fail(overflow(request.firstUnit + reply.index))
        } else if (reply.kind === 'progress') {
          // Each one buys time, so there can be no more of them than units.
          if (reply.index <= reached || reply.index > request.inputs.length)
            this.#die(died('its progress made no sense'))
          else this.#setDeadline(backstopMs)
          reached = reply.index
          return false
        } else {
          return false
        }
        return true
      })
    } finally {
      unwatch()
    }
  }

  /** Ends the process at once; what it was asked is rejected with `failure`. */
  kill(failure: TaskError): void {
    this.#die(failure)
  }

  #watch(pid: number, ceilingBytes: number): () => void {
    return watchMemory(this.#clock, pid, ceilingBytes, bytes => {
      const mib = Math.round(bytes / 1_048_576)
      this.#die(died(`it held ${mib} MiB, the ceiling is ${Math.round(ceilingBytes / 1_048_576)} MiB`))
    })
  }

  #ask<T>(
    request: SandboxRequest,
    timeoutMs: number,
    take: (reply: SandboxReply, settle: (value: T) => void, fail: (failure: TaskError) => void) => boolean,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#death !== null) {
        reject(this.#death)
        return
      }
      const frame = framed(request)
      this.#exchange = { take: reply => take(reply, resolve, reject), reject }
      this.#setDeadline(timeoutMs)
      this.#child.stdin.write(frame)
    })
  }

  #receive(chunk: Uint8Array): void {
    if (this.#death !== null) return
    const frames = this.#replies.push(chunk)
    if (frames === null) {
      this.#die(died('its reply was too long'))
      return
    }
    for (const bytes of frames) this.#answer(bytes)
  }

  #answer(bytes: Uint8Array): void {
    if (this.#exchange === null) {
      if (this.#death === null) this.#die(died('it spoke without being asked'))
      return
    }
    try {
      if (this.#exchange.take(decodeReply(bytes))) this.#finish()
    } catch (cause) {
      this.#die(died(`its reply made no sense: ${messageOf(cause)}`, cause))
    }
  }

  #setDeadline(timeoutMs: number): void {
    this.#deadline?.cancel()
    this.#deadline = this.#clock.setTimeout(() => this.#die(timeout(timeoutMs)), timeoutMs)
  }

  #finish(): void {
    this.#deadline?.cancel()
    this.#deadline = null
    this.#exchange = null
  }

  #die(failure: TaskError): void {
    if (this.#death !== null) return
    this.#death = failure
    this.#child.kill('SIGKILL')
    const level = failure.code === 'cancelled' ? 'debug' : 'warn'
    this.#log?.({ level, event: 'sandbox_ended', pid: this.#child.pid, failure: failure.code })
    this.#exchange?.reject(failure)
    this.#finish()
  }

  #keepStderr(chunk: Uint8Array): void {
    const room = STDERR_BYTES_MAX - this.#stderr.length
    if (room > 0) this.#stderr += new TextDecoder('latin1').decode(chunk.subarray(0, room))
  }
}

/** Work is what the machine does when it has nothing better to do. Threads started later inherit it, so it comes at once. */
function lowerPriority(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // The process has gone already, which its exit will tell.
  }
}

function framed(request: SandboxRequest): Uint8Array {
  let reason: string
  try {
    const frame = encodeRequest(request)
    if (frame.length <= REQUEST_BYTES_MAX) return frame
    reason = `it has ${frame.length} bytes, a sandbox takes ${REQUEST_BYTES_MAX}`
  } catch (cause) {
    reason = messageOf(cause)
  }
  throw new TaskError(
    { code: 'bad_input', reason },
    `The input of the lease cannot be handed to the sandbox: ${reason}.`,
  )
}
