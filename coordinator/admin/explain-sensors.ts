/** How the sensors of a device are, as far as the region can tell, and what their owner can do. */
import type { DeviceId, SensorFault } from '../../protocol/index.ts'
import type { Campaign } from '../sensing/campaign.ts'
import type { Condition } from '../sensing/conditions.ts'
import type { KnownSensor } from '../sensing/registry.ts'
import type { Sensing } from '../sensing/sensing.ts'

/** What a fault mostly is, and what to do. The driver's own advice is in the device's log. */
const ADVICE: Readonly<Record<SensorFault, string>> = {
  unknown: "its driver does not know why: the device's log may",
  warming_up: 'it warms up: wait some minutes',
  no_answer:
    'it does not answer: look at its wires (TX to RX), its power, and whether another program or the console has the port',
  bad_frames: 'what it sends cannot be read: look at its model and speed in sensors.yaml, and at long or loose wires',
  fan_dead: 'its fan does not turn: blow out the dust; else it is worn out',
  out_of_range: 'it gives what the sensor cannot measure: look at its calibration and its wires',
  power_on_value: 'it gives its power-on value: it loses power while it measures',
  unplugged: 'it is unplugged: plug it in again; it is used again by itself',
  switched_off: 'it is switched off',
  stale: 'it has sent nothing new for a while: unplug it for a moment',
}

/** A sentence for each sensor of a device. */
export function explainSensors(sensing: Sensing, device: DeviceId): string[] {
  const campaigns = [...sensing.allActive()]
  return sensing.registry.ofDevice(device).map(known => {
    const { id, model } = known.row
    const quantities = known.channels.map(({ quantity }) => quantity).join(', ')
    return `Sensor ${id} (${model}: ${quantities}) ${task(known, campaigns)}${condition(sensing.conditions.of(id))}.`
  })
}

function task({ row, channels }: KnownSensor, campaigns: readonly Campaign[]): string {
  const asked = campaigns.filter(({ assigned }) => assigned.get(row.id)?.device === row.device)
  if (asked.length > 0) return `measures for ${asked.map(campaign => campaign.row.id).join(', ')}`
  const wanted = campaigns.some(({ spec }) => channels.some(({ quantity }) => quantity === spec.quantity))
  return wanted ? 'is in none of the campaigns (`hedgerow campaign explain` says why)' : 'is asked by no campaign'
}

function condition(conditions: ReadonlyMap<string, Condition>): string {
  const said = [...conditions].map(([quantity, { atMs, fault }]) => {
    const when = new Date(atMs).toISOString()
    return fault === null
      ? `${quantity} came last at ${when}`
      : `${quantity} is missing since ${when} or before: ${ADVICE[fault]}`
  })
  return said.length === 0 ? '' : `; ${said.join('; ')}`
}
