/** Watches jobs and leases as they are committed: no unit is accepted twice, no end is taken back. */
import type { AcceptedRow, JobRow, LeaseState, Write } from '../../coordinator/store/index.ts'
import { isFinalState } from '../../protocol/index.ts'
import type { EventLog } from '../world/event-log.ts'
import { demand } from './broken.ts'

interface WatchedJob {
  row: JobRow
  /** One byte a unit: whether its result is accepted. */
  readonly accepted: Uint8Array
  readonly isTrusting: boolean
}

/** With the assumed share of saboteurs a device needs 41 before its word alone reaches 0.999; a few may still be on their way. */
const CHECKS_MIN = 30

export class WorkWatch {
  readonly #log: EventLog
  readonly #jobs = new Map<string, WatchedJob>()
  readonly #refs = new Map<string, string>()
  readonly #leases = new Map<number, LeaseState>()
  readonly #checksPassed = new Map<string, number>()

  constructor(log: EventLog) {
    this.#log = log
  }

  /** The state in which a lease was committed last. */
  leaseState(id: number): LeaseState | null {
    return this.#leases.get(id) ?? null
  }

  /** @throws {Broken} */
  committed(writes: readonly Write[]): void {
    for (const write of writes) {
      if (write.table === 'job') this.#noteJob(write.row)
      else if (write.table === 'device') this.#checksPassed.set(write.row.id, write.row.checksPassed)
    }
    for (const write of writes) {
      if (write.table === 'lease') this.#leases.set(write.row.id, write.row.state)
      else if (write.table === 'lease-state') this.#leases.set(write.id, write.state)
      else if (write.table === 'accepted-delete') {
        this.#log.sometimes('accepted units taken back')
        this.#mark(write.job, write.firstUnit, write.unitCount, 0)
      } else if (write.table === 'accepted') {
        this.#mark(write.row.job, write.row.firstUnit, write.row.unitCount, 1)
        this.#judgeWord(write.row)
      }
    }
    for (const write of writes) if (write.table === 'job') this.#judgeEnd(write.row)
  }

  /** In a job that asks for agreement one device's word counts alone only when it has proven itself. */
  #judgeWord({ job, solo, firstUnit }: AcceptedRow): void {
    const isTrusting = this.#jobs.get(job)?.isTrusting
    if (solo === null || isTrusting === true) return
    this.#log.sometimes('accepted on the word of one proven device')
    const checks = this.#checksPassed.get(solo) ?? 0
    demand(
      checks >= CHECKS_MIN,
      'word taken too early',
      () => `Unit ${firstUnit} of job ${job} was accepted from ${solo} alone after ${checks} checks.`,
    )
  }

  #noteJob(row: JobRow): void {
    const known = this.#jobs.get(row.id)
    if (known === undefined) {
      const name = `${row.submitter}/${row.ref}`
      demand(
        row.ref === '' || !this.#refs.has(name),
        'submitted twice',
        () => `${name} became ${this.#refs.get(name)} and ${row.id}.`,
      )
      this.#refs.set(name, row.id)
      const { verify } = JSON.parse(row.spec) as { verify: unknown }
      this.#jobs.set(row.id, { row, accepted: new Uint8Array(row.units), isTrusting: verify === 'trust' })
      return
    }
    const { state } = known.row
    demand(
      !isFinalState(state) || (state === row.state && known.row.resultSha256 === row.resultSha256),
      'end taken back',
      () => `Job ${row.id} was ${state} and is ${row.state} now.`,
    )
    known.row = row
  }

  #mark(job: string, first: number, count: number, mark: 0 | 1): void {
    const accepted = this.#jobs.get(job)?.accepted
    demand(
      accepted !== undefined && first + count <= accepted.length,
      'units',
      () => `${job} has no ${first}+${count}.`,
    )
    if (accepted === undefined) return
    const isTaken = mark === 1 && accepted.subarray(first, first + count).some(unit => unit === 1)
    demand(!isTaken, 'accepted twice', () => `Units ${first}+${count} of job ${job} were accepted before.`)
    accepted.fill(mark, first, first + count)
  }

  #judgeEnd({ id, state, spec }: JobRow): void {
    if (state !== 'done') return
    const accepted = this.#jobs.get(id)?.accepted
    demand(
      accepted?.every(unit => unit === 1) === true,
      'incomplete',
      () => `Job ${id} is done without all of its units (${spec.length}).`,
    )
  }
}
