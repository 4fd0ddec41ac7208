/**
 * A second look at units of a job that is over: the same job id and unit numbers, devices of owners that have not had their say on them,
 * an escrow and a budget of its own. It writes leases and nothing else; what it finds goes to the disputes department.
 */
import {
  assert,
  decodeOutputs,
  encodeOutputs,
  fromHex,
  type OwnerName,
  type StoredJobSpec,
  type UnitOutcome,
} from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { JobRow, LeaseRow } from '../store/rows.ts'
import { createJob, type Desk, type Job, type PreparedJob, type Retrial, type Vote } from './job.ts'
import { type Restored, restoreLease, restoreRuns, restoreVotes, uncovered } from './restore.ts'
import { openRun } from './runs.ts'
import { costOfRun, payRun } from './settle.ts'

/** Which units to look at again, and on what terms. */
export interface RetrialOrder {
  readonly dispute: string
  /** The region looks again by itself: this comes after what people wait for. */
  readonly isOfRegion: boolean
  /** The account that pays. */
  readonly escrow: string
  readonly budgetMicro: bigint
  readonly first: number
  readonly count: number
  readonly barred: ReadonlySet<OwnerName>
}

/** A lease of a second look that a restart broke off; `outputs` are null unless it had been returned. */
export interface KeptLease {
  readonly row: LeaseRow
  readonly outputs: Uint8Array | null
}

/** How sure a second look must be, whatever the job asked for. */
const RETRIAL_THETA = 0.999

/** The certainty that a second look at a job of this theta reaches; jobs that trust one answer have none. */
export function retrialTheta({ verify }: Pick<StoredJobSpec, 'verify'>): number {
  return verify.kind === 'trust' ? RETRIAL_THETA : Math.max(verify.theta, RETRIAL_THETA)
}

/**
 * The second look as a job, with the answers that a restart left. Other leases of it are given up.
 * @see spec/clauses.md [DISP-2.1] [DISP-2.4]
 */
export function createRetrial(
  desk: Desk,
  over: JobRow,
  prepared: PreparedJob,
  order: RetrialOrder,
  kept: readonly KeptLease[],
  monotonicMs: number,
  batch: Batch,
): Job {
  const { dispute, isOfRegion, escrow, budgetMicro, first, count, barred } = order
  const row: JobRow = { ...over, state: 'running', reason: '', budgetMicro, paidMicro: 0n, feeMicro: 0n }
  const verify = { kind: 'quorum', theta: retrialTheta(prepared.spec) } as const
  const sure = { ...prepared, spec: { ...prepared.spec, verify } }
  const retrial: Retrial = { dispute, isOfRegion, first, count, barred, decided: [], endReason: null }
  const job = createJob(row, sure, monotonicMs, { escrow, retrial })
  const restored = kept.flatMap(lease => restoreAnswer(desk, job, retrial, lease, monotonicMs, batch) ?? [])
  const runs = restoreRuns(job, restored)
  for (const { lease, outputs } of restored) restoreVotes(lease, outputs, false)
  // Fresh units go to whoever asks first, so every unit is in a run from the start, and runs ask whom they may.
  for (const gap of uncovered(first, first + count, runs)) job.needy.add(openRun(job, gap.first, gap.count))
  return job
}

function restoreAnswer(
  desk: Desk,
  job: Job,
  { first, count, barred }: Retrial,
  { row, outputs }: KeptLease,
  monotonicMs: number,
  batch: Batch,
): (Restored & { outputs: Uint8Array }) | null {
  const owner = desk.fleet.member(row.device)?.row.owner
  const isInside = row.firstUnit >= first && row.firstUnit + row.unitCount <= first + count
  const mayCount = isInside && owner !== undefined && !barred.has(owner)
  const restored = mayCount && outputs !== null ? restoreLease(desk.fleet, job, row, monotonicMs) : null
  if (restored !== null && outputs !== null) return { ...restored, outputs }
  batch.write({ table: 'lease-state', id: row.id, state: 'cancelled', digest: null, outputs: null })
  if (row.state === 'out') batch.emit({ kind: 'cancel', device: row.device, leaseId: row.id })
  return null
}

/** What the units of a second look burned and came to, in order. Only when it has decided every unit. */
export function answersOf(retrial: Retrial): UnitOutcome[] {
  const runs = [...retrial.decided].sort((a, b) => a.run.first - b.run.first)
  const outcomes = runs.flatMap(({ run, winning }) => decodeOutputs((winning[0] as Vote).outputs, run.count))
  assert(outcomes.length === retrial.count, 'a second look that is over has decided every unit')
  return outcomes
}

/** The outputs of some of the units, as a device that answered them alone would write them. */
export function outputsOf(retrial: Retrial, answers: readonly UnitOutcome[], first: number, count: number): Uint8Array {
  const at = first - retrial.first
  return encodeOutputs(answers.slice(at, at + count))
}

/** What the runs that were decided cost: pay for each winner that still belongs to the region, and the region's fee. */
export function retrialCost(desk: Pick<Desk, 'fleet' | 'policy'>, job: Job): bigint {
  let costMicro = 0n
  for (const { vote } of payable(desk, job)) costMicro += costOfRun(job.row, vote.fuel).priceMicro
  return costMicro
}

/**
 * Pays the winners out of the second look's escrow and files their leases.
 * @param pays - whether the escrow holds their pay
 */
export function fileRetrial(desk: Desk, job: Job, pays: boolean, nowMs: number, batch: Batch): void {
  for (const { run, vote, member } of pays ? payable(desk, job) : []) {
    payRun(desk, job, run, vote, member, nowMs, batch)
    desk.fleet.countUnits(member, run.count, 0)
    desk.fleet.passedCheck(member)
  }
  const answered = new Set(job.retrial?.decided.flatMap(({ winning }) => winning.map(({ lease }) => lease)))
  for (const lease of answered) {
    if (lease.lost || lease.digest === undefined) continue
    const state = pays ? 'accepted' : 'cancelled'
    batch.write({ table: 'lease-state', id: lease.id, state, digest: fromHex(lease.digest), outputs: null })
  }
}

function* payable({ fleet }: Pick<Desk, 'fleet'>, { retrial }: Job) {
  for (const { run, winning } of retrial?.decided ?? []) {
    for (const vote of winning) {
      const member = fleet.member(vote.lease.device)
      if (member !== undefined && member.row.standing !== 'caught') yield { run, vote, member }
    }
  }
}
