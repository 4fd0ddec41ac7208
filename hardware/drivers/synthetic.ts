/** A sensor that needs no hardware: for demonstrations, and for those who try before they buy. */
import { channelOf, measurementOf, outcomeOf } from '../scaled.ts'
import type { Sensor } from '../sensor.ts'
import type { SyntheticConfig } from '../sensor-config.ts'
import type { DriverComponents } from './components.ts'
import { syntheticValue } from './synthetic-curves.ts'

/** Opens a synthetic sensor. It always has a value, drawn from the clock's time and its seed. */
export function openSynthetic(
  { clock }: Pick<DriverComponents, 'clock'>,
  { quantities, seed, noise = 1 }: Pick<SyntheticConfig, 'quantities' | 'seed' | 'noise'>,
): Sensor {
  const channels = quantities.map(channelOf)
  let samplesTaken = 0
  return {
    model: 'synthetic',
    serial: null,
    channels,
    async sample() {
      samplesTaken += 1
      const atMs = clock.wallMs()
      return measurementOf(
        channels.map(channel => outcomeOf(syntheticValue(channel.quantity, seed, noise, atMs), channel)),
      )
    },
    health: () => ({ state: 'ok', advice: '', counters: { samplesTaken } }),
    async close() {},
  }
}
