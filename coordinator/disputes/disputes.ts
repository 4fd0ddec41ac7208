/**
 * The disputes department: owners and submitters who think that a result or a verdict was decided wrongly put a deposit down, the region
 * looks again, and whoever is right gets what is due. It looks again by itself at what caught devices alone have answered. Pure like the other departments; the shell reads files and prepares second looks.
 */
import type { JobId, OwnerName } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { PreparedJob } from '../jobs/job.ts'
import type { Now } from '../jobs/jobs.ts'
import type { KeptLease } from '../jobs/retrial.ts'
import { SLASHED } from '../ledger/ledger.ts'
import type { DisputeRow } from '../store/rows.ts'
import type { CaseFile } from './case-file.ts'
import {
  accountOf,
  credits,
  type DisputeDesk,
  depositPurpose,
  disputeEscrow,
  disputeId,
  type Ending,
  type OpenDispute,
  type Party,
  partyOf,
  type Subject,
  subjectOf,
  subjectText,
} from './dispute.ts'
import { disputedBefore, leaseObstacle, secondLookMicro, standingObstacle } from './lease-terms.ts'
import { type Refusal, refuse } from './refusal.ts'
import { fundSecondLook, regionFundsMicro } from './region-fund.ts'
import { settleLease, settleUndecided } from './settle-lease.ts'
import { isMoving, type Rehearing, settleVerdict } from './settle-verdict.ts'
import type { VerdictFile } from './verdict-file.ts'
import { verdictObstacle } from './verdict-terms.ts'

export type DisputeOutcome = { readonly ok: true; readonly row: DisputeRow } | Refusal

/** Where an open dispute stands. */
export type DisputeStage = 'waits_for_job' | 'waits_for_dispute' | 'second_look' | 'recomputing'

/** Each may keep devices of other owners at work; more than this at once is rather an attack than a complaint. */
const OPEN_PER_ACCOUNT_MAX = 16
/** Second looks that the region opens itself keep devices from other work, and nobody waits for them. */
export const OPEN_OF_REGION_MAX = 4
/** Each holds a file in memory, and a region that is disputed more often has another problem. */
const OPEN_MAX = 1_000
/** A deposit that nobody has decided about goes back after this: longer than jobs run. */
const DEPOSIT_MS = 30 * 86_400_000
/** A dispute ends so long before its deposit does. */
const LAPSE_MS = 60_000
/** Devices of other owners get a holdback window to look again, and never less than this. */
const SECOND_LOOK_MS_MIN = 600_000

export class Disputes {
  private readonly desk: DisputeDesk
  /** In the order in which they were opened. */
  private readonly open = new Map<string, OpenDispute>()

  /** @param restored - the disputes that were open when the coordinator ended */
  constructor(desk: DisputeDesk, restored: Iterable<DisputeRow>) {
    this.desk = desk
    const inOrder = [...restored].sort((a, b) => a.openedAtMs - b.openedAtMs || (a.id < b.id ? -1 : 1))
    for (const row of inOrder) this.open.set(row.id, { row, file: null, asked: false, sinceMs: null })
  }

  /** A dispute that is open. Those that have ended are rows only. */
  active(id: string): DisputeRow | undefined {
    return this.open.get(id)?.row
  }

  get size(): number {
    return this.open.size
  }

  /** Whether a dispute about a job is open. */
  isAbout(job: JobId): boolean {
    for (const { row } of this.open.values()) if (row.job === job) return true
    return false
  }

  /** How many disputes of an account are open. */
  openOf(account: string): number {
    let count = 0
    for (const { row } of this.open.values()) if (row.account === account) count++
    return count
  }

  /** Where an open dispute stands; null when it is not open. */
  stageOf(id: string): DisputeStage | null {
    const dispute = this.open.get(id)
    if (dispute === undefined) return null
    const { job } = dispute.row
    if (job === null) return 'recomputing'
    if (dispute.sinceMs !== null) return 'second_look'
    return this.desk.jobs.active(job) ? 'waits_for_job' : 'waits_for_dispute'
  }

  /**
   * Takes a dispute about a lease. The region puts down no deposit, and sets the cost of the second look aside instead.
   * @see spec/clauses.md [DISP-1.1] [DISP-1.3] [DISP-5.1] [DISP-5.2]
   */
  openLease(party: Party, file: CaseFile, reason: string, now: Now, batch: Batch): DisputeOutcome {
    const obstacle = leaseObstacle(this.desk, file, party, now.wallMs) ?? this.overlapping(file)
    if (obstacle !== null) return obstacle
    const { lease, job } = file
    const lookMicro = secondLookMicro(this.desk.policy, file)
    const isOfRegion = party.kind === 'region'
    if (isOfRegion && regionFundsMicro(this.desk.ledger) < lookMicro) {
      return refuse('insufficient', `A second look at lease ${lease.id} may cost ${credits(lookMicro)}.`)
    }
    const depositMicro = isOfRegion ? 0n : this.desk.policy.disputeDepositMicro + lookMicro
    const outcome = this.take(party, { kind: 'lease', lease: lease.id }, job.id, depositMicro, reason, now, batch)
    if (!outcome.ok) return outcome
    if (isOfRegion) fundSecondLook({ desk: this.desk, now, batch }, outcome.row.id, lookMicro)
    this.open.set(outcome.row.id, { row: outcome.row, file, asked: false, sinceMs: null })
    this.begin(batch)
    return outcome
  }

