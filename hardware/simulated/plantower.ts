/** A sensor of the Plantower family on a pseudo-terminal: measures every 2.3 s and follows commands as a real one does. */
import {
  PLANTOWER_BAUD,
  PLANTOWER_COMMAND_FORMAT,
  PLANTOWER_COMMANDS,
  PLANTOWER_LAYOUTS,
  plantowerAnswer,
  plantowerMeasurement,
} from '../drivers/plantower-frames.ts'
import type { PlantowerModel } from '../sensor-config.ts'
import { createFramer } from '../serial/framer.ts'
import { type Dust, dustyAir } from './dust.ts'
import { every } from './every.ts'
import { openLine, type Simulated, type SimulatorComponents, type SimulatorOptions } from './misbehave.ts'
import type { Pty } from './pty.ts'

export interface SimulatedPlantowerOptions extends SimulatorOptions {
  /** Default `pms5003`. */
  readonly model?: PlantowerModel
  /** Starts in the mode in which it only answers. */
  readonly passive?: boolean
}

/** In calm air (data manual of the PMS7003, its stable mode). */
const INTERVAL_MS = 2_300

export async function simulatePlantower(
  pty: Pty,
  components: SimulatorComponents,
  options: SimulatedPlantowerOptions = {},
): Promise<Simulated> {
  const { misbehave = {}, intervalMs = INTERVAL_MS, model = 'pms5003', onSent } = options
  const layout = PLANTOWER_LAYOUTS[model]
  const line = await openLine(pty, components, PLANTOWER_BAUD, misbehave)
  const air = dustyAir(components.random)
  let asleep = false
  let passive = options.passive === true

  function measure(): void {
    const dust = air()
    const values = layout.fields.map(({ quantity }) => (misbehave.fanDead === true ? 0 : quantityIn(quantity, dust)))
    line.send(plantowerMeasurement(values, layout))
    onSent?.(layout.fields.map(({ quantity }, index) => `${quantity} ${values[index]}`).join(', '))
  }

  const reports = every(components.clock, measure)
  const setPace = (): void => reports.setInterval(asleep || passive ? null : intervalMs)

  const commands = createFramer(PLANTOWER_COMMAND_FORMAT, frame => {
    const [command = 0, value = 0] = [frame[2], frame[4]]
    if (command === PLANTOWER_COMMANDS.sleep) asleep = value === 0
    else if (asleep) return
    else if (command === PLANTOWER_COMMANDS.mode) passive = value === 0
    else if (command === PLANTOWER_COMMANDS.read && passive) return measure()
    else return
    setPace()
    line.send(plantowerAnswer(command, value))
  })
  line.onData(bytes => commands.push(bytes))
  pty.closed.then(() => reports.setInterval(null))
  setPace()
  return {
    counters: line.counters,
    stop: () => {
      reports.setInterval(null)
      line.close()
    },
  }
}

/** In the resolution of the table of quantities; masses are whole micrograms, as the sensor gives them. */
function quantityIn(quantity: string, { pm1Tenths, pm25Tenths, pm10Tenths }: Dust): number {
  const values: Readonly<Record<string, number>> = {
    pm1: Math.round(pm1Tenths / 10) * 10,
    'pm2.5': Math.round(pm25Tenths / 10) * 10,
    pm10: Math.round(pm10Tenths / 10) * 10,
    'particles-0.3': pm25Tenths * 18,
    'particles-0.5': pm25Tenths * 5,
    formaldehyde: 21,
    temperature: 2_150,
    humidity: 4_820,
  }
  return values[quantity] ?? 0
}
