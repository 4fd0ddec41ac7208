import { assert } from '../../protocol/index.ts'
import { MemorySensing } from './memory-sensing.ts'
import { type KnowsRow, MemorySettlement } from './memory-settlement.ts'
import { PendingRows } from './pending-rows.ts'
import type {
  AcceptedRow,
  AccountRow,
  ClaimRow,
  DeviceRow,
  ExclusionRow,
  JobRow,
  LeaseRow,
  OwnerRow,
  PassedOverRow,
  SubmitterRow,
  TransferRow,
  Write,
} from './rows.ts'
import { UndoLog } from './undo-log.ts'

/** The rows in memory, changed by whole commits that can be taken back. */
export class MemoryTables {
  readonly meta = new Map<string, string>()
  readonly claims = new Map<string, ClaimRow>()
  readonly devices = new Map<string, DeviceRow>()
  readonly submitters = new Map<string, SubmitterRow>()
  readonly owners = new Map<string, OwnerRow>()
  readonly jobs = new Map<string, JobRow>()
  readonly leases = new Map<number, LeaseRow>()
  readonly exclusions = new Map<string, ExclusionRow>()
  /** By scope and kind. */
  readonly passedOver = new Map<string, Map<string, PassedOverRow>>()
  readonly accounts = new Map<string, AccountRow>()
  readonly transfers = new Map<string, TransferRow>()
  private readonly accepted = new Map<string, Map<number, AcceptedRow>>()
  private readonly leaseIds = new Map<string, Set<number>>()
  private readonly undo = new UndoLog()
  private readonly pending = new PendingRows()
  private readonly transferIds = new Map<string, string>()
  readonly sensing = new MemorySensing(this.undo, id => this.devices.has(id))
  readonly settlement = new MemorySettlement(this.undo, (what, id) => this.knows(what, id))

  /**
   * Applies all or nothing.
   * @throws {AssertionError} on a row that must insert and is there already, an entry of the log that is not the next one, or a
   *   row that names one that is not there
   */
  commit(writes: readonly Write[]): void {
    const before = this.undo.mark()
    try {
      this.applyNamed(writes)
      for (const write of writes) this.apply(write)
      this.settlement.applyLast(this.pending)
    } catch (error) {
      this.undo.backTo(before)
      throw error
    } finally {
      this.pending.clear()
    }
  }

  /** Makes every commit so far final. */
  keep(): void {
    this.undo.forget()
  }

  /** Takes back every commit that is not final. */
  takeBack(): void {
    this.undo.backTo(0)
  }

  /** Accepted runs of a job by ascending first unit. */
  acceptedOf(job: string): AcceptedRow[] {
    return [...this.acceptedMap(job).values()].sort((a, b) => a.firstUnit - b.firstUnit)
  }

  /** Leases of a job by ascending id. */
  leasesOf(job: string): LeaseRow[] {
    const rows: LeaseRow[] = []
    for (const id of this.leaseIds.get(job) ?? []) {
      const row = this.leases.get(id)
      if (row) rows.push(row)
    }
    return rows.sort((a, b) => a.id - b.id)
  }

  /** The transfer for exactly this purpose. */
  transferFor(purpose: string): TransferRow | undefined {
    return this.transfers.get(this.transferIds.get(purpose) ?? '')
  }

  private applyNamed(writes: readonly Write[]): void {
    const { pending, undo } = this
    for (const write of writes) pending.take(write)
    for (const [key, value] of pending.meta) undo.set(this.meta, key, value)
    for (const [id, row] of pending.claims) undo.set(this.claims, id, { ...row })
    for (const [id, row] of pending.devices) undo.set(this.devices, id, { ...row })
    for (const [name, row] of pending.submitters) undo.set(this.submitters, name, { ...row })
    for (const [name, row] of pending.owners) undo.set(this.owners, name, { ...row })
    for (const [id, row] of pending.jobs) undo.set(this.jobs, id, { ...row, spec: this.jobs.get(id)?.spec ?? row.spec })
    for (const [id, row] of pending.accounts) undo.set(this.accounts, id, { ...row })
    this.sensing.applyNamed(pending)
    this.settlement.applyNamed(pending)
  }

  private apply(write: Write): void {
    switch (write.table) {
      case 'lease':
        this.lease(write.row)
        break
      case 'lease-state': {
        const row = this.leases.get(write.id)
        assert(row, `lease ${write.id} is there before its state changes`)
        const { state, digest, outputs } = write
        this.undo.set(this.leases, write.id, { ...row, state, digest, outputs })
        break
      }
      case 'exclusion': {
        const { job, device } = write.row
        this.knows('job', job)
        this.knows('device', device)
        this.undo.set(this.exclusions, `${job}/${device}`, { ...write.row })
        break
      }
      case 'passed-over':
        this.undo.set(this.passedOverMap(write.row.scope), write.row.kind, { ...write.row })
        break
      case 'accepted':
        this.knows('job', write.row.job)
        this.undo.set(this.acceptedMap(write.row.job), write.row.firstUnit, { ...write.row })
        break
      case 'accepted-delete':
        this.knows('job', write.job)
        this.deleteAccepted(write.job, write.firstUnit, write.firstUnit + write.unitCount)
        break
      case 'transfer':
        this.transfer(write.row)
        break
      default:
        this.sensing.apply(write)
        this.settlement.apply(write)
    }
  }

  private lease(row: LeaseRow): void {
    this.knows('device', row.device)
    this.knows('job', row.job)
    this.undo.set(this.leases, row.id, { ...row })
    const ids = this.leaseIds.get(row.job) ?? new Set()
    this.leaseIds.set(row.job, ids.add(row.id))
  }

  private deleteAccepted(job: string, first: number, end: number): void {
    const runs = this.acceptedMap(job)
    const inside = [...runs.values()].filter(run => run.firstUnit >= first && run.firstUnit + run.unitCount <= end)
    for (const run of inside) this.undo.delete(runs, run.firstUnit)
  }

  private transfer(row: TransferRow): void {
    const { id, purpose, debit, credit } = row
    assert(!this.transferIds.has(purpose), `a commit keeps the rules of the schema: transfer ${id} is there already`)
    this.knows('account', debit)
    this.knows('account', credit)
    this.undo.set(this.transferIds, purpose, id)
    this.undo.set(this.transfers, id, { ...row })
  }

  private knows(...[what, id]: Parameters<KnowsRow>): void {
    assert(id === null || this.has(what, id), `${what} ${id} is there before rows that name it`)
  }

  private has(what: Parameters<KnowsRow>[0], id: string | number): boolean {
    if (what === 'lease') return this.leases.has(Number(id))
    const name = String(id)
    if (what === 'campaign' || what === 'sensor') return this.sensing.has(what, name)
    return this[`${what}s`].has(name)
  }

  private passedOverMap(scope: string): Map<string, PassedOverRow> {
    let rows = this.passedOver.get(scope)
    if (rows === undefined) {
      rows = new Map()
      this.passedOver.set(scope, rows)
    }
    return rows
  }

  private acceptedMap(job: string): Map<number, AcceptedRow> {
    const found = this.accepted.get(job)
    if (found) return found
    const made = new Map<number, AcceptedRow>()
    this.accepted.set(job, made)
    return made
  }
}
