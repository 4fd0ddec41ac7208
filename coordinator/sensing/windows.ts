/** When a window is judged. */
import type { DeviceId } from '../../protocol/index.ts'
import type { Campaign, WindowState } from './campaign.ts'

/** Late readings of a window are judged together when none has come for this long. */
const CORRECTION_QUIET_MS = 5_000

/**
 * Windows whose time has come: all connected sensors of the campaign have reported past their end, or nothing more has come for as long
 * as the campaign waits. A window that was judged before waits until late readings stop coming.
 * @see spec/clauses.md [SENSE-3.1]
 */
export function dueWindows(campaign: Campaign, isOnline: (device: DeviceId) => boolean, nowMs: number): WindowState[] {
  const { spec, windows } = campaign
  const waiting = [...windows.values()].filter(({ unseenFrame, judging }) => unseenFrame !== null && !judging)
  if (waiting.length === 0) return []
  const reportedToMs = watermark(campaign, isOnline)
  return waiting
    .filter(({ windowMs, touchedMs, revision }) => {
      const endMs = windowMs + spec.windowMs
      if (revision > 0) return nowMs >= touchedMs + Math.min(spec.latenessMs, CORRECTION_QUIET_MS)
      return reportedToMs >= endMs || nowMs >= Math.max(endMs, touchedMs) + spec.latenessMs
    })
    .sort((a, b) => a.windowMs - b.windowMs)
}

/** Up to which time every connected sensor has reported. */
function watermark({ assigned, reportedToMs }: Campaign, isOnline: (device: DeviceId) => boolean): number {
  let least = Number.POSITIVE_INFINITY
  for (const { sensor, device } of assigned.values()) {
    if (isOnline(device)) least = Math.min(least, reportedToMs.get(sensor) ?? Number.NEGATIVE_INFINITY)
  }
  return least
}
