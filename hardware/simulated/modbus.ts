/** Modbus electricity meters on a pseudo-terminal, as many as one line holds. */
import {
  encodeModbusAnswer,
  encodeModbusRefusal,
  MODBUS_QUESTIONS,
  READ_HOLDING_REGISTERS,
  READ_INPUT_REGISTERS,
} from '../drivers/modbus-frames.ts'
import { METERS } from '../drivers/modbus-meters.ts'
import type { ModbusMeter, ModbusRegister, RegisterType } from '../sensor-config.ts'
import { type Answer, type AskedOptions, simulateAsked } from './asked.ts'
import type { Simulated, SimulatorComponents } from './misbehave.ts'
import type { Pty } from './pty.ts'

/** One meter on the line. */
export interface SimulatedUnit {
  /** 1..247 */
  readonly unit: number
  readonly meter: ModbusMeter
  /** What it measures, by quantity; what is left out is a household's. */
  readonly values?: () => Readonly<Record<string, number>>
  /** Its own number, for those that have one. */
  readonly serial?: number
  /** Refuses everything with this code. */
  readonly exception?: () => number | null
}

export interface SimulatedModbusOptions extends AskedOptions {
  /** One SDM120 with address 1 when left out. */
  readonly units?: readonly SimulatedUnit[]
  /** Default 9 600. */
  readonly baudRate?: number
}

const BAUD = 9_600
const SERIAL = 20_417_733
const ILLEGAL_FUNCTION = 1
const ILLEGAL_ADDRESS = 2
const HOUSEHOLD: Readonly<Record<string, number>> = {
  voltage: 231.4,
  current: 1.52,
  power: 338.6,
  'power-factor': 0.96,
  frequency: 49.98,
  'energy-import': 1_204.5,
  'energy-export': 3.25,
  'energy-total': 1_207.75,
}

export function simulateModbus(
  pty: Pty,
  components: SimulatorComponents,
  options: SimulatedModbusOptions = {},
): Promise<Simulated> {
  const { units = [{ unit: 1, meter: 'sdm120' }], baudRate = BAUD } = options

  function answer(question: Uint8Array): Answer | null {
    const view = new DataView(question.buffer, question.byteOffset)
    const [address, modbusFunction, first, count] = [
      view.getUint8(0),
      view.getUint8(1),
      view.getUint16(2),
      view.getUint16(4),
    ]
    const unit = units.find(unit => unit.unit === address)
    if (unit === undefined) return null
    const words = wordsAt(unit, modbusFunction, first, count)
    if (typeof words === 'number')
      return { frame: encodeModbusRefusal(address, modbusFunction, words), words: `unit ${address} refuses (${words})` }
    const frame = encodeModbusAnswer(address, modbusFunction, words)
    return { frame, words: `unit ${address}: registers ${first} to ${first + count - 1}` }
  }

  return simulateAsked(pty, components, { ...options, baudRate, questions: MODBUS_QUESTIONS, answer })
}

/** What its registers hold, or the code with which it refuses. */
function wordsAt(unit: SimulatedUnit, modbusFunction: number, first: number, count: number): number[] | number {
  const exception = unit.exception?.() ?? null
  if (exception !== null) return exception
  const { registers, blocks, serial } = METERS[unit.meter]
  if (modbusFunction === READ_HOLDING_REGISTERS) {
    if (serial === null || first !== serial.address || count !== 2) return ILLEGAL_ADDRESS
    return wordsOf(unit.serial ?? SERIAL, serial.type)
  }
  if (modbusFunction !== READ_INPUT_REGISTERS) return ILLEGAL_FUNCTION
  const last = Math.max(...blocks.map(({ address, count }) => address + count))
  if (first + count > last) return ILLEGAL_ADDRESS
  const words = new Array<number>(count).fill(0)
  const values: Readonly<Record<string, number>> = { ...HOUSEHOLD, ...unit.values?.() }
  for (const register of registers) {
    for (const [index, word] of registerWords(register, values).entries()) {
      const at = register.address + index - first
      if (at >= 0 && at < count) words[at] = word
    }
  }
  return words
}

function registerWords({ quantity, type, scale }: ModbusRegister, values: Readonly<Record<string, number>>): number[] {
  const number = (values[quantity] ?? 0) / scale
  return wordsOf(type.startsWith('f32') ? number : Math.round(number), type)
}

function wordsOf(number: number, type: RegisterType): number[] {
  if (type === 'u16' || type === 's16') return [number & 0xffff]
  const view = new DataView(new ArrayBuffer(4))
  if (type.startsWith('f32')) view.setFloat32(0, number)
  else view.setInt32(0, number)
  const words = [view.getUint16(0), view.getUint16(2)]
  return type.endsWith('-swapped') ? words.reverse() : words
}
