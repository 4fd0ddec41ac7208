/**
 * All that the books say of a disputed lease: the answers that were given to its units, what became of them and who was paid for what.
 * Read from the store by the shell; the department works on nothing else.
 */
import { type DeviceId, equalBytes, type JobId, toHex } from '../../protocol/index.ts'
import { escrowAccount, holdbackAccount } from '../ledger/ledger.ts'
import type { DisputeState, JobRow, LeaseRow, Store } from '../store/rows.ts'

/** One payment for a run. */
export interface PaidVote {
  readonly lease: number
  readonly device: DeviceId
  readonly amountMicro: bigint
  readonly atMs: number
}

/** A run whose answer was accepted. */
export interface CaseRun {
  readonly first: number
  readonly count: number
  /** SHA-256 of the accepted outputs, in hex. */
  readonly digest: string
  readonly fuel: number
  /** The device that it rests on the word of alone; null when others have agreed. */
  readonly solo: DeviceId | null
  readonly paid: readonly PaidVote[]
}

/** What was taken from a device at one moment, all of it because it was caught. */
export interface Slash {
  readonly atMs: number
  readonly amountMicro: bigint
}

/** An answer that was voted down. */
export interface LostVote {
  readonly lease: LeaseRow
  /** Since the lease was handed out, the earliest first. */
  readonly slashes: readonly Slash[]
}

/** Another dispute about some of these units. */
export interface EarlierDispute {
  readonly id: string
  readonly state: DisputeState
}

export interface CaseFile {
  readonly lease: LeaseRow
  readonly job: JobRow
  /** Devices that have answered any of the lease's units. */
  readonly voters: readonly DeviceId[]
  /** Accepted runs that lie inside the lease, in order. */
  readonly runs: readonly CaseRun[]
  /** Answers to units of the lease alone that were voted down. */
  readonly lost: readonly LostVote[]
  readonly earlier: readonly EarlierDispute[]
  /** The accepted outputs, by the first unit of their run. Read for a second look only, and without what is gone. */
  readonly answers?: ReadonlyMap<number, Uint8Array>
}

export type CaseStore = Pick<
  Store,
  'lease' | 'job' | 'leasesOver' | 'acceptedRunsOver' | 'transferFor' | 'transfersFor' | 'disputes'
>

/** A stretch of units. */
interface Stretch {
  readonly firstUnit: number
  readonly unitCount: number
}

const TRANSFERS_LOOKED_AT = 1_000

const overlap = (a: Stretch, b: Stretch): boolean =>
  a.firstUnit < b.firstUnit + b.unitCount && b.firstUnit < a.firstUnit + a.unitCount

const isInside = (inner: Stretch, outer: Stretch): boolean =>
  inner.firstUnit >= outer.firstUnit && inner.firstUnit + inner.unitCount <= outer.firstUnit + outer.unitCount

/** The file of a lease; null when there is no such lease. */
export function readCaseFile(store: CaseStore, leaseId: number): CaseFile | null {
  const lease = store.lease(leaseId)
  const job = lease && store.job(lease.job)
  if (!lease || !job) return null
  const around = store.leasesOver(job.id, lease.firstUnit, lease.unitCount)
  const answered = around.filter(({ state }) => isAnswer(state, job))
  return {
    lease,
    job,
    voters: [...new Set(answered.map(({ device }) => device))],
    runs: store
      .acceptedRunsOver(job.id, lease.firstUnit, lease.unitCount)
      .filter(run => isInside(run, lease))
      .map(({ firstUnit, unitCount, digest, fuel, solo }) => ({
        first: firstUnit,
        count: unitCount,
        digest: toHex(digest),
        fuel,
        solo,
        paid: paymentsFor(
          store,
          job.id,
          firstUnit,
          unitCount,
          answered.filter(other => mayAgree(other, { firstUnit, unitCount, digest })),
          solo,
        ),
      })),
    lost: answered
      .filter(other => other.state === 'rejected' && other.digest !== null && isInside(other, lease))
      .map(other => ({ lease: other, slashes: slashesOf(store, other) })),
    earlier: store.disputes({ job: job.id }).flatMap(({ id, state, lease: disputed }) => {
      const other = disputed === null ? null : store.lease(disputed)
      return other !== null && overlap(other, lease) ? [{ id, state }] : []
    }),
  }
}

/** Of a job that failed, answers that waited for others were dropped with what nobody had answered: all count, to be sure. */
function isAnswer(state: LeaseRow['state'], job: JobRow): boolean {
  return state === 'accepted' || state === 'rejected' || (state === 'cancelled' && job.state !== 'done')
}

/** An answer to exactly these units that was another one was taken back, if it was ever paid. */
function mayAgree(lease: LeaseRow, { firstUnit, unitCount, digest }: Stretch & { digest: Uint8Array }): boolean {
  const isSameStretch = lease.firstUnit === firstUnit && lease.unitCount === unitCount
  return !isSameStretch || lease.digest === null || equalBytes(lease.digest, digest)
}

function paymentsFor(
  store: CaseStore,
  job: JobId,
  first: number,
  count: number,
  answered: readonly LeaseRow[],
  solo: DeviceId | null,
): PaidVote[] {
  const paid = answered.flatMap(({ id, device }): PaidVote[] => {
    const transfer = store.transferFor(`pay/${job}/${id}/${first}+${count}`)
    // Those who took a second look were paid from its deposit, and for an answer of their own.
    if (transfer?.debit !== escrowAccount(job)) return []
    return [{ lease: id, device, amountMicro: transfer.amountMicro, atMs: transfer.atMs }]
  })
  return standing(store, job, paid, solo)
}

/**
 * The payments for the answer that stands. What one device had answered alone was taken back if it was caught while the job ran, and the run was
 * decided anew; of its pay nothing is slashed any more once that has been released.
 */
function standing(store: CaseStore, job: JobId, paid: readonly PaidVote[], solo: DeviceId | null): PaidVote[] {
  const inOrder = [...paid].sort((a, b) => a.atMs - b.atMs || a.lease - b.lease)
  if (solo !== null) return inOrder.filter(({ device }) => device === solo).slice(-1)
  // Whoever agrees is paid at one moment. Nothing that several have agreed on is taken back, and others are only tried with it afterwards.
  const first = inOrder.find((vote, i) => inOrder[i + 1]?.atMs === vote.atMs)
  if (first !== undefined) return inOrder.filter(({ atMs }) => atMs >= first.atMs)
  return inOrder.filter(vote => !wasTakenBack(store, job, vote))
}

function wasTakenBack(store: CaseStore, job: JobId, { device, atMs }: PaidVote): boolean {
  const moved = store.transfersFor(holdbackAccount(device), TRANSFERS_LOOKED_AT)
  return moved.some(({ kind, credit, atMs: movedMs }) => {
    return kind === 'slash' && credit === escrowAccount(job) && movedMs >= atMs
  })
}

function slashesOf(store: CaseStore, { device, issuedAtMs }: LeaseRow): Slash[] {
  const sums = new Map<number, bigint>()
  for (const { kind, atMs, amountMicro } of store.transfersFor(holdbackAccount(device), TRANSFERS_LOOKED_AT)) {
    if (kind === 'slash' && atMs >= issuedAtMs) sums.set(atMs, (sums.get(atMs) ?? 0n) + amountMicro)
  }
  return [...sums].map(([atMs, amountMicro]) => ({ atMs, amountMicro })).sort((a, b) => a.atMs - b.atMs)
}
