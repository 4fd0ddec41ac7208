import type { Random } from '../../protocol/index.ts'
import type { DeviceRow } from '../store/rows.ts'
import { spotCheckRate } from './credibility.ts'

/**
 * Whether a lease of a device is checked although its word would suffice.
 * @param caughtShare - the share of devices that were caught, such as the fleet's; 0 checks as often as where nobody ever was
 * @see spec/clauses.md [VERIFY-5.1]
 */
export function drawSpotCheck(
  random: Random,
  { row }: { readonly row: Pick<DeviceRow, 'checksPassed'> },
  caughtShare = 0,
): boolean {
  return random.uniform() < spotCheckRate(row.checksPassed, caughtShare)
}
