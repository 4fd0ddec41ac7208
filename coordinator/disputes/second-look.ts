/** Pays for a second look and lets its devices go. */
import type { Job } from '../jobs/job.ts'
import { retrialCost } from '../jobs/retrial.ts'
import { FEE, SLASHED } from '../ledger/ledger.ts'
import { depositPurpose, disputeEscrow } from './dispute.ts'
import { gather, move, type Source, type Till } from './money.ts'
import { returnFund } from './region-fund.ts'

/**
 * Pays whoever answered rightly in a second look, and the region's fee, through the dispute's escrow. The deposit pays what the sources
 * do not; a second look of the region has been paid for beforehand, and what is left goes back.
 * @param sources - whoever is to pay instead of the deposit, in order
 * @returns what it cost, and what of that the deposit paid
 * @see spec/clauses.md [DISP-2.3]
 */
export function paySecondLook(
  till: Till,
  dispute: string,
  retrial: Job,
  sources: readonly Source[],
): { costMicro: bigint; fromDepositMicro: bigint } {
  const { desk, now, batch } = till
  const escrow = disputeEscrow(dispute)
  const costMicro = retrialCost(desk, retrial)
  const heldMicro = desk.ledger.availableMicro(escrow)
  const dueMicro = costMicro > heldMicro ? costMicro - heldMicro : 0n
  const missingMicro = gather(till, sources, escrow, dueMicro, `award/${dispute}/cost`)
  const posted = desk.ledger.post(depositPurpose(dispute), missingMicro, now.wallMs, batch) === 'resolved'
  // Without its deposit, which lapses only when the region's time leaps by weeks, the region owes its devices what they did.
  const lost = posted ? 0n : gather(till, [FEE, SLASHED], escrow, missingMicro, `award/${dispute}/owed`)
  desk.jobs.closeRetrial(retrial, lost === 0n, now, batch)
  move(till, escrow, FEE, lost === 0n ? retrial.row.feeMicro : desk.ledger.balanceMicro(escrow), `award/${dispute}/fee`)
  returnFund(till, dispute)
  return { costMicro, fromDepositMicro: posted ? missingMicro : 0n }
}
