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
  const unwilling = (device: DeviceId): Candidate['barred'] => {
    const reason = whyNotForReadings(pricing, device, priceMicro)
    return reason === null ? null : { kind: 'price', reason }
  }
  const outcast = (standing: string) => ({ kind: 'standing', reason: `its device is ${standing}` }) as const
  const candidates = new Map<DeviceId, Candidate>()
  for (const { row } of fleet.all()) {
    const { id: device, owner, label, standing } = row
    candidates.set(device, {
      device,
      owner,
      label,
      barred: standing === 'joined' ? unwilling(device) : outcast(standing),
    })
  }
  return candidates
}
