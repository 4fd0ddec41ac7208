/** What a device's signed statement does to the departments. The only place where statements meet them. */
import type { Statement } from '../protocol/index.ts'
import { disputeRefused } from './admin/dispute-admin.ts'
import type { Disputes } from './disputes/disputes.ts'
import type { DisputeIntake } from './disputes/intake.ts'
import type { Member } from './fleet/fleet.ts'
import { bindAddress, type Payouts } from './payout/index.ts'
import type { Pricing } from './pricing/index.ts'
import type { Region } from './region.ts'

export interface StatementParts {
  region: Pick<Region, 'step' | 'committed'>
  payouts: Payouts
  pricing: Pricing
  disputes: Disputes
  disputeIntake: DisputeIntake
}

/**
 * Does what a statement asks, and says so in words.
 * @param frame - the signed bytes as they came
 * @throws {ApiError} why it cannot be done
 */
export function takeStatement(
  parts: StatementParts,
  member: Member,
  statement: Statement,
  frame: Uint8Array,
): { text: string } {
  const { region, pricing, disputeIntake } = parts
  const device = member.row.id
  switch (statement.kind) {
    case 'payout-address':
      return bindAddress(parts, member, statement, frame)
    case 'price-floor': {
      const { gigafuelMicro, readingMicro, seq } = statement
      region.step((_now, batch) => pricing.stateFloor(device, { gigafuelMicro, readingMicro }, seq, batch))
      return { text: `Device ${device} works from these prices on.` }
    }
    case 'dispute-lease':
      return told(disputeIntake.lease({ kind: 'device', device }, statement.lease, statement.reason))
    case 'dispute-verdict': {
      const { campaign, windowMs, sensor, reason } = statement
      return told(disputeIntake.verdict({ kind: 'device', device }, campaign, windowMs, sensor, reason))
    }
  }
}

function told(outcome: ReturnType<DisputeIntake['lease']>): { text: string } {
  if (!outcome.ok) throw disputeRefused(outcome)
  return {
    text: `Dispute ${outcome.row.id} is open: 'hedgerow dispute show ${outcome.row.id}' says what becomes of it.`,
  }
}
