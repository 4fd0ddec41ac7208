import type { SensorChannel } from '../../../protocol/index.ts'
import type { KnownSensor } from '../../sensing/registry.ts'
import type { Series } from '../readings/reading.ts'

/** One quantity of one sensor, as a Datastream needs it. */
export interface Stream extends Series {
  readonly known: KnownSensor
  readonly channel: SensorChannel
}

/** The streams of a sensor, each quantity once. */
export function streamsOf(known: KnownSensor): Stream[] {
  const byQuantity = new Map<string, Stream>()
  for (const channel of known.channels) {
    const { quantity } = channel
    if (!byQuantity.has(quantity)) byQuantity.set(quantity, { sensor: known.row.id, quantity, known, channel })
  }
  return [...byQuantity.values()].sort((a, b) => (a.quantity < b.quantity ? -1 : 1))
}
