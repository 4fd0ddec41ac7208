/** An SPS30 on a pseudo-terminal: sleeps, wakes, measures and cleans its fan as it is told. */
import { SPS30_BAUD } from '../drivers/sps30.ts'
import {
  encodeSps30Answer,
  encodeSps30Measurement,
  SPS30_COMMAND,
  SPS30_DEVICE_ERROR,
  SPS30_NOT_ALLOWED_NOW,
  SPS30_STATUS,
  type Sps30Measurement,
} from '../drivers/sps30-frames.ts'
import { decodeShdlc, SHDLC_QUESTIONS } from '../serial/shdlc.ts'
import { type Answer, type AskedOptions, simulateAsked } from './asked.ts'
import { dustyAir } from './dust.ts'
import type { Simulated, SimulatorComponents } from './misbehave.ts'
import type { Pty } from './pty.ts'

export interface SimulatedSps30Options extends AskedOptions {
  /** What it measures; dusty air when left out. */
  readonly measure?: () => Sps30Measurement
  readonly serial?: string
  readonly state?: 'asleep' | 'idle' | 'measuring'
  /** Distance of new measurements; 1 000 when left out, and 0 for a new one at each question. */
  readonly intervalMs?: number
  /** Its status register beside {@link AskedOptions.misbehave}.fanDead. */
  readonly status?: () => number
}

export interface SimulatedSps30 extends Simulated {
  readonly state: 'asleep' | 'idle' | 'measuring'
  /** How often its fan was cleaned. */
  readonly cleanings: number
  /** As when its power fails for a moment: it forgets that it measured. */
  restart(): void
}

const SERIAL = '5A7C91E2D04B8F36'
const INTERVAL_MS = 1_000
const UNKNOWN_COMMAND = 0x02

export async function simulateSps30(
  pty: Pty,
  components: SimulatorComponents,
  options: SimulatedSps30Options = {},
): Promise<SimulatedSps30> {
  const { clock, random } = components
  const { measure = dust(dustyAir(random)), serial = SERIAL, intervalMs = INTERVAL_MS, misbehave } = options
  let state = options.state ?? 'idle'
  let cleanings = 0
  let newestAtMs = Number.NEGATIVE_INFINITY
  let interfaceAwake = state !== 'asleep'

  const status = (): number => (options.status?.() ?? 0) | (misbehave?.fanDead === true ? SPS30_STATUS.fan : 0)

  function say(command: number, words: string, data?: Uint8Array, refusal = 0): Answer {
    const error = status() === 0 ? 0 : SPS30_DEVICE_ERROR
    return { frame: encodeSps30Answer(command, refusal | error, data), words }
  }

  function read(): Answer {
    const nowMs = clock.monotonicMs()
    if (nowMs - newestAtMs < intervalMs) return say(SPS30_COMMAND.read, 'nothing new')
    newestAtMs = nowMs
    const measurement = measure()
    const words = `PM2.5 ${measurement.pm2_5.toFixed(1)} µg/m³, PM10 ${measurement.pm10.toFixed(1)} µg/m³`
    return say(SPS30_COMMAND.read, words, encodeSps30Measurement(measurement))
  }

  /** Null when the command does not fit the state. */
  function obey(command: number): Answer | null {
    if (command === SPS30_COMMAND.wake) {
      if (state !== 'asleep') return null
      state = 'idle'
      return say(command, 'awake')
    }
    if (command === SPS30_COMMAND.start || command === SPS30_COMMAND.sleep) {
      if (state !== 'idle') return null
      state = command === SPS30_COMMAND.start ? 'measuring' : 'asleep'
      interfaceAwake = state !== 'asleep'
      return say(command, state)
    }
    if (state !== 'measuring') return null
    if (command === SPS30_COMMAND.read) return read()
    if (command === SPS30_COMMAND.stop) state = 'idle'
    else cleanings++
    return say(command, command === SPS30_COMMAND.stop ? 'idle' : 'cleaning the fan')
  }

  function answer(question: Uint8Array): Answer | null {
    const { address, command } = decodeShdlc(question)
    if (address !== 0 || (state === 'asleep' && command !== SPS30_COMMAND.wake)) return null
    if (command === SPS30_COMMAND.info) return say(command, `number ${serial}`, zeroEnded(serial))
    if (command === SPS30_COMMAND.status) return say(command, 'status', wordOf(status()))
    if (!COMMANDS.has(command)) return say(command, 'unknown command', undefined, UNKNOWN_COMMAND)
    return obey(command) ?? say(command, 'not now', undefined, SPS30_NOT_ALLOWED_NOW)
  }

  const simulated = await simulateAsked(pty, components, {
    ...options,
    baudRate: SPS30_BAUD,
    questions: SHDLC_QUESTIONS,
    hear: bytes => {
      // The first byte wakes the interface and is lost.
      const heard = interfaceAwake ? bytes : bytes.subarray(1)
      interfaceAwake = true
      return heard
    },
    answer,
  })
  return {
    ...simulated,
    get state() {
      return state
    },
    get cleanings() {
      return cleanings
    },
    restart: () => {
      state = 'idle'
    },
  }
}

const COMMANDS: ReadonlySet<number> = new Set(Object.values(SPS30_COMMAND))

function zeroEnded(text: string): Uint8Array {
  return Uint8Array.from([...text].map(character => character.charCodeAt(0)).concat(0))
}

/** The status register and a byte that is kept for later. */
function wordOf(status: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(5))
  view.setUint32(0, status)
  return new Uint8Array(view.buffer)
}

/** Dust with the counts and the size that go with it. */
function dust(air: ReturnType<typeof dustyAir>): () => Sps30Measurement {
  return () => {
    const { pm1Tenths, pm25Tenths, pm10Tenths } = air()
    const [pm1, pm2_5, pm10] = [pm1Tenths / 10, pm25Tenths / 10, pm10Tenths / 10]
    const count10 = pm2_5 * 7.8
    return {
      pm1,
      pm2_5,
      pm4: (pm2_5 + pm10) / 2,
      pm10,
      count0_5: count10 * 0.86,
      count1: count10 * 0.98,
      count2_5: count10 * 0.995,
      count4: count10 * 0.999,
      count10,
      typicalSizeUm: 0.55,
    }
  }
}
