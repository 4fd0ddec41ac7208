/** What the region found out about a device's speed, in words. */
import type { DeviceId } from '../../protocol/index.ts'
import type { Pricing } from '../pricing/index.ts'

/** None while the region has checked nothing. */
export function explainCheck(pricing: Pick<Pricing, 'lastCheck' | 'isChecked' | 'seenOf'>, device: DeviceId): string[] {
  const { lastCheck } = pricing
  if (lastCheck === null || !pricing.isChecked) return []
  const when = `the newest check was at ${new Date(lastCheck.atMs).toISOString()}`
  const fuel = pricing.seenOf(device)?.fuelChecked ?? 0
  if (fuel === 0) return [`It has answered no check of what devices can do yet, so its floor does not count; ${when}.`]
  const did = `${(fuel / 1e9).toFixed(3)} * 10^9 fuel a second`
  return [`By checks of what devices can do its floor counts with ${did}, whatever slots it claims; ${when}.`]
}
