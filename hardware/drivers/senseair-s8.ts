/** SenseAir S8: carbon dioxide by infrared, on a serial port that speaks Modbus. */
import { channelOf, type Outcome, outcomeOf } from '../scaled.ts'
import type { Sensor } from '../sensor.ts'
import type { SenseairS8Config } from '../sensor-config.ts'
import { openAskedPort, type Reply } from './asked-port.ts'
import { type Heard, heard, type Look, openAskedSensor, unheard } from './asked-sensor.ts'
import type { DriverComponents } from './components.ts'
import { modbusAnswersTo, modbusException, modbusRegisters } from './modbus-frames.ts'
import {
  decodeS8,
  encodeS8SelfCalibration,
  isS8Answer,
  S8_ASK,
  S8_ASK_ID,
  S8_ASK_SELF_CALIBRATION,
  S8_STATUS,
  S8_WAKE,
  type S8Answer,
  s8SerialOf,
} from './senseair-s8-frames.ts'

export const S8_BAUD = 9_600
/** "The sensor answers within 180 ms." (TDE2067 §1.1) */
export const S8_TIMEOUT_MS = 500
/** The widest range of the register; the S8 is exact up to 2 000. */
const CO2_PPM_MAX = 10_000

const CO2 = channelOf('co2')
/** A byte takes 1 ms on the line; the sensor needs a few more to come to. (esphome `senseair.cpp`) */
const WAKE = { bytes: S8_WAKE, pauseMs: 5 }
/** The signal outputs, which nobody here uses, do not spoil the value. */
const BROKEN = S8_STATUS.fatalError | S8_STATUS.algorithmError | S8_STATUS.selfDiagnosticsError | S8_STATUS.memoryError

/**
 * Opens a sensor and reads its number. With `selfCalibration` the period of its own calibration is set where it is not as wished (the
 * register outlives a loss of power and wears); the sensor is never calibrated to 400 ppm by us.
 * @throws {HardwareError} `unreadable`, `no_answer`
 */
export function openSenseairS8(
  components: DriverComponents,
  { port: path, selfCalibration }: SenseairS8Config,
): Promise<Sensor> {
  const port = openAskedPort(components, { path, settings: { baudRate: S8_BAUD } })
  let isSet = selfCalibration === undefined

  const ask = (bytes: Uint8Array): Promise<Reply> =>
    port.ask({ bytes, answers: modbusAnswersTo(bytes), timeoutMs: S8_TIMEOUT_MS, wake: WAKE })

  async function setSelfCalibration(on: boolean): Promise<Heard<unknown>> {
    const now = await ask(S8_ASK_SELF_CALIBRATION)
    if (now.fault !== null) return unheard(now.fault)
    const [hours = 0] = modbusRegisters(now.frame)
    if (modbusException(now.frame) === null && on === hours > 0) return heard(null)
    const set = await ask(encodeS8SelfCalibration(on))
    return set.fault === null ? heard(null) : unheard(set.fault)
  }

  return openAskedSensor({
    model: 'senseair-s8',
    name: 'SenseAir S8',
    channels: [CO2],
    port,
    timeoutMs: S8_TIMEOUT_MS,
    silentAdvice:
      "Its UART_TxD must go to the port's RX and its UART_RxD to TX: try to swap them. It needs 4.5 to 5.25 V at G+ (3.3 V is not enough).",
    async identify() {
      const reply = await ask(S8_ASK_ID)
      if (reply.fault !== null) return unheard(reply.fault)
      return heard(modbusException(reply.frame) === null ? s8SerialOf(modbusRegisters(reply.frame)) : null)
    },
    async prepare() {
      if (isSet) return heard(null)
      const set = await setSelfCalibration(selfCalibration === true)
      isSet = set.fault === null
      return set
    },
    async measure() {
      const reply = await ask(S8_ASK)
      if (reply.fault !== null) return unheard(reply.fault)
      return heard(isS8Answer(reply.frame) ? lookAt(decodeS8(reply.frame)) : REFUSED)
    },
  })
}

const REFUSED: Look = {
  outcomes: ['unknown'],
  state: 'faulty',
  advice: 'The sensor refuses to say its concentration. Is it a SenseAir S8, or another Modbus device?',
}

function lookAt({ status, co2Ppm }: S8Answer): Look {
  const outcome = outcomeAt(status, co2Ppm)
  return { outcomes: [outcome], ...(typeof outcome === 'number' ? { state: 'ok', advice: '' } : trouble(status)) }
}

function outcomeAt(status: number, co2Ppm: number): Outcome {
  if ((status & (BROKEN | S8_STATUS.offsetRegulationError)) !== 0) return 'unknown'
  if ((status & S8_STATUS.outOfRange) !== 0 || co2Ppm <= 0 || co2Ppm > CO2_PPM_MAX) return 'out_of_range'
  return outcomeOf(co2Ppm, CO2)
}

function trouble(status: number): Pick<Look, 'state' | 'advice'> {
  const bits = `status 0x${status.toString(16).padStart(2, '0')}`
  if ((status & BROKEN) !== 0)
    return {
      state: 'faulty',
      advice: `The SenseAir S8 reports a fault of its own (${bits}). Cut its power for a minute; if the fault stays, the sensor is broken.`,
    }
  if ((status & S8_STATUS.offsetRegulationError) !== 0)
    return {
      state: 'faulty',
      advice: `The SenseAir S8 cannot find its baseline (${bits}): it has not seen fresh air. Put it outdoors for a few hours.`,
    }
  return {
    state: 'faulty',
    advice: `The SenseAir S8 measures a concentration outside its range (${bits}). Let fresh air at it; if this stays, its power is weak or it is broken.`,
  }
}
