import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import type { Clock, Timer } from '../../protocol/clock.ts'
import { messageOf, TaskError } from '../../protocol/errors.ts'
import { checkOutputs } from '../../protocol/messages/index.ts'
import type { Log } from '../log.ts'
import {
  decodeReply,
  encodeRequest,
  type InspectRequest,
  type LoadRequest,
  PROGRESS_INTERVAL_MS,
  REPLY_BYTES_MAX,
  REQUEST_BYTES_MAX,
  type RunRequestFrame,
  type SandboxReply,
  type SandboxRequest,
} from '../sandbox/ipc.ts'
import { died, overflow, refused, timeout } from './failures.ts'
import type { KernelTools } from './find-kernel-tools.ts'
import { FrameSplitter } from './frame-splitter.ts'
import { sacrificeFirst } from './kernel-tools.ts'
import { lastWords } from './last-words.ts'
import { lowerPriority } from './lower-priority.ts'
import { boundMemory } from './memory-bound.ts'
import type { Inspection, RunResult } from './runner.ts'
import { spawnAlone } from './spawn-alone.ts'

/** What is kept of a sandbox's standard error, to say why it died. */
const STDERR_BYTES_MAX = 2_048

/** What a sandbox process needs from outside. */
export interface SandboxComponents {
  readonly clock: Clock
  readonly log?: Log | undefined
}

/** Settings of one sandbox process. */
export interface SandboxInit {
  /** What {@link sandboxCommand} gave. */
  readonly command: readonly [string, ...string[]]
  /** What bounds its memory in the kernel, or null where nothing does. */
  readonly tools: KernelTools | null
  /** How long starting it, and checking, metering and compiling a module, may take. */
  readonly loadTimeoutMs: number
}

interface Exchange {
  /** Takes each reply; returns true at the last one. */
  readonly take: (reply: SandboxReply) => boolean
  readonly reject: (failure: TaskError) => void
}

/**
 * One child process that runs the units of one job's module, and what keeps it in bounds from outside. It is asked one thing at a time.
 * Any failure but an expected reply ends it: it is killed with all that it started, never reused.
 */
export class SandboxProcess {
  /** Settled once the process is gone. */
  readonly exited: Promise<void>
  readonly #clock: Clock
  readonly #log: Log | undefined
  readonly #init: SandboxInit
  readonly #child: ChildProcessWithoutNullStreams
  readonly #replies = new FrameSplitter(REPLY_BYTES_MAX)
  /** Settled when it has done what it was asked before its module. */
  #ready: Promise<void>
  #warm = false
  #unwatch: () => void = () => {}
  #exchange: Exchange | null = null
  #deadline: Timer | null = null
  #death: TaskError | null = null
  #stderr = ''

