/** Reads from the rows of every commit what the region does: jobs, leases, units, money and verdicts. Counts begin at the start. */
import type { Clock } from '../../protocol/index.ts'
import type { JobRow, Store, Write } from '../store/rows.ts'
import { counter, type Family, gauge } from './exposition.ts'
import { COUNTS, Histogram, LONG_SECONDS, SECONDS } from './histogram.ts'
import { Tally } from './tally.ts'

const MS_PER_SECOND = 1_000
const MICRO_PER_CREDIT = 1_000_000

export class CommitMeter {
  private readonly clock: Clock
  private readonly rows = new Histogram('hedgerow_commit_rows', 'Rows of one commit.', COUNTS)
  private readonly seconds = new Histogram(
    'hedgerow_commit_duration_seconds',
    'Time that one commit took, until it was on stable storage.',
    SECONDS,
  )
  private readonly queueWait = new Histogram(
    'hedgerow_job_queue_wait_seconds',
    'From taking a job to handing out its first lease.',
    LONG_SECONDS,
  )
  private readonly leases = new Tally(
    'hedgerow_leases_total',
    'Leases that came into a state; each is counted once for every state it passes.',
    ['state'],
    ['out', 'returned', 'accepted', 'rejected', 'expired', 'cancelled', 'failed'],
  )
  private readonly jobs = new Tally(
    'hedgerow_jobs_total',
    'Jobs that were taken, and that ended, by how.',
    ['event'],
    ['taken', 'done', 'failed', 'cancelled'],
  )
  private readonly transfers = new Tally('hedgerow_transfers_total', 'Transfers of the ledger.', ['kind', 'phase'])
  private readonly readings = new Tally(
    'hedgerow_judged_readings_total',
    'Readings that campaigns have judged, in the first judgement of each window.',
    ['verdict'],
    ['accepted', 'rejected'],
  )
  private units = 0
  private fuel = 0
  private paidMicro = 0
  /** Jobs that are not over, with the time they were taken while nothing of them was handed out. */
  private readonly running = new Map<string, number | null>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** The same store, its commits measured. */
  measure(store: Store): Store {
    for (const { id, createdAtMs, leases } of store.jobs({ states: ['running', 'aggregating'] })) {
      this.running.set(id, leases === 0 ? createdAtMs : null)
    }
    const commit = (writes: readonly Write[]): void => {
      const startedMs = this.clock.monotonicMs()
      store.commit(writes)
      this.seconds.observe((this.clock.monotonicMs() - startedMs) / MS_PER_SECOND)
      this.rows.observe(writes.length)
      for (const write of writes) this.note(write)
    }
    return { ...store, commit }
  }

  /** How long the job has waited that nothing was handed out of, of those the longest; 0 when there is none. */
  private longestWaitSeconds(): number {
    const waiting = [...this.running.values()].filter(takenMs => takenMs !== null)
    const oldestMs = Math.min(...waiting, this.clock.wallMs())
    return (this.clock.wallMs() - oldestMs) / MS_PER_SECOND
  }

  families(): Family[] {
    return [
      this.rows.family(),
      this.seconds.family(),
      this.jobs.family(),
      this.queueWait.family(),
      ...gauge(
        'hedgerow_job_queue_oldest_seconds',
        'How long the job has waited that nothing was handed out of; 0 when there is none.',
        this.longestWaitSeconds(),
      ),
      this.leases.family(),
      counter('hedgerow_units_verified_total', 'Units whose answer was decided.', this.units),
      counter('hedgerow_fuel_verified_total', 'Fuel of the units whose answer was decided, each once.', this.fuel),
      this.readings.family(),
      this.transfers.family(),
      counter('hedgerow_paid_credits_total', 'Credits that devices earned.', this.paidMicro / MICRO_PER_CREDIT),
    ]
  }

  private note(write: Write): void {
    switch (write.table) {
      case 'job':
        this.noteJob(write.row)
        break
      case 'lease':
        this.leases.add([write.row.state])
        this.noteFirstLease(write.row.job)
        break
      case 'lease-state':
        this.leases.add([write.state])
        break
      case 'accepted':
        this.units += write.row.unitCount
        this.fuel += write.row.fuel
        break
      case 'transfer':
        this.transfers.add([write.row.kind, write.row.phase])
        if (write.row.kind === 'pay' && (write.row.phase === 'single' || write.row.phase === 'post')) {
          this.paidMicro += Number(write.row.amountMicro)
        }
        break
      case 'judgement':
        if (write.row.revision !== 1) break
        this.readings.add(['accepted'], write.row.accepted)
        this.readings.add(['rejected'], write.row.readings - write.row.accepted)
        break
    }
  }

  private noteJob({ id, state, createdAtMs }: JobRow): void {
    const isOver = state === 'done' || state === 'failed' || state === 'cancelled'
    const isKnown = this.running.has(id)
    if (!isKnown && !isOver) {
      this.jobs.add(['taken'])
      this.running.set(id, createdAtMs)
    }
    if (isKnown && isOver) {
      this.jobs.add([state])
      this.running.delete(id)
    }
  }

  private noteFirstLease(job: string): void {
    const takenMs = this.running.get(job)
    if (takenMs === null || takenMs === undefined) return
    this.queueWait.observe(Math.max(0, this.clock.wallMs() - takenMs) / MS_PER_SECOND)
    this.running.set(job, null)
  }
}
