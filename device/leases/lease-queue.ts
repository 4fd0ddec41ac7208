/** The leases in this device's hands: waiting, running in a slot, or being handed back. */
import {
  AssertionError,
  assert,
  type Clock,
  type LeaseMessage,
  LIMITS,
  METERING_VERSION,
  messageOf,
  type Timer,
} from '../../protocol/index.ts'
import type { Blobs } from '../blobs/index.ts'
import { Emitter } from '../emitter.ts'
import type { Log } from '../log.ts'
import type { Runner, RunRequest, RunResult } from '../work/runner.ts'
import {
  finishLease,
  leaseOfOtherRules,
  leaseWhilePaused,
  leaseWithoutResult,
  travelsAsBlob,
  uploadLease,
} from './finish-lease.ts'
import { joinedRequest, joinLeases } from './join-leases.ts'
import type { FinishedLease, HeldLease, LeaseRun } from './lease.ts'
import { ModuleShelf } from './module-shelf.ts'
import { prepareAhead } from './prepare-ahead.ts'
import { prepareLease, runRequest } from './prepare-lease.ts'
import { RecentIds } from './recent-ids.ts'
import { type LeaseShare, shareRun, unitsOf } from './share-run.ts'
import { UnitTimes } from './unit-times.ts'
import { watchDeadlines } from './watch-deadlines.ts'

export interface LeaseQueueComponents {
  readonly clock: Clock
  readonly blobs: Blobs
  /** Called at the first lease, so that a device without work loads nothing of the sandbox. */
  createRunner(): Promise<Runner>
  readonly log: Log
}

export interface LeaseQueueInit {
  /** Runs at the same time; short leases of one task may share a run. */
  readonly slots: number
}

/** That no lease is begun, and what becomes of those at hand. */
export interface WorkPause {
  /** As the end of a sentence whose beginning is "takes no work: ". */
  readonly reason: string
  /** Which leases go back to the region at once, for somebody else to do: none, those that wait, or those that run as well. */
  readonly returns: 'none' | 'waiting' | 'all'
}

export type LeaseQueueEvents = {
  /** A lease has a result, or none for a reason. Leases that were called off say nothing. */
  finished: FinishedLease
  /** Nothing waits, runs or is being handed back. */
  drained: null
}

/** More than this the region has miscounted; the surplus runs out by itself. */
const HELD_MAX = 2 * LIMITS.creditLeasesMax
/** Longest delay that timers take; a lease of more than 24 days has no deadline that matters. */
const LEASE_MS_MAX = 2 ** 31 - 1
/** Modules leave the memory after this long without work. */
const REST_AFTER_MS = 30_000
/** Runs whose results are on their way to the blob store beside the slots; each holds its outputs in memory. */
const UPLOADS_MAX = 2

export class LeaseQueue {
  readonly events = new Emitter<LeaseQueueEvents>()
  readonly #components: LeaseQueueComponents
  readonly #slots: number
  readonly #modules: ModuleShelf
  readonly #seen = new RecentIds(8 * HELD_MAX)
  readonly #unitTimes = new UnitTimes()
  #waiting: HeldLease[] = []
  readonly #running = new Set<LeaseRun>()
  readonly #uploading = new Set<LeaseRun>()
  #runner: Promise<Runner> | null = null
  #rest: Timer | null = null
  #pause: WorkPause | null = null
  #closed = false

  constructor(components: LeaseQueueComponents, init: LeaseQueueInit) {
    this.#components = components
    this.#slots = init.slots
    this.#modules = new ModuleShelf(components.blobs)
  }

