/** Sensirion SPS30: particles by laser, on its serial interface. */
import { HardwareError, type SensorFault } from '../../protocol/index.ts'
import { channelOf, type Outcome, outcomeOf } from '../scaled.ts'
import type { Sensor, SensorState } from '../sensor.ts'
import type { Sps30Config } from '../sensor-config.ts'
import { decodeShdlcAnswer, type ShdlcAnswer, shdlcAnswersTo } from '../serial/shdlc.ts'
import { openAskedPort } from './asked-port.ts'
import { type Heard, heard, type Look, openAskedSensor, unheard } from './asked-sensor.ts'
import type { DriverComponents } from './components.ts'
import {
  decodeSps30Measurement,
  decodeSps30Serial,
  decodeSps30Status,
  SPS30_ASK_SERIAL,
  SPS30_ASK_STATUS,
  SPS30_CLEAN_FAN,
  SPS30_COMMAND,
  SPS30_DEVICE_ERROR,
  SPS30_NOT_ALLOWED_NOW,
  SPS30_READ,
  SPS30_START,
  SPS30_STATUS,
  SPS30_WAKE,
  SPS30_WAKE_PULSE,
  type Sps30Measurement,
} from './sps30-frames.ts'

export const SPS30_BAUD = 115_200
/** "Maximum response time" of the commands used here is 20 ms. (datasheet §5.3) */
export const SPS30_TIMEOUT_MS = 300
/** "Start-up time" until the number concentration settles, at worst. (datasheet table 1) */
export const SPS30_WARM_UP_MS = 30_000
/** The fan blows for 10 s, then needs a moment. */
export const SPS30_CLEANING_MS = 15_000
/** A new measurement comes each second. */
const FRESH_MS = 5_000
/** The wake command takes up to 5 ms after the pulse. */
const WAKE = { bytes: Uint8Array.of(...SPS30_WAKE_PULSE, ...SPS30_WAKE), pauseMs: 20 }

const CHANNELS = ['pm1', 'pm2.5', 'pm4', 'pm10', 'particle-size'].map(channelOf)

/** A sensor with a fan that can be told to clean itself; it also does so by itself once a week of measuring. */
export interface Sps30 extends Sensor {
  /**
   * Blows the dust out, which takes ten seconds; there are no values meanwhile.
   * @throws {HardwareError} `unplugged`, `no_answer`, or `bad_value` when the sensor refuses
   */
  cleanFan(): Promise<void>
}

/**
 * Wakes the sensor, reads its serial number and lets it measure.
 * @throws {HardwareError} `unreadable`, `unplugged`, `no_answer`
 */
export async function openSps30(components: DriverComponents, { port: path }: Sps30Config): Promise<Sps30> {
  const { clock } = components
  const port = openAskedPort(components, { path, settings: { baudRate: SPS30_BAUD } })
  let settledAtMs = 0
  let newest: { readonly measurement: Sps30Measurement; readonly atMs: number } | null = null

  async function ask(bytes: Uint8Array, command: number): Promise<Heard<ShdlcAnswer>> {
    const reply = await port.ask({ bytes, answers: shdlcAnswersTo(command), timeoutMs: SPS30_TIMEOUT_MS, wake: WAKE })
    return reply.fault === null ? heard(decodeShdlcAnswer(reply.frame)) : unheard(reply.fault)
  }

  /** Refused when it measures already, and then nothing needs to settle. */
  async function start(): Promise<Heard<unknown>> {
    const answer = await ask(SPS30_START, SPS30_COMMAND.start)
    if (answer.fault === null && refusal(answer.heard) === 0) {
      newest = null
      settledAtMs = clock.monotonicMs() + SPS30_WARM_UP_MS
    }
    return answer
  }

  async function measure(): Promise<Heard<Look>> {
    const answer = await ask(SPS30_READ, SPS30_COMMAND.read)
    if (answer.fault !== null) return answer
    const code = refusal(answer.heard)
    // It lost its power, or somebody stopped it.
    if (code === SPS30_NOT_ALLOWED_NOW) {
      const started = await start()
      return started.fault === null ? heard(WARMING) : unheard(started.fault)
    }
    if (code !== 0)
      return heard(blank('unknown', `The SPS30 refuses to measure (code ${code}). Cut its power for a minute.`))
    const nowMs = clock.monotonicMs()
    const measurement = decodeSps30Measurement(answer.heard.data)
    if (measurement !== null) newest = { measurement, atMs: nowMs }
    const trouble = (answer.heard.state & SPS30_DEVICE_ERROR) === 0 ? heard(FINE) : await askTrouble()
    if (trouble.fault !== null) return trouble
    const { outcome, state, advice } = trouble.heard
    if (outcome !== null) return heard(blank(outcome, advice))
    if (nowMs < settledAtMs) return heard(WARMING)
    if (newest === null || nowMs - newest.atMs > FRESH_MS) return heard(STALE)
    return heard({ outcomes: outcomesOf(newest.measurement), state, advice })
  }

  async function askTrouble(): Promise<Heard<Trouble>> {
    const answer = await ask(SPS30_ASK_STATUS, SPS30_COMMAND.status)
    return answer.fault === null ? heard(troubleOf(decodeSps30Status(answer.heard.data))) : answer
  }

  const sensor = await openAskedSensor({
    model: 'sps30',
    name: 'SPS30',
    channels: CHANNELS,
    port,
    timeoutMs: SPS30_TIMEOUT_MS,
    silentAdvice:
      'Its pin 4 (SEL) must be left open, which selects the serial interface; connected to ground it speaks I2C. Its TX (pin 3) must go to RX and its RX (pin 2) to TX, and it needs 5 V.',
    async identify() {
      const answer = await ask(SPS30_ASK_SERIAL, SPS30_COMMAND.info)
      return answer.fault === null ? heard(decodeSps30Serial(answer.heard.data)) : answer
    },
    prepare: start,
    measure,
  })

  async function cleanFan(): Promise<void> {
    const answer = await ask(SPS30_CLEAN_FAN, SPS30_COMMAND.cleanFan)
    if (answer.fault !== null) throw port.failure ?? unanswered(path)
    const code = refusal(answer.heard)
    if (code !== 0) throw refused(path, code)
    settledAtMs = Math.max(settledAtMs, clock.monotonicMs() + SPS30_CLEANING_MS)
  }

  return { ...sensor, cleanFan }
}