  /** Takes a dispute about the verdict on a sensor's readings in one window. */
  openVerdict(party: Party, file: VerdictFile, reason: string, now: Now, batch: Batch): DisputeOutcome {
    const obstacle = verdictObstacle(this.desk, file, party, now.wallMs)
    if (obstacle !== null) return obstacle
    const { campaign, windowMs, sensor } = file.judgement
    const subject: Subject = { kind: 'verdict', campaign, windowMs, sensor }
    const outcome = this.take(party, subject, null, this.desk.policy.disputeDepositMicro, reason, now, batch)
    if (!outcome.ok) return outcome
    this.open.set(outcome.row.id, { row: outcome.row, file: null, asked: false, sinceMs: null })
    this.begin(batch)
    return outcome
  }

  /**
   * The shell has read what a second look needs.
   * @param kept - leases of it that a restart broke off
   */
  retry(id: string, file: CaseFile, prepared: PreparedJob, kept: readonly KeptLease[], now: Now, batch: Batch): void {
    const dispute = this.open.get(id)
    if (dispute === undefined || dispute.sinceMs !== null) return
    const party = partyOf(dispute.row)
    const obstacle = standingObstacle(this.desk, file, party)
    if (obstacle !== null) {
      this.giveUp(id, obstacle, kept, now, batch)
      return
    }
    dispute.file = file
    dispute.asked = true
    dispute.sinceMs = now.monotonicMs
    const { lease, job } = file
    const isOfRegion = party.kind === 'region'
    const escrow = disputeEscrow(id)
    const order = {
      dispute: id,
      isOfRegion,
      escrow,
      budgetMicro: isOfRegion ? this.desk.ledger.balanceMicro(escrow) : secondLookMicro(this.desk.policy, file),
      first: lease.firstUnit,
      count: lease.unitCount,
      barred: this.ownersOf(file),
    }
    this.desk.jobs.retry(job, prepared, order, kept, now, batch)
    this.tick(now, batch)
  }

  /** What a second look needs cannot be read any more. */
  giveUp(id: string, why: string, kept: readonly KeptLease[], now: Now, batch: Batch): void {
    const dispute = this.open.get(id)
    if (dispute === undefined) return
    for (const { row } of kept) {
      batch.write({ table: 'lease-state', id: row.id, state: 'cancelled', digest: null, outputs: null })
      if (row.state === 'out') batch.emit({ kind: 'cancel', device: row.device, leaseId: row.id })
    }
    this.end(dispute, settleUndecided({ desk: this.desk, now, batch }, dispute, undefined, why), now, batch)
  }

  /** The court has computed a verdict again, or says why it cannot. */
  rejudged(id: string, outcome: Rehearing | { readonly why: string }, now: Now, batch: Batch): void {
    const dispute = this.open.get(id)
    if (dispute === undefined) return
    const till = { desk: this.desk, now, batch }
    if (!('why' in outcome) && isMoving(this.desk, outcome.file)) {
      dispute.asked = false
      return
    }
    const ending =
      'why' in outcome ? settleUndecided(till, dispute, undefined, outcome.why) : settleVerdict(till, dispute, outcome)
    this.end(dispute, ending, now, batch)
  }

  /** Time passes: second looks that are over, those that take too long, and those that may begin. */
  tick(now: Now, batch: Batch): void {
    for (const dispute of [...this.open.values()]) {
      const ending = this.endingOf(dispute, now, batch)
      if (ending !== null) this.end(dispute, ending, now, batch)
    }
    this.begin(batch)
  }

  private endingOf(dispute: OpenDispute, now: Now, batch: Batch): Ending | null {
    const { row, file, sinceMs } = dispute
    const till = { desk: this.desk, now, batch }
    const retrial = sinceMs === null || row.job === null ? undefined : this.desk.jobs.retrialOf(row.job)
    const endReason = retrial?.retrial?.endReason ?? null
    if (retrial !== undefined && file !== null && endReason === '') return settleLease(till, dispute, file, retrial)
    const why = endReason === null ? this.lapsed(dispute, now) : `It could not be decided: ${endReason}.`
    return why === null ? null : settleUndecided(till, dispute, retrial, why)
  }

  /** Why an open dispute has taken too long, in a sentence; null while it has not. */
  private lapsed({ row, sinceMs }: OpenDispute, now: Now): string | null {
    const hold = this.desk.ledger.holdOf(depositPurpose(row.id))
    if (row.depositMicro > 0n && (!hold || now.wallMs - hold.atMs >= hold.timeoutMs - LAPSE_MS)) {
      return `It was open for ${DEPOSIT_MS / 86_400_000} days without a decision.`
    }
    const limitMs = Math.max(this.desk.policy.holdbackWindowMs, SECOND_LOOK_MS_MIN)
    if (sinceMs === null || now.monotonicMs - sinceMs <= limitMs) return null
    return 'Not enough devices of owners that had not answered these units before came to look at them again.'
  }