  /** Leases that wait. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Leases that run. */
  get running(): number {
    return leasesIn(this.#running)
  }

  /** Takes leases; one that came before, as MQTT may deliver twice, is not taken again. */
  add(message: LeaseMessage): void {
    const now = this.#components.clock.monotonicMs()
    let held = this.#held()
    for (const grant of message.grants) {
      const task = message.tasks[grant.task]
      if (task === undefined || !this.#seen.add(grant.leaseId)) continue
      if (held >= HELD_MAX) {
        this.#components.log({ level: 'warn', event: 'lease_surplus', leaseId: grant.leaseId, held })
        continue
      }
      const deadlineMs = now + Math.min(grant.leaseMs, LEASE_MS_MAX)
      const lease: HeldLease = { grant, task, deadlineMs, dropped: false, alone: false, preparation: null }
      if (task.metering !== METERING_VERSION) {
        this.#report(lease, leaseOfOtherRules(lease))
        continue
      }
      this.#waiting.push(lease)
      held += 1
    }
    this.#returnWaiting()
    this.#pump()
  }

  /** Drops what waits, and stops a run that nobody else needs; nothing is reported of these leases. */
  cancel(leaseIds: readonly number[]): void {
    const ids = new Set(leaseIds)
    this.#callOff(lease => ids.has(lease.grant.leaseId))
  }

  /** Drops everything. */
  clear(): void {
    this.#callOff(() => true)
  }

  /** Starts nothing while there is a pause; null ends it. */
  pause(pause: WorkPause | null): void {
    this.#pause = pause
    this.#returnWaiting()
    if (pause?.returns === 'all') this.#returnRunning(pause)
    this.#pump()
  }

  /** Drops everything and ends the sandboxes. */
  async close(): Promise<void> {
    this.#closed = true
    this.clear()
    this.#rest?.cancel()
    const runner = await this.#runner?.catch(() => null)
    await runner?.close()
  }

  #held(): number {
    return this.#waiting.length + leasesIn(this.#running) + leasesIn(this.#uploading)
  }

  #callOff(chosen: (lease: HeldLease) => boolean): void {
    for (const lease of this.#waiting) if (chosen(lease)) drop(lease)
    for (const run of [...this.#running, ...this.#uploading]) {
      for (const lease of run.leases) if (chosen(lease)) drop(lease)
      stopIfUnwanted(run)
    }
    this.#waiting = this.#waiting.filter(lease => !lease.dropped)
    this.#pump()
  }

  /** What waits for the end of a pause would be late; the region has it done elsewhere. */
  #returnWaiting(): void {
    if (this.#pause === null || this.#pause.returns === 'none') return
    const waiting = this.#waiting
    this.#waiting = []
    for (const lease of waiting) this.#return(lease, this.#pause)
  }

  /** Results that are on their way to the blob store already go on. */
  #returnRunning(pause: WorkPause): void {
    for (const run of this.#running) {
      for (const lease of run.leases) if (!lease.dropped) this.#return(lease, pause)
      stopIfUnwanted(run)
    }
  }

  #return(lease: HeldLease, { reason }: WorkPause): void {
    this.#report(lease, leaseWhilePaused(lease, reason))
    drop(lease)
  }

  #pump(): void {
    if (this.#closed) return
    if (this.#pause === null) this.#startRuns()
    if (this.#held() === 0) this.#drained()
  }

  #startRuns(): void {
    while (this.#running.size < this.#slots) {
      const lease = this.#next()
      if (lease === undefined) break
      void this.#run({ leases: this.#join(lease), abort: new AbortController() })
    }
    prepareAhead(this.#waiting, this.#slots, this.#modules, this.#components.blobs)
  }

  #drained(): void {
    this.#rest?.cancel()
    this.#rest = this.#components.clock.setTimeout(() => this.#modules.clear(), REST_AFTER_MS)
    this.events.emit('drained', null)
  }

  #next(): HeldLease | undefined {
    const now = this.#components.clock.monotonicMs()
    for (;;) {
      const lease = this.#waiting.shift()
      if (lease === undefined || lease.deadlineMs > now) return lease
      this.#expire(lease)
    }
  }

  #join(first: HeldLease): readonly HeldLease[] {
    const freeSlots = this.#slots - this.#running.size
    return joinLeases(first, this.#waiting, this.#modules, {
      unitMs: this.#unitTimes.of(first.task.job),
      leasesMax: Math.ceil((1 + this.#waiting.length) / freeSlots),
      nowMs: this.#components.clock.monotonicMs(),
    })
  }