  constructor(components: SandboxComponents, init: SandboxInit) {
    this.#clock = components.clock
    this.#log = components.log
    this.#init = init
    this.#child = spawnAlone(init.command)
    this.#log?.({ level: 'debug', event: 'sandbox_started', pid: this.#child.pid })
    if (this.#child.pid !== undefined) {
      sacrificeFirst(this.#child.pid)
      lowerPriority(this.#child.pid)
    }
    this.#child.stdout.on('data', (chunk: Uint8Array) => this.#receive(chunk))
    this.#child.stderr.on('data', (chunk: Uint8Array) => this.#keepStderr(chunk))
    // A write to a dead process fails; why it died is what counts.
    this.#child.stdin.on('error', () => undefined)
    this.#child.on('error', cause => this.#die(died(`it did not start: ${messageOf(cause)}`, cause)))
    this.exited = new Promise(resolve => {
      this.#child.on('close', (code, signal) => {
        this.#die(died(`${signal ?? `exit code ${code}`} ${lastWords(this.#stderr)}`))
        resolve()
      })
    })
    this.#ready = this.#expect<void>(init.loadTimeoutMs, (reply, settle) => {
      if (reply.kind === 'ready') settle()
      return reply.kind === 'ready'
    })
    // One that waits as a spare may die without anybody having asked for it.
    this.#ready.catch(() => {})
  }

  /** Its id in the system, or undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Whether it can still be asked. */
  get alive(): boolean {
    return this.#death === null
  }

  /** Whether it has done what it was asked ahead. */
  get warm(): boolean {
    return this.#warm
  }

  /** Makes a process that nobody waits for yet run its own code once. */
  warmUp(): void {
    this.#ahead(async () => {
      await this.#ask<void>({ kind: 'warm' }, this.#init.loadTimeoutMs, (reply, settle) => {
        if (reply.kind === 'warm') settle()
        return reply.kind === 'warm'
      })
      this.#warm = true
    })
  }

  /**
   * Hands a process that nobody waits for yet the module that it will probably be asked for.
   * @param allowanceBytes - as in {@link load}
   */
  loadAhead(request: LoadRequest, allowanceBytes: number): void {
    this.#warm = false
    this.#ahead(async () => {
      await this.#boundAndLoad(request, allowanceBytes)
      this.#warm = true
    })
  }

  /**
   * Waits until it has done what it was asked ahead.
   * @throws {TaskError} `bad_module`, `timeout` or `sandbox_died`
   */
  ready(): Promise<void> {
    return this.#ready
  }

  /**
   * Hands the process its module, after bounding its memory.
   * @param allowanceBytes - memory that it may have besides what an idle sandbox has
   * @throws {TaskError} `bad_module`, `timeout` or `sandbox_died`
   */
  async load(request: LoadRequest, allowanceBytes: number): Promise<void> {
    await this.#ready
    await this.#boundAndLoad(request, allowanceBytes)
  }

  /**
   * Runs units of the module.
   * @throws {TaskError} `timeout` when a unit takes longer than its backstop, `bad_output`, `bad_input` or `sandbox_died`
   */
  async run(request: RunRequestFrame, unitTimeoutMs: number): Promise<RunResult> {
    // A unit's start is known to within one progress interval.
    const backstopMs = unitTimeoutMs + PROGRESS_INTERVAL_MS
    let reached = 0
    return this.#ask<RunResult>(request, backstopMs, (reply, settle, fail) => {
      if (reply.kind === 'done') {
        checkOutputs(reply.outputs, request.inputs.length, request.unitFuelMax)
        settle({ outputs: reply.outputs, elapsedMs: reply.elapsedMs })
      } else if (reply.kind === 'overflow') {
        fail(overflow(request.firstUnit + reply.index))
      } else if (reply.kind === 'progress') {
        // Each one buys time, so there can be no more of them than units.
        if (reply.index <= reached || reply.index > request.inputs.length) this.#die(died('its progress made no sense'))
        else this.#setDeadline(backstopMs)
        reached = reply.index
        return false
      } else {
        return false
      }
      return true
    })
  }

  /**
   * Runs one unit for its developer.
   * @throws {TaskError} as {@link run}
   */
  async inspect(request: InspectRequest, unitTimeoutMs: number): Promise<Inspection> {
    return this.#ask<Inspection>(request, unitTimeoutMs, (reply, settle) => {
      if (reply.kind !== 'inspected') return false
      checkOutputs(reply.outputs, 1, request.unitFuelMax)
      const { outputs, elapsedMs, stderr, trace } = reply
      settle({ outputs, elapsedMs, stderr, trace, profile: pairs(reply.profile) })
      return true
    })
  }

  /** Ends the process at once; what it was asked is rejected with `failure`. */
  kill(failure: TaskError): void {
    this.#die(failure)
  }

  /** Does something as soon as it is up and has done what it was asked before. */
  #ahead(act: () => Promise<void>): void {
    this.#ready = this.#ready.then(act)
    // It may die without anybody waiting for it.
    this.#ready.catch(() => {})
  }

  async #boundAndLoad(request: LoadRequest, allowanceBytes: number): Promise<void> {
    await this.#boundMemory(allowanceBytes)
    await this.#ask<void>(request, this.#init.loadTimeoutMs, (reply, settle) => {
      // A process that met a module belongs to it, so with a refused one it is of no more use.
      if (reply.kind === 'refused') this.#die(refused(reply))
      if (reply.kind === 'loaded') settle()
      return reply.kind === 'loaded'
    })
  }

  async #boundMemory(allowanceBytes: number): Promise<void> {
    const { pid } = this.#child
    if (pid === undefined) return
    const onOver = (bytes: number) => {
      this.#die(died(`it held ${mib(bytes)} MiB, ${mib(allowanceBytes)} MiB beyond an idle one's are allowed`))
    }
    const unwatch = await boundMemory({
      clock: this.#clock,
      tools: this.#init.tools,
      pid,
      allowanceBytes,
      onOver,
    })
    if (this.alive) this.#unwatch = unwatch
    else unwatch()
  }

  #ask<T>(
    request: SandboxRequest,
    timeoutMs: number,
    take: (reply: SandboxReply, settle: (value: T) => void, fail: (failure: TaskError) => void) => boolean,
  ): Promise<T> {
    if (this.#death !== null) return Promise.reject(this.#death)
    let frame: Uint8Array
    try {
      frame = framed(request)
    } catch (thrown) {
      return Promise.reject(thrown)
    }
    const answer = this.#expect(timeoutMs, take)
    this.#child.stdin.write(frame)
    return answer
  }

  #expect<T>(
    timeoutMs: number,
    take: (reply: SandboxReply, settle: (value: T) => void, fail: (failure: TaskError) => void) => boolean,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#exchange = { take: reply => take(reply, resolve, reject), reject }
      this.#setDeadline(timeoutMs)
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
      const reply = decodeReply(bytes)
      if (reply.kind === 'trouble') this.#die(died(reply.reason))
      else if (this.#exchange.take(reply)) this.#finish()
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
    this.#unwatch()
    killGroup(this.#child)
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

/** Kills what has not ended yet, with whatever it may have started. */
function killGroup(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}

function pairs(values: readonly number[]): Inspection['profile'] {
  return values.flatMap((index, at) => (at % 2 === 0 ? [{ index, fuel: values[at + 1] ?? 0 }] : []))
}

function mib(bytes: number): number {
  return Math.round(bytes / 1_048_576)
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
