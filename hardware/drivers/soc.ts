/** The temperature of the computer's own chip, as a sensor. */
import { HardwareError } from '../../protocol/index.ts'
import { kernelHealth } from '../kernel/health.ts'
import { channelOf, measurementOf, type Outcome, outcomeOf } from '../scaled.ts'
import type { Sensor } from '../sensor.ts'
import { readSocTemperatureMilliC } from '../soc.ts'
import type { DriverComponents } from './components.ts'

const CHANNEL = channelOf('soc-temperature')

/** Opens it; a computer that does not tell gives `no_answer`. */
export function openSoc({ root }: Pick<DriverComponents, 'root'>): Sensor {
  const { note, health } = kernelHealth(
    () => 'This computer does not tell the temperature of its chip: leave the soc sensor out of the sensors file.',
  )
  return {
    model: 'soc',
    serial: null,
    channels: [CHANNEL],
    sample: async () => note(measurementOf([read(root)])),
    health,
    async close() {},
  }
}

function read(root: string): Outcome {
  try {
    const milliC = readSocTemperatureMilliC({ root })
    return milliC === null ? 'no_answer' : outcomeOf(milliC, CHANNEL, -3)
  } catch (thrown) {
    if (thrown instanceof HardwareError) return 'bad_frames'
    throw thrown
  }
}
