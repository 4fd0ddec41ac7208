import type { Timer } from '../../protocol/clock.ts'
import type { JobId } from '../../protocol/ids.ts'
import type { LoadRequest } from '../sandbox/ipc.ts'
import { cancelled } from './failures.ts'
import { type SandboxComponents, type SandboxInit, SandboxProcess } from './sandbox-process.ts'

/**
 * Spares are started after so long without work. Starting and ending processes holds the device's own up for some milliseconds, in which
 * the result of a job of one small unit is on its way, and takes processor time that others on the same machine need for the rest of the
 * job: one that has run out of work is often only the first of them.
 */
const SPARES_QUIET_MS = 50
/** While there is always work, spares for the next job are started so long after they were wanted. */
const SPARES_AT_LATEST_MS = 2_000

/** A sandbox process and what it belongs to. Neither changes any more: no process serves a second job or holds a second module. */
export interface PooledSandbox {
  readonly process: SandboxProcess
  /** The job that it works for, or null while it is a spare. */
  job: JobId | null
  /** Names the module that was loaded, and how, or null. */
  module: string | null
}

/** What a lease needs of a process. */
export interface SandboxWish {
  readonly job: JobId
  /** Names the module and how it is loaded. */
  readonly module: string
  readonly load: LoadRequest
  /** Memory that the process may have besides what an idle one has. */
  readonly allowanceBytes: number
}

/** Settings of a pool. */
export interface PoolInit extends SandboxInit {
  /** Leases that run at the same time. */
  readonly slots: number
  /** After this long without work every process is ended, so that an idle device holds only its own memory. */
  readonly idleMs: number
}

/**
 * The sandbox processes of a device. A process belongs to one job and one of its modules for its whole life, and is used again for that job's
 * leases only: code that breaks out of WebAssembly meets nobody else's work. Two more wait, started and warmed up while others work, so
 * that a job's first lease does not pay for the start: one that has already loaded the module of the last job, since jobs
 * of one module often follow each other, and one that has none.
 */
export class SandboxPool {
  readonly #components: SandboxComponents
  readonly #init: PoolInit
  /** Least recently used first. */
  #idle: PooledSandbox[] = []
  #spares: PooledSandbox[] = []
  readonly #busy = new Set<PooledSandbox>()
  readonly #waiting = new Set<() => void>()
  #idleTimer: Timer | null = null
  #spareTimer: Timer | null = null
  /** Until when spares are to be started; null while none are wanted. */
  #sparesDueMs: number | null = null
  /** The module that a spare is to load. */
  #nextWish: SandboxWish | null = null
  #closed = false

  constructor(components: SandboxComponents, init: PoolInit) {
    this.#components = components
    this.#init = init
  }

