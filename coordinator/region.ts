/**
 * The shell around the departments: feeds them inputs with the time, commits what they leave in one transaction every few
 * milliseconds, and releases effects only after the commit. A failed commit is fatal: memory is then ahead of the disk, and
 * the only safe way back is a restart from the rows.
 */
import type { Clock } from '../protocol/index.ts'
import { Batch, type Effect } from './batch.ts'
import { CommitPace } from './commit-pace.ts'
import type { Fleet } from './fleet/fleet.ts'
import type { Jobs, Now } from './jobs/jobs.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Payouts } from './payout/index.ts'
import type { Pricing } from './pricing/index.ts'
import type { Sensing } from './sensing/sensing.ts'
import type { Log } from './settlement/log.ts'
import type { Store } from './store/rows.ts'

export interface RegionComponents {
  clock: Clock
  store: Pick<Store, 'commit'>
  /** The region's time never falls behind this, the wall time of the newest entry of the log, though the machine's clock may. */
  notBeforeMs: number
  /** Runs `fn` after the I/O events at hand, before timers. */
  defer(fn: () => void): void
  /** Called with the effects of a committed batch. */
  release(effects: readonly Effect[]): void
  /** The disk refused a commit; nothing of the batch was applied and the process must stop. */
  onFatal(error: unknown): void
}

export interface Departments {
  log: Log
  fleet: Fleet
  ledger: Ledger
  jobs: Jobs
  sensing: Sensing
  pricing: Pricing
  payouts: Payouts
}

export class Region {
  readonly log: Log
  readonly fleet: Fleet
  readonly ledger: Ledger
  readonly jobs: Jobs
  readonly sensing: Sensing
  readonly payouts: Payouts
  private readonly pricing: Pricing
  private readonly components: RegionComponents
  private batch = new Batch()
  private waiting: (() => void)[] = []
  private scheduled = false
  /** After a failed commit, or at the end. */
  private stopped = false
  private readonly pace = new CommitPace()
  private wallMs: number

  constructor(components: RegionComponents, departments: Departments) {
    this.components = components
    this.wallMs = components.notBeforeMs
    this.log = departments.log
    this.fleet = departments.fleet
    this.ledger = departments.ledger
    this.jobs = departments.jobs
    this.sensing = departments.sensing
    this.pricing = departments.pricing
    this.payouts = departments.payouts
  }

  /** Runs one step of the departments; what it leaves is committed soon. */
  step<Result>(work: (now: Now, batch: Batch) => Result): Result {
    const { clock } = this.components
    this.wallMs = Math.max(this.wallMs, clock.wallMs())
    const result = work({ wallMs: this.wallMs, monotonicMs: clock.monotonicMs() }, this.batch)
    this.scheduleCommit()
    return result
  }

  /** Resolves when everything stepped so far is on stable storage. */
  committed(): Promise<void> {
    return new Promise(resolve => {
      this.waiting.push(resolve)
      this.scheduleCommit()
    })
  }

  /** Whether nothing is committed any more, as after a failed commit. */
  get isStopped(): boolean {
    return this.stopped
  }

  /** Commits what has been stepped, and nothing any more: the store is about to close. */
  async stop(): Promise<void> {
    if (!this.stopped) await this.committed()
    this.stopped = true
  }

  private scheduleCommit(): void {
    if (this.scheduled || this.stopped) return
    this.scheduled = true
    const { clock, defer } = this.components
    const waitMs = this.pace.waitMs(clock.monotonicMs())
    if (waitMs === 0) defer(() => this.commit())
    else clock.setTimeout(() => this.commit(), waitMs)
  }

  private commit(): void {
    if (this.stopped) return
    this.scheduled = false
    const { clock } = this.components
    const startMs = clock.monotonicMs()
    const { batch, waiting } = this
    this.batch = new Batch()
    this.waiting = []
    this.jobs.flush(batch)
    this.sensing.flush(batch)
    this.fleet.flush(batch)
    this.ledger.flush(batch)
    this.pricing.flush(batch)
    this.log.append(batch.entries, batch)
    try {
      if (batch.writes.length > 0) this.components.store.commit(batch.writes)
    } catch (error) {
      this.stopped = true
      this.components.onFatal(error)
      return
    }
    this.pace.committed(startMs, clock.monotonicMs())
    this.components.release(batch.effects)
    for (const resolve of waiting) resolve()
  }
}
