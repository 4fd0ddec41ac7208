/** Which kinds of sensors connected devices have, and which of them measure for somebody now. */
import { type DeviceId, QUANTITIES } from '../../protocol/index.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Sensing } from '../sensing/sensing.ts'
import type { SensorMoment } from './activity.ts'

/** One line for each quantity of each connected device, however many sensors of it the device has. */
export function sensorMoments(
  sensing: Pick<Sensing, 'registry' | 'allActive'>,
  fleet: Pick<Fleet, 'member'>,
): SensorMoment[] {
  const measuring = new Set<string>()
  for (const { row, spec, assigned } of sensing.allActive()) {
    if (row.state !== 'running') continue
    for (const { device } of assigned.values()) measuring.add(keyOf(device, spec.quantity))
  }
  const moments = new Map<string, SensorMoment>()
  for (const { row, channels } of sensing.registry.all()) {
    const member = fleet.member(row.device)
    if (!member?.presence || member.row.standing !== 'joined') continue
    for (const { quantity } of channels) {
      // No campaign can ask for any other.
      if (!QUANTITIES.has(quantity)) continue
      const key = keyOf(row.device, quantity)
      moments.set(key, { device: row.device, quantity, isMeasuring: measuring.has(key) })
    }
  }
  return [...moments.values()]
}

const keyOf = (device: DeviceId, quantity: string): string => `${device}/${quantity}`
