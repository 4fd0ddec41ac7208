/** What a bench starts and leaves behind: child processes and folders, all gone at its end, however it ends. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A child ends by itself within this time after it was asked to; then it is killed. */
const STOP_TIMEOUT_MS = 10_000

export interface Child {
  readonly process: ChildProcess
  readonly pid: number
  /** Asks it to stop and waits until it is gone. */
  stop(): Promise<void>
}

export class Workplace {
  readonly #name: string
  readonly #undo: (() => Promise<void> | void)[] = []
  /** Killed at once when this process must end. */
  readonly #children = new Set<ChildProcess>()
  readonly #folders = new Set<string>()

  constructor(name: string) {
    this.#name = name
    process.on('exit', this.#abandon)
  }

  /** A new empty folder. */
  folder(): string {
    const path = mkdtempSync(join(tmpdir(), `hedgerow-bench-${this.#name}-`))
    this.#folders.add(path)
    this.atEnd(() => {
      rmSync(path, { recursive: true, force: true, maxRetries: 3 })
      this.#folders.delete(path)
    })
    return path
  }

  /** Starts a child process; what it writes to its standard error goes to ours. */
  spawn(command: string, args: readonly string[], options: SpawnOptions = {}): Child {
    return this.adopt(spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options }))
  }

  /** Takes charge of a child process that somebody else started. */
  adopt(child: ChildProcess): Child {
    const { pid } = child
    if (pid === undefined) throw new Error(`${child.spawnfile} could not be started; is it installed?`)
    this.#children.add(child)
    const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
    child.once('exit', () => this.#children.delete(child))
    const stop = async (): Promise<void> => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      await gone
      clearTimeout(timer)
    }
    this.atEnd(stop)
    return { process: child, pid, stop }
  }

  /** Runs at the end of the bench, the last one first. */
  atEnd(undo: () => Promise<void> | void): void {
    this.#undo.push(undo)
  }

  /** Stops and removes everything. What cannot be stopped does not keep the rest from it. */
  async clear(): Promise<void> {
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) {
      try {
        await undo()
      } catch (error) {
        this.say(`cleaning up: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    process.off('exit', this.#abandon)
  }

  /** Tells people how far the bench is; standard output is for its result. */
  say(text: string): void {
    process.stderr.write(`${this.#name}: ${text}\n`)
  }

  readonly #abandon = (): void => {
    for (const child of this.#children) child.kill('SIGKILL')
    for (const path of this.#folders) rmSync(path, { recursive: true, force: true })
  }
}

/** A TCP port of the loopback address that was free just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port)
        else reject(new Error('The system gave no port.'))
      })
    })
  })
}

/** Asks again until there is an answer. @throws {Error} saying `what` did not happen in time */
export async function until<T>(what: string, timeoutMs: number, ask: () => T | null | Promise<T | null>): Promise<T> {
  const giveUpAt = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== null) return answer
    if (performance.now() > giveUpAt) throw new Error(`${what} did not happen within ${timeoutMs / 1000} s.`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