  /**
   * Waits for a free slot and takes a process for it: the job's own, else a spare. It is the caller's to load the module where the
   * process has none.
   * @throws {TaskError} `cancelled` when the pool is closed, or when `signal` aborts the wait
   */
  async take(wish: SandboxWish, signal?: AbortSignal): Promise<PooledSandbox> {
    while (!this.#closed && !signal?.aborted && this.#busy.size >= this.#init.slots) await this.#turn(signal)
    if (this.#closed || signal?.aborted) {
      // It may have been this one that the free slot was offered to.
      this.#wake()
      throw cancelled()
    }
    this.#idleTimer?.cancel()
    const sandbox = this.#own(wish) ?? this.#unused(wish)
    this.#busy.add(sandbox)
    this.#setSpareTimer()
    return sandbox
  }

  /** Tells that a module could be loaded, so that a spare may load it too. */
  loaded(wish: SandboxWish): void {
    if (this.#spares.some(spare => spare.module === wish.module && isAlive(spare))) return
    this.#nextWish = wish
    this.#startSparesLater()
  }

  /** Gives a process back. */
  give(sandbox: PooledSandbox): void {
    this.#busy.delete(sandbox)
    if (this.#closed) {
      sandbox.process.kill(cancelled())
      return
    }
    if (isAlive(sandbox)) this.#idle.push(sandbox)
    this.#wake()
    this.#setSpareTimer()
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

  /** The process that has worked for this job with this module. */
  #own({ job, module }: SandboxWish): PooledSandbox | undefined {
    this.#idle = this.#idle.filter(isAlive)
    return takeOut(this.#idle, sandbox => sandbox.job === job && sandbox.module === module)
  }

  /** The spare that suits best, or a new process where there is none. More spares will follow. */
  #unused(wish: SandboxWish): PooledSandbox {
    this.#spares = this.#spares.filter(isAlive)
    const [best] = this.#spares.filter(({ module }) => module === wish.module || module === null).sort(bySuitability)
    const sandbox = takeOut(this.#spares, spare => spare === best) ?? this.#start()
    sandbox.job = wish.job
    this.#startSparesLater()
    return sandbox
  }

  #startSparesLater(): void {
    if (this.#closed) return
    this.#sparesDueMs ??= this.#components.clock.monotonicMs() + SPARES_AT_LATEST_MS
    this.#setSpareTimer()
  }

  #setSpareTimer(): void {
    if (this.#sparesDueMs === null) return
    const { clock } = this.#components
    const leftMs = Math.max(0, this.#sparesDueMs - clock.monotonicMs())
    this.#spareTimer?.cancel()
    const delayMs = this.#busy.size === 0 ? Math.min(SPARES_QUIET_MS, leftMs) : leftMs
    this.#spareTimer = clock.setTimeout(() => this.#startSpares(), delayMs)
  }

  #startSpares(): void {
    this.#spareTimer = null
    this.#sparesDueMs = null
    this.#evict()
    this.#spares = this.#spares.filter(isAlive)
    if (!this.#spares.some(({ module }) => module === null)) this.#startSpare(null)
    if (this.#nextWish === null) return
    const { module } = this.#nextWish
    const others = this.#spares.filter(spare => spare.module !== null && spare.module !== module)
    for (const { process } of others) process.kill(cancelled())
    this.#spares = this.#spares.filter(isAlive)
    if (!this.#spares.some(spare => spare.module === module)) this.#startSpare(this.#nextWish)
    this.#nextWish = null
  }

  #startSpare(wish: SandboxWish | null): void {
    const spare = this.#start()
    spare.process.warmUp()
    if (wish !== null) {
      spare.module = wish.module
      spare.process.loadAhead(wish.load, wish.allowanceBytes)
    }
    this.#spares.push(spare)
  }

  #start(): PooledSandbox {
    return { process: new SandboxProcess(this.#components, this.#init), job: null, module: null }
  }

  /** Besides the spares, keeps as many processes as there are slots, and one for another job whose leases alternate with theirs. */
  #evict(): void {
    while (this.#idle.length + this.#busy.size > this.#init.slots + 1) this.#idle.shift()?.process.kill(cancelled())
  }

  #endIdle(): PooledSandbox[] {
    this.#spareTimer?.cancel()
    this.#spareTimer = null
    this.#sparesDueMs = null
    this.#nextWish = null
    const ended = [...this.#idle, ...this.#spares]
    this.#idle = []
    this.#spares = []
    for (const { process } of ended) process.kill(cancelled())
    return ended
  }
}

function isAlive({ process }: PooledSandbox): boolean {
  return process.alive
}

/** One that has been warmed up before one that has not, then one that has the module. */
function bySuitability(left: PooledSandbox, right: PooledSandbox): number {
  const rank = ({ process, module }: PooledSandbox) => (process.warm ? 0 : 2) + (module === null ? 1 : 0)
  return rank(left) - rank(right)
}

/** Takes the first that fits out of the list. */
function takeOut(list: PooledSandbox[], fits: (sandbox: PooledSandbox) => boolean): PooledSandbox | undefined {
  const index = list.findIndex(fits)
  return index < 0 ? undefined : list.splice(index, 1)[0]
}
