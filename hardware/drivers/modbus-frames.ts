/**
 * Answers of Modbus RTU devices to the questions that sensors are asked.
 * @see "MODBUS Application Protocol Specification" V1.1b3 §6.3, §6.4, §6.6 and §7
 */
import { hasCrc16, withCrc16 } from '../serial/crc16.ts'
import { lengthField } from '../serial/formats.ts'
import type { FrameFormat } from '../serial/framer.ts'

export const READ_HOLDING_REGISTERS = 3
export const READ_INPUT_REGISTERS = 4
export const WRITE_REGISTER = 6
/** Set in the function of an answer that refuses. */
const REFUSAL = 0x80
const REFUSAL_BYTES = 5
const WRITE_BYTES = 8
/** Unit, function, number of bytes, checksum. */
const READ_FIXED_BYTES = 5
/** A read asks for at most 125 registers. */
const READ_BYTES_MAX = READ_FIXED_BYTES + 2 * 125

/** A question for `count` registers from `address` on, with function 3 or 4; or, with function 6, to write `count` into the register. */
export function encodeModbus(unit: number, modbusFunction: number, address: number, count: number): Uint8Array {
  return withCrc16([unit, modbusFunction, address >>> 8, address & 0xff, count >>> 8, count & 0xff])
}

/** The answer to a read: `unit function bytes register… checksum`. For simulated devices. */
export function encodeModbusAnswer(unit: number, modbusFunction: number, registers: readonly number[]): Uint8Array {
  const data = registers.flatMap(register => [register >>> 8, register & 0xff])
  return withCrc16([unit, modbusFunction, data.length, ...data])
}

/** A refusal. For simulated devices. */
export function encodeModbusRefusal(unit: number, modbusFunction: number, exception: number): Uint8Array {
  return withCrc16([unit, modbusFunction | REFUSAL, exception])
}

/**
 * What `question` may be answered with, for a framer: registers, as many as were asked for; an echo of a write; or a refusal.
 * Nothing else on the line passes, so that the answer of another unit is not taken for this one's.
 */
export function modbusAnswersTo(question: Uint8Array): FrameFormat {
  const [unit = 0, modbusFunction = 0, , , countHigh = 0, countLow = 0] = question
  const dataBytes = 2 * ((countHigh << 8) | countLow)
  const isWrite = modbusFunction === WRITE_REGISTER
  return lengthField({
    header: [unit],
    headBytes: 3,
    lengthOf: ([, answered, third]) => {
      if (answered === (modbusFunction | REFUSAL)) return REFUSAL_BYTES
      if (answered !== modbusFunction) return null
      if (isWrite) return WRITE_BYTES
      return third === dataBytes ? READ_FIXED_BYTES + dataBytes : null
    },
    lengthMax: isWrite ? WRITE_BYTES : READ_BYTES_MAX,
    check: frame => hasCrc16(frame) && (!isWrite || frame[1] !== modbusFunction || sameBytes(frame, question)),
  })
}

/** The code in a refusal; null when the answer is none. */
export function modbusException(answer: Uint8Array): number | null {
  return ((answer[1] ?? 0) & REFUSAL) === 0 ? null : (answer[2] ?? 0)
}

/** The registers in the answer to a read. */
export function modbusRegisters(answer: Uint8Array): number[] {
  const data = answer.subarray(3, -2)
  return Array.from({ length: data.length >> 1 }, (_, i) => ((data[2 * i] ?? 0) << 8) | (data[2 * i + 1] ?? 0))
}

/** Questions of eight bytes, for a framer: what a simulated device listens for. */
export const MODBUS_QUESTIONS: FrameFormat = {
  lengthMax: WRITE_BYTES,
  match: (bytes, at) => {
    const modbusFunction = bytes[at + 1]
    if (modbusFunction === undefined) return 'need_more'
    const isKnown =
      modbusFunction === READ_HOLDING_REGISTERS ||
      modbusFunction === READ_INPUT_REGISTERS ||
      modbusFunction === WRITE_REGISTER
    return isKnown ? { length: WRITE_BYTES } : 'no'
  },
  check: hasCrc16,
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
