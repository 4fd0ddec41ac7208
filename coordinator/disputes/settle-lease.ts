/** What the end of a dispute about a lease sets right: who pays for the second look, who is caught, who gets what back. */
import { splitLargestRemainder } from '../../protocol/index.ts'
import type { Member } from '../fleet/fleet.ts'
import { isAccusedOf } from '../jobs/accusation.ts'
import { noteCorrection } from '../jobs/corrections.ts'
import type { Job } from '../jobs/job.ts'
import { costOfRun } from '../jobs/settle.ts'
import { rangesText } from '../jobs/suspect-units.ts'
import { UnitRanges } from '../jobs/unit-ranges.ts'
import { releaseHoldbacks, shareOf } from '../ledger/holdback.ts'
import { FEE, SLASHED, submitterAccount } from '../ledger/ledger.ts'
import type { JobRow } from '../store/rows.ts'
import type { CaseFile, LostVote } from './case-file.ts'
import {
  countText,
  credits,
  depositPurpose,
  disputeEscrow,
  type Ending,
  forfeitMicro,
  type OpenDispute,
  partyOf,
  unitsText,
} from './dispute.ts'
import { type Finding, findingOf, type Vindicated, type WrongDoer } from './finding.ts'
import { gather, joined, move, type Till } from './money.ts'
import { REGION_FUNDS, returnFund } from './region-fund.ts'
import { paySecondLook } from './second-look.ts'

/**
 * A second look has decided every unit: everybody gets what that makes them due.
 * @see spec/clauses.md [DISP-3.1] [DISP-3.2] [DISP-3.3] [DISP-3.4] [DISP-5.3]
 */
export function settleLease(till: Till, { row }: OpenDispute, file: CaseFile, retrial: Job): Ending {
  const { desk, now, batch } = till
  if (!retrial.retrial) return { outcome: 'undecided', detail: 'There was no second look.' }
  const party = partyOf(row)
  const isOfRegion = party.kind === 'region'
  const finding = findingOf(file, retrial.retrial, party)
  // Windows that have ended unnoticed come first, so that what is held is counted in the right one.
  releaseHoldbacks(desk, now.wallMs, batch)
  const guilty = finding.wrongDoers.flatMap(({ device }) => desk.fleet.member(device) ?? [])
  const payers = finding.upheld && !isOfRegion ? [...guilty, SLASHED, FEE] : []
  const { costMicro, fromDepositMicro } = paySecondLook(till, row.id, retrial, payers)
  const refund = isOfRegion ? refundAll : refundHeld
  const refundedMicro = finding.wrongDoers.reduce((sum, wrong) => sum + punish(till, row.id, file, wrong, refund), 0n)
  const sentences = [
    headline(file, finding),
    ...(guilty.length > 0 ? [`${credits(refundedMicro)} of that went back to ${file.job.submitter}.`] : []),
    ...finding.vindicated.map(vindicated => setRight(till, row.id, file, vindicated)),
    ...(finding.upheld || isOfRegion ? [] : [compensate(till, row.id, finding)]),
    `Running the units again cost ${credits(costMicro)}${fromDepositMicro > 0n ? `, ${credits(fromDepositMicro)} of it from the deposit` : ''}.`,
    ...namedText(finding),
  ]
  if (finding.wrong.length > 0) batch.write(noteCorrection(row.id, finding.wrong))
  desk.ledger.void(depositPurpose(row.id), now.wallMs, batch)
  desk.jobs.wake(now, batch)
  desk.sensing.reconsider(now, batch)
  batch.emit({ kind: 'job-changed', submitter: file.job.submitter, job: file.job.id, what: 'status' })
  return { outcome: finding.upheld ? 'upheld' : 'dismissed', detail: sentences.join(' ') }
}

function headline({ lease, job }: CaseFile, { wrong, wrongDoers }: Finding): string {
  const units = `${unitsText(lease.firstUnit, lease.unitCount)} of job ${job.id}`
  if (wrong.length === 0) return `Devices of other owners ran ${units} again and came to what was accepted.`
  const found = `the accepted result of ${countText(wrong.length, 'unit')} is wrong`
  const paidMicro = wrongDoers.reduce((sum, doer) => sum + doer.paidMicro, 0n)
  const paid = `${countText(wrongDoers.length, 'device')} had been paid ${credits(paidMicro)} for it`
  return `Devices of other owners ran ${units} again: ${found}, and ${paid}.`
}

/** Exactly the units that are wrong. */
function namedText({ wrong }: Finding): string[] {
  const units = new UnitRanges()
  for (const { unit } of wrong) units.add(unit, 1)
  if (units.isEmpty) return []
  return [`Wrong ${units.units === 1 ? 'is unit' : 'are units'} ${rangesText(units)}.`]
}

/** Gives the submitter back what a device was paid wrongly. @returns what that came to */
type Refund = (till: Till, dispute: string, job: JobRow, member: Member, wrong: WrongDoer) => bigint

/** As far as the device's holdback reaches. */
const refundHeld: Refund = (till, dispute, job, member, { paidMicro }) =>
  paidMicro - gather(till, [member], submitterAccount(job.submitter), paidMicro, `award/${dispute}/refund`)

/**
 * With the region's fee on it, and out of what caught devices lost, where this one's holdback has gone, and the region's fees.
 * @see spec/clauses.md [DISP-5.3]
 */
