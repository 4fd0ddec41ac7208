/** An MH-Z19 on a pseudo-terminal: answers with the carbon dioxide of a room, and with a made-up number while it warms up. */
import { MHZ19_BAUD, MHZ19_WARM_UP_MS } from '../drivers/mhz19.ts'
import { encodeMhz19Answer, MHZ19_QUESTIONS, MHZ19_READ, MHZ19_SELF_CALIBRATION } from '../drivers/mhz19-frames.ts'
import { type Answer, type AskedOptions, simulateAsked } from './asked.ts'
import type { Simulated, SimulatorComponents } from './misbehave.ts'
import type { Pty } from './pty.ts'
import { roomAir } from './room-air.ts'

export interface SimulatedMhz19Options extends AskedOptions {
  /** What it measures, in ppm; a room with people when left out. */
  readonly co2Ppm?: () => number
}

export interface SimulatedMhz19 extends Simulated {
  /** As it was last told; null before. */
  readonly selfCalibration: boolean | null
}

/** What an MH-Z19B says until it is warm. */
const COLD_PPM = 410

export async function simulateMhz19(
  pty: Pty,
  components: SimulatorComponents,
  options: SimulatedMhz19Options = {},
): Promise<SimulatedMhz19> {
  const { clock, random } = components
  const { co2Ppm = roomAir(random) } = options
  const warmAtMs = clock.monotonicMs() + MHZ19_WARM_UP_MS
  let selfCalibration: boolean | null = null

  function answer([, , command, value]: Uint8Array): Answer | null {
    if (command === MHZ19_SELF_CALIBRATION) selfCalibration = value !== 0
    if (command !== MHZ19_READ) return null
    const ppm = clock.monotonicMs() < warmAtMs ? COLD_PPM : co2Ppm()
    return { frame: encodeMhz19Answer(ppm), words: `CO2 ${ppm} ppm` }
  }

  const simulated = await simulateAsked(pty, components, {
    ...options,
    baudRate: MHZ19_BAUD,
    questions: MHZ19_QUESTIONS,
    answer,
  })
  return {
    ...simulated,
    get selfCalibration() {
      return selfCalibration
    },
  }
}
