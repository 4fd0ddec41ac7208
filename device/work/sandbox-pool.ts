import type { Timer } from '../../protocol/clock.ts'
import { cancelled } from './failures.ts'
import { type SandboxComponents, type SandboxInit, SandboxProcess } from './sandbox-process.ts'

/** A sandbox process and the module it belongs to, if any yet. */
export interface PooledSandbox {
  readonly process: SandboxProcess
  /** Names the loaded module and how it was prepared. Set once: no process ever holds a second module. */
  key: string | null
}

/** Settings of a pool. */
export interface PoolInit extends SandboxInit {
  /** Leases that run at the same time. */
  readonly slots: number
  /** After this long without work every process is ended, so that an idle device holds only its own memory. */
  readonly idleMs: number
}

/**
 * The sandbox processes of a device. A process belongs to one module, by hash, for its whole life, and is used again for whatever runs that very
 * module, in whichever job: code that breaks out of WebAssembly could then disturb only runs of itself, for people who
 * chose it, while jobs of one small unit do not pay for a process each. One more process waits without a module, because
 * starting one takes longer than a small job.
 */
export class SandboxPool {
  readonly #components: SandboxComponents
  readonly #init: PoolInit
  /** Least recently used first. */
  #idle: PooledSandbox[] = []
  #spare: PooledSandbox | null = null
  readonly #busy = new Set<PooledSandbox>()
  readonly #waiting = new Set<() => void>()
  #idleTimer: Timer | null = null
  #closed = false

  constructor(components: SandboxComponents, init: PoolInit) {
    this.#components = components
    this.#init = init
  }

  /**
   * Waits for a free slot and takes a process for it: the module's own, else one that has no module yet.
   * @throws {TaskError} `cancelled` when the pool is closed, or when `signal` aborts the wait
   */
  async take(key: string, signal?: AbortSignal): Promise<PooledSandbox> {
    while (!this.#closed && !signal?.aborted && this.#busy.size >= this.#init.slots) await this.#turn(signal)
    if (this.#closed || signal?.aborted) {
      // It may have been this one that the free slot was offered to.
      this.#wake()
      throw cancelled()
    }
    this.#idleTimer?.cancel()
    const sandbox = this.#ready(key)
    this.#busy.add(sandbox)
    return sandbox
  }

  /** Gives a process back, and makes the next one ready. */
  give(sandbox: PooledSandbox): void {
    this.#busy.delete(sandbox)
    if (this.#closed) {
      sandbox.process.kill(cancelled())
      return
    }
    if (sandbox.process.alive) {
      if (sandbox.key !== null) this.#idle.push(sandbox)
      else if (this.#liveSpare() === null) this.#spare = sandbox
      else sandbox.process.kill(cancelled())
    }
    this.#spare = this.#liveSpare() ?? this.#start()
    this.#evict()
    this.#wake()
    this.#idleTimer?.cancel()
    if (this.#busy.size === 0)
      this.#idleTimer = this.#components.clock.setTimeout(() => this.#endIdle(), this.#init.idleMs)
  }

  /** Kills every process and waits until they are gone. */
  async close(): Promise<void> {
    this.#closed = true
    this.#idleTimer?.cancel()
    for (const wake of this.#waiting) wake()
    const all = [...this.#busy, ...this.#endIdle()]
    for (const { process } of all) process.kill(cancelled())
    await Promise.all(all.map(({ process }) => process.exited))
  }

  /** Waits to be woken for a free slot, for the signal, or for the end. */
  async #turn(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    signal?.addEventListener('abort', () => resolve(), { once: true })
    await promise
    this.#waiting.delete(resolve)
  }

  #wake(): void {
    const [next] = this.#waiting
    next?.()
  }

  #ready(key: string): PooledSandbox {
    this.#idle = this.#idle.filter(({ process }) => process.alive)
    const index = this.#idle.findIndex(candidate => candidate.key === key)
    const [own] = index < 0 ? [] : this.#idle.splice(index, 1)
    if (own !== undefined) return own
    const spare = this.#liveSpare()
    this.#spare = null
    return spare ?? this.#start()
  }

  #liveSpare(): PooledSandbox | null {
    return this.#spare?.process.alive ? this.#spare : null
  }

  #start(): PooledSandbox {
    return { process: new SandboxProcess(this.#components, this.#init), key: null }
  }

  /** Besides the busy ones and the spare, keeps as many loaded processes as there are slots, and one for a second module. */
  #evict(): void {
    while (this.#idle.length + this.#busy.size > this.#init.slots + 1) this.#idle.shift()?.process.kill(cancelled())
  }

  #endIdle(): PooledSandbox[] {
    const ended = this.#spare === null ? this.#idle : [...this.#idle, this.#spare]
    this.#idle = []
    this.#spare = null
    for (const { process } of ended) process.kill(cancelled())
    return ended
  }
}