const refundAll: Refund = (till, dispute, job, member, { device, paidMicro, feeMicro }) => {
  const priceMicro = paidMicro + feeMicro
  const sources = [member, ...REGION_FUNDS]
  const purpose = `award/${dispute}/refund/${device}`
  return priceMicro - gather(till, sources, submitterAccount(job.submitter), priceMicro, purpose)
}

/** A device that was paid for a wrong answer: that goes back to the submitter, and it is caught. */
function punish(till: Till, dispute: string, { lease, job }: CaseFile, wrong: WrongDoer, refund: Refund): bigint {
  const { desk, now, batch } = till
  const member = desk.fleet.member(wrong.device)
  if (!member) return 0n
  const backMicro = refund(till, dispute, job, member, wrong)
  if (member.row.standing === 'joined') {
    const units = unitsText(lease.firstUnit, lease.unitCount)
    desk.fleet.countUnits(member, -wrong.units, wrong.units)
    desk.jobs.convict(
      member,
      `returned a wrong result for ${units} of job ${job.id}, as dispute ${dispute} found`,
      now,
      batch,
    )
  }
  return backMicro
}

/** An answer that was right after all: its device is reinstated, gets back what was taken, and is paid. */
function setRight(
  till: Till,
  dispute: string,
  { job }: CaseFile,
  { vote, unpaidFuel, rejectedUnits }: Vindicated,
): string {
  const { desk, now, batch } = till
  const { lease } = vote
  const member = desk.fleet.member(lease.device)
  if (!member) return ''
  const takenMicro = takenFor(member, vote)
  const wasCaught = member.row.standing === 'caught' && isAccusedOf(member.row.standingReason, lease.id)
  if (wasCaught) desk.fleet.reinstate(member, now.wallMs, batch)
  batch.write({ table: 'lease-state', id: lease.id, state: 'accepted', digest: lease.digest, outputs: null })
  const { unitsRejected } = member.row
  desk.fleet.countUnits(member, lease.unitCount, -Math.min(rejectedUnits, unitsRejected))
  if (member.row.standing === 'caught') {
    return `Lease ${lease.id} was right, but its device has been caught for another one.`
  }
  desk.fleet.passedCheck(member)
  const payMicro = shareOf(costOfRun(job, unpaidFuel))
  const funds = [SLASHED, FEE]
  const missingMicro =
    gather(till, funds, member, payMicro, `award/${dispute}/pay/${lease.id}`) +
    gather(till, funds, member, takenMicro, `award/${dispute}/restore/${lease.id}`)
  const back = wasCaught ? 'its device is reinstated' : 'its device is in good standing'
  const short = missingMicro === 0n ? '' : ` ${credits(missingMicro)} of that the region could not raise.`
  return `Lease ${lease.id} was right: ${back}, is paid ${credits(payMicro)} and gets ${credits(takenMicro)} back.${short}`
}

/** What was taken from a device because of this answer: only while that is known to be the reason. */
function takenFor({ row }: Member, { lease, slashes }: LostVote): bigint {
  if (row.standing === 'caught') {
    return isAccusedOf(row.standingReason, lease.id) ? (slashes.at(-1)?.amountMicro ?? 0n) : 0n
  }
  // An operator has reinstated it; whatever it was caught for first, since it got this lease, was this lease.
  return slashes[0]?.amountMicro ?? 0n
}

/**
 * Whoever was accused wrongly shares the deposit equally, to the micro-credit.
 * @see spec/clauses.md [DISP-3.3]
 */
function compensate(till: Till, dispute: string, { right }: Finding): string {
  const { desk, now, batch } = till
  const escrow = disputeEscrow(dispute)
  const lostMicro = forfeitMicro(desk, dispute)
  if (desk.ledger.post(depositPurpose(dispute), lostMicro, now.wallMs, batch) !== 'resolved') return ''
  const wronged = joined(desk, right)
  if (wronged.length === 0) {
    move(till, escrow, FEE, lostMicro, `award/${dispute}/forfeit`)
    return `The deposit of ${credits(lostMicro)} is the region's.`
  }
  const parts = splitLargestRemainder(
    lostMicro,
    wronged.map(() => 1n),
  )
  for (const [i, member] of wronged.entries()) {
    move(till, escrow, member, parts[i] ?? 0n, `award/${dispute}/wronged/${member.row.id}`)
  }
  return `The deposit of ${credits(lostMicro)} went to the ${countText(wronged.length, 'device')} that had been right.`
}

/**
 * Nobody can say who is right: nobody pays anything but for what was run.
 * @param retrial - what there is of a second look
 * @param why - a sentence
 * @see spec/clauses.md [DISP-3.5]
 */
export function settleUndecided(till: Till, { row }: OpenDispute, retrial: Job | undefined, why: string): Ending {
  const { desk, now, batch } = till
  releaseHoldbacks(desk, now.wallMs, batch)
  const costMicro = retrial === undefined ? 0n : paySecondLook(till, row.id, retrial, []).costMicro
  desk.ledger.void(depositPurpose(row.id), now.wallMs, batch)
  returnFund(till, row.id)
  const spent = costMicro === 0n ? '' : `, less ${credits(costMicro)} for what devices had run by then`
  if (partyOf(row).kind === 'region') {
    return { outcome: 'undecided', detail: `${why} What was set aside for it went back${spent}.` }
  }
  return { outcome: 'undecided', detail: `${why} The deposit was given back${spent}.` }
}