  #expire(lease: HeldLease): void {
    this.#components.log({ level: 'info', event: 'lease_expired', leaseId: lease.grant.leaseId })
    drop(lease)
  }

  async #run(run: LeaseRun): Promise<void> {
    const { clock } = this.#components
    this.#running.add(run)
    const startedMs = clock.monotonicMs()
    const watch = watchDeadlines(clock, run, lease => {
      this.#expire(lease)
      stopIfUnwanted(run)
    })
    try {
      const request = await this.#request(run)
      const runner = await this.#openRunner()
      const result = await runner.run(request, run.abort.signal)
      this.#learn(run, result.elapsedMs)
      await this.#handIn(run, result)
    } catch (thrown) {
      if (thrown instanceof AssertionError) throw thrown
      const elapsedMs = clock.monotonicMs() - startedMs
      if (run.leases.length > 1) this.#separate(run, thrown)
      else for (const lease of run.leases) this.#report(lease, leaseWithoutResult(lease, thrown, elapsedMs))
    } finally {
      watch.cancel()
      this.#running.delete(run)
      this.#uploading.delete(run)
    }
    this.#pump()
  }

  async #request({ leases }: LeaseRun): Promise<RunRequest> {
    const atHand = joinedRequest(leases, this.#modules)
    if (atHand !== null) return atHand
    const [lease] = leases
    assert(lease !== undefined && leases.length === 1, 'leases are joined when nothing has to be fetched for them')
    lease.preparation ??= prepareLease(lease, this.#modules, this.#components.blobs)
    return runRequest(lease, await lease.preparation.prepared)
  }

  #openRunner(): Promise<Runner> {
    if (this.#runner === null) {
      this.#runner = this.#components.createRunner()
      // A sandbox that could not be made is tried again with the next lease.
      this.#runner.catch(() => {
        this.#runner = null
      })
    }
    return this.#runner
  }

  #learn({ leases }: LeaseRun, elapsedMs: number): void {
    const [first] = leases
    if (first !== undefined) this.#unitTimes.learn(first.task.job, unitsOf(leases), elapsedMs)
  }

  async #handIn(run: LeaseRun, result: RunResult): Promise<void> {
    const uploads: LeaseShare[] = []
    for (const share of shareRun(run.leases, result)) {
      if (share.lease.dropped) continue
      if (travelsAsBlob(share.run)) uploads.push(share)
      else this.#report(share.lease, finishLease(share.lease, share.run))
    }
    if (uploads.length > 0) this.#freeSlotForUpload(run)
    for (const share of uploads) await this.#upload(run, share)
  }

  async #upload(run: LeaseRun, share: LeaseShare): Promise<void> {
    const { lease } = share
    try {
      const { blobs } = this.#components
      this.#report(lease, await uploadLease(lease, share.run, blobs, run.abort.signal))
    } catch (thrown) {
      if (thrown instanceof AssertionError) throw thrown
      this.#report(lease, leaseWithoutResult(lease, thrown, share.run.elapsedMs))
    }
  }

  #freeSlotForUpload(run: LeaseRun): void {
    if (this.#uploading.size >= UPLOADS_MAX) return
    this.#running.delete(run)
    this.#uploading.add(run)
    this.#pump()
  }

  /** One lease's fault must not cost the others their results: each of them runs once more, alone. */
  #separate({ leases }: LeaseRun, thrown: unknown): void {
    const left = leases.filter(lease => !lease.dropped)
    const [first] = left
    if (first === undefined) return
    this.#components.log({ level: 'info', event: 'run_separated', leases: left.length, reason: messageOf(thrown) })
    // Until runs have shown otherwise, a unit of this job may take as long as it is allowed to.
    this.#unitTimes.learn(first.task.job, 1, first.task.unitTimeoutMs)
    for (const lease of left) lease.alone = true
    this.#waiting.unshift(...left)
    this.#returnWaiting()
  }

  #report(lease: HeldLease, result: FinishedLease['result']): void {
    if (!lease.dropped) this.events.emit('finished', { lease, result })
  }
}

function leasesIn(runs: ReadonlySet<LeaseRun>): number {
  let leases = 0
  for (const run of runs) leases += run.leases.length
  return leases
}

function drop(lease: HeldLease): void {
  lease.dropped = true
  lease.preparation?.abort.abort()
}

function stopIfUnwanted(run: LeaseRun): void {
  if (run.leases.every(lease => lease.dropped)) run.abort.abort()
}