  /** Asks for the second looks and the verdicts that may begin, those that people wait for first. */
  private begin(batch: Batch): void {
    const busy = new Set<JobId>()
    for (const { row, asked } of this.open.values()) if (asked && row.job !== null) busy.add(row.job)
    const waiting = [...this.open.values()].filter(({ asked }) => !asked)
    const isOfRegion = ({ row }: OpenDispute) => Number(row.account === SLASHED)
    for (const dispute of waiting.sort((a, b) => isOfRegion(a) - isOfRegion(b))) {
      const { id, job } = dispute.row
      if (job !== null && (busy.has(job) || this.desk.jobs.active(job))) continue
      dispute.asked = true
      const subject = subjectOf(dispute.row)
      if (job !== null && subject.kind === 'lease') {
        busy.add(job)
        batch.emit({ kind: 'retry', dispute: id, job, lease: subject.lease })
      } else if (subject.kind === 'verdict') {
        const { campaign, windowMs, sensor } = subject
        batch.emit({ kind: 'rejudge', dispute: id, campaign, windowMs, sensor })
      }
    }
  }

  private take(
    party: Party,
    subject: Subject,
    job: JobId | null,
    depositMicro: bigint,
    reason: string,
    now: Now,
    batch: Batch,
  ): DisputeOutcome {
    const id = disputeId(subject)
    const account = accountOf(party)
    const crowd = this.crowded(account)
    if (crowd !== null) return crowd
    if (this.open.has(id)) return refuse('twice', `That is disputed already, as dispute ${id}.`)
    const short = this.setAside(id, account, depositMicro, now, batch)
    if (short !== null) return short
    const openedAtMs = Math.round(now.wallMs)
    const { lease, campaign, windowMs, sensor } = {
      lease: null,
      campaign: null,
      windowMs: null,
      sensor: null,
      ...subject,
    }
    const row: DisputeRow = {
      id,
      account,
      depositMicro,
      reason,
      state: 'open',
      detail: '',
      openedAtMs,
      endedAtMs: null,
      lease,
      job,
      campaign,
      windowMs,
      sensor,
    }
    batch.write({ table: 'dispute', row: { ...row } })
    batch.record({
      type: 'dispute',
      atMs: openedAtMs,
      dispute: id,
      account,
      subject: subjectText(subject),
      depositMicro,
    })
    return { ok: true, row }
  }

  private setAside(id: string, account: string, depositMicro: bigint, now: Now, batch: Batch): Refusal | null {
    const { ledger } = this.desk
    const hold = { kind: 'deposit', debit: account, credit: disputeEscrow(id), amountMicro: depositMicro } as const
    const status = ledger.hold({ ...hold, purpose: depositPurpose(id), timeoutMs: DEPOSIT_MS }, now.wallMs, batch)
    if (status === 'insufficient') {
      return refuse(
        'insufficient',
        `The deposit is ${credits(depositMicro)} and ${account} has ${credits(ledger.availableMicro(account))}.`,
      )
    }
    if (status === 'exists' || status === 'exists_with_different_amount') return refuse('twice', disputedBefore(id))
    return null
  }

  /** Units that an open dispute is about, which the store may not know of yet. */
  private overlapping({ lease, job }: CaseFile): Refusal | null {
    for (const { row, file } of this.open.values()) {
      if (row.job !== job.id || file === null) continue
      const { firstUnit, unitCount } = file.lease
      if (firstUnit >= lease.firstUnit + lease.unitCount || lease.firstUnit >= firstUnit + unitCount) continue
      const counts = `what dispute ${row.id} finds counts for this lease too`
      return refuse('twice', `Units of lease ${lease.id} are disputed already: ${counts}.`)
    }
    return null
  }

  private crowded(account: string): Refusal | null {
    const own = this.openOf(account)
    if (own >= (account === SLASHED ? OPEN_OF_REGION_MAX : OPEN_PER_ACCOUNT_MAX)) {
      return refuse(
        'too_many',
        `${own} disputes of ${account} are open, which is as many as there may be: wait until one has ended.`,
      )
    }
    if (this.open.size < OPEN_MAX) return null
    return refuse('too_many', `${OPEN_MAX} disputes are open in this region: try again when some have ended.`)
  }

  /** Owners of the devices that have answered any of the units. */
  private ownersOf({ voters }: CaseFile): Set<OwnerName> {
    return new Set(voters.flatMap(device => this.desk.fleet.member(device)?.row.owner ?? []))
  }

  private end({ row }: OpenDispute, { outcome, detail }: Ending, now: Now, batch: Batch): void {
    const endedAtMs = Math.round(now.wallMs)
    this.open.delete(row.id)
    batch.write({ table: 'dispute', row: { ...row, state: outcome, detail, endedAtMs } })
    batch.record({ type: 'dispute-end', atMs: endedAtMs, dispute: row.id, outcome, detail })
  }
}
