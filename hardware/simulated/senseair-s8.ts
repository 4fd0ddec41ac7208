/** A SenseAir S8 on a pseudo-terminal: answers with the carbon dioxide of a room. */
import {
  encodeModbusAnswer,
  encodeModbusRefusal,
  MODBUS_QUESTIONS,
  READ_HOLDING_REGISTERS,
  READ_INPUT_REGISTERS,
  WRITE_REGISTER,
} from '../drivers/modbus-frames.ts'
import { S8_BAUD } from '../drivers/senseair-s8.ts'
import {
  encodeS8Answer,
  S8_ANY_UNIT,
  S8_ID_REGISTER,
  S8_SELF_CALIBRATION_HOURS,
  S8_SELF_CALIBRATION_REGISTER,
} from '../drivers/senseair-s8-frames.ts'
import { type Answer, type AskedOptions, simulateAsked } from './asked.ts'
import type { Simulated, SimulatorComponents } from './misbehave.ts'
import type { Pty } from './pty.ts'
import { roomAir } from './room-air.ts'

export interface SimulatedS8Options extends AskedOptions {
  /** What it measures, in ppm; a room with people when left out. */
  readonly co2Ppm?: () => number
  /** Its status bits; none when left out. */
  readonly status?: () => number
  /** Its own number, 0..2^32-1. */
  readonly id?: number
  /** The first byte after each answer only wakes it. */
  readonly sleepy?: boolean
}

export interface SimulatedS8 extends Simulated {
  /** Period of its self-calibration, in hours; 0 when it is off. */
  readonly selfCalibrationHours: number
  /** How often that was written, which wears the memory. */
  readonly writes: number
}

const ID = 0x0301_a7c4
const ILLEGAL_FUNCTION = 1
const ILLEGAL_ADDRESS = 2

export async function simulateS8(
  pty: Pty,
  components: SimulatorComponents,
  options: SimulatedS8Options = {},
): Promise<SimulatedS8> {
  const { co2Ppm = roomAir(components.random), status = () => 0, id = ID, sleepy = false } = options
  let selfCalibrationHours = S8_SELF_CALIBRATION_HOURS
  let writes = 0
  let awake = !sleepy

  function read(address: number, count: number): Answer | null {
    if (address === 0 && count === 4) {
      const ppm = co2Ppm()
      return { frame: encodeS8Answer({ status: status(), co2Ppm: ppm }), words: `CO2 ${ppm} ppm` }
    }
    if (address !== S8_ID_REGISTER || count !== 2) return null
    const frame = encodeModbusAnswer(S8_ANY_UNIT, READ_INPUT_REGISTERS, [id >>> 16, id & 0xffff])
    return { frame, words: `number ${id.toString(16)}` }
  }

  function hold(modbusFunction: number, question: Uint8Array, value: number): Answer {
    if (modbusFunction === WRITE_REGISTER) {
      selfCalibrationHours = value
      writes++
      return { frame: question, words: `self-calibration every ${value} h` }
    }
    const frame = encodeModbusAnswer(S8_ANY_UNIT, READ_HOLDING_REGISTERS, [selfCalibrationHours])
    return { frame, words: `self-calibration every ${selfCalibrationHours} h` }
  }

  function answer(question: Uint8Array): Answer | null {
    awake = !sleepy
    const view = new DataView(question.buffer, question.byteOffset)
    if (view.getUint8(0) !== S8_ANY_UNIT) return null
    const [modbusFunction, address, value] = [view.getUint8(1), view.getUint16(2), view.getUint16(4)]
    if (modbusFunction === READ_INPUT_REGISTERS) return read(address, value) ?? refuse(modbusFunction, ILLEGAL_ADDRESS)
    if (address === S8_SELF_CALIBRATION_REGISTER) return hold(modbusFunction, question, value)
    return refuse(modbusFunction, ILLEGAL_FUNCTION)
  }

  const simulated = await simulateAsked(pty, components, {
    ...options,
    baudRate: S8_BAUD,
    questions: MODBUS_QUESTIONS,
    hear: bytes => {
      const heard = awake ? bytes : bytes.subarray(1)
      awake = true
      return heard
    },
    answer,
  })
  return {
    ...simulated,
    get selfCalibrationHours() {
      return selfCalibrationHours
    },
    get writes() {
      return writes
    },
  }
}

function refuse(modbusFunction: number, exception: number): Answer {
  return { frame: encodeModbusRefusal(S8_ANY_UNIT, modbusFunction, exception), words: `refusal ${exception}` }
}