/** What the device's own status means. */
interface Trouble {
  /** Null when its values may be used all the same. */
  readonly outcome: SensorFault | null
  readonly state: SensorState
  readonly advice: string
}

const FINE: Trouble = { outcome: null, state: 'ok', advice: '' }
const blank = (outcome: Outcome, advice: string): Look => ({
  outcomes: CHANNELS.map(() => outcome),
  state: 'faulty',
  advice,
})
const WARMING: Look = {
  ...blank('warming_up', 'The SPS30 is starting; values come within half a minute.'),
  state: 'warming_up',
}
const STALE = blank('stale', 'The SPS30 answers but has had nothing new for some seconds. Cut its power for a minute.')

const FAN_DEAD: Trouble = {
  outcome: 'fan_dead',
  state: 'faulty',
  advice: 'The fan of the SPS30 stands still. Blow out dust and insects; then cut its power for a minute.',
}
const LASER_BROKEN: Trouble = {
  outcome: 'unknown',
  state: 'faulty',
  advice: 'The laser of the SPS30 draws a wrong current: it is too hot, or worn out.',
}
const FAN_UNSTEADY: Trouble = {
  outcome: null,
  state: 'faulty',
  advice:
    'The fan of the SPS30 turns more than 10 % too fast or too slow. Its values still come; look for dust and for weak power.',
}
const UNTOLD: Trouble = {
  outcome: 'unknown',
  state: 'faulty',
  advice: 'The SPS30 reports a fault, and its firmware is too old to say which. Cut its power for a minute.',
}

function troubleOf(status: number | null): Trouble {
  if (status === null) return UNTOLD
  if ((status & SPS30_STATUS.fan) !== 0) return FAN_DEAD
  if ((status & SPS30_STATUS.laserCurrent) !== 0) return LASER_BROKEN
  return (status & SPS30_STATUS.fanSpeed) === 0 ? FINE : FAN_UNSTEADY
}

function outcomesOf({ pm1, pm2_5, pm4, pm10, typicalSizeUm }: Sps30Measurement): readonly Outcome[] {
  return [pm1, pm2_5, pm4, pm10, typicalSizeUm].map((value, index) => {
    const channel = CHANNELS[index]
    return channel === undefined || value < 0 ? 'out_of_range' : outcomeOf(value, channel)
  })
}

/** The code with which a command was refused; 0 when it was not. */
function refusal({ state }: ShdlcAnswer): number {
  return state & ~SPS30_DEVICE_ERROR
}

function unanswered(path: string): HardwareError {
  const message = `The SPS30 on ${path} did not answer when it was told to clean its fan.`
  return new HardwareError({ code: 'no_answer', path, timeoutMs: SPS30_TIMEOUT_MS }, message)
}

function refused(path: string, code: number): HardwareError {
  const message = `The SPS30 on ${path} refuses to clean its fan (code ${code}): it does so only while it measures.`
  return new HardwareError({ code: 'bad_value', path, value: String(code) }, message)
}
