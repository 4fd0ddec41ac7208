/** What rests on one device's word alone, added up as it is accepted and again after a restart. */
import type { DeviceId } from '../../protocol/index.ts'
import type { Cost } from '../ledger/holdback.ts'
import { type Job, type Run, type SoloWork, soloOf, type Vote } from './job.ts'

/** Notes a run that was accepted on the word of a device alone. */
export function addSolo(
  job: Job,
  device: DeviceId,
  { first, count }: Pick<Run, 'first' | 'count'>,
  { fuel, failedUnits }: Pick<Vote, 'fuel' | 'failedUnits'>,
  cost: Cost,
): SoloWork {
  const solo = soloOf(job, device)
  solo.units.add(first, count)
  solo.fuel += BigInt(fuel)
  solo.failedUnits += failedUnits
  solo.priceMicro += cost.priceMicro
  solo.roundedNano += cost.roundedNano
  solo.deviceParts += cost.deviceParts
  return solo
}
