/** Which devices may measure for a campaign, and why the others may not. */
import type { CampaignSpec, DeviceId } from '../../protocol/index.ts'
import { whyNotForReadings } from '../pricing/willing.ts'
import type { SensingDesk } from './campaign.ts'
import type { Candidate } from './choose.ts'

/** Every device that was ever enrolled, as the choice of sensors sees it. */
export function candidatesFor(
  { fleet, pricing }: Pick<SensingDesk, 'fleet' | 'pricing'>,
  { priceMicro }: Pick<CampaignSpec, 'priceMicro'>,
): Map<DeviceId, Candidate> {
  const candidates = new Map<DeviceId, Candidate>()
  for (const { row } of fleet.all()) {
    const { id: device, owner, label, standing } = row
    const unwilling = whyNotForReadings(pricing, device, priceMicro) ?? ''
    const barred = standing === 'joined' ? unwilling : `its device is ${standing}`
    candidates.set(device, { device, owner, label, barred })
  }
  return candidates
}
