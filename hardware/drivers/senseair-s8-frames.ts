/**
 * What a SenseAir S8 and its reader say to each other: Modbus RTU with the address that any such sensor answers to.
 * @see SenseAir, "Modbus on Senseair S8" (TDE2067), and esphome `senseair.cpp`
 */
import type { FrameFormat } from '../serial/framer.ts'
import {
  encodeModbus,
  encodeModbusAnswer,
  modbusAnswersTo,
  modbusRegisters,
  READ_HOLDING_REGISTERS,
  READ_INPUT_REGISTERS,
  WRITE_REGISTER,
} from './modbus-frames.ts'

/** Every sensor answers to this, whatever its own address. */
export const S8_ANY_UNIT = 0xfe
/** Hours over which the sensor looks for its baseline when self-calibration is on; the value it leaves the factory with. */
export const S8_SELF_CALIBRATION_HOURS = 180
export const S8_SELF_CALIBRATION_REGISTER = 0x001f
/** Two registers: the sensor's own number. */
export const S8_ID_REGISTER = 0x001d

/** Meter status, the first input register. */
export const S8_STATUS = {
  fatalError: 0x01,
  offsetRegulationError: 0x02,
  algorithmError: 0x04,
  outputError: 0x08,
  selfDiagnosticsError: 0x10,
  outOfRange: 0x20,
  memoryError: 0x40,
} as const

/** What one answer says. */
export interface S8Answer {
  /** Bits of {@link S8_STATUS}. */
  readonly status: number
  readonly co2Ppm: number
}

/** Asks for status and concentration: `FE 04 00 00 00 04 E5 C6`. Harmless to any sensor, so that a scan may send it too. */
export const S8_ASK: Uint8Array = encodeModbus(S8_ANY_UNIT, READ_INPUT_REGISTERS, 0, 4)
/** Asks for the sensor's own number. */
export const S8_ASK_ID: Uint8Array = encodeModbus(S8_ANY_UNIT, READ_INPUT_REGISTERS, S8_ID_REGISTER, 2)

/** Asks for the period of self-calibration: `FE 03 00 1F 00 01 A1 C3`. */
export const S8_ASK_SELF_CALIBRATION: Uint8Array = encodeModbus(
  S8_ANY_UNIT,
  READ_HOLDING_REGISTERS,
  S8_SELF_CALIBRATION_REGISTER,
  1,
)
/** Some sensors sleep between questions; a byte that begins no frame wakes them. */
export const S8_WAKE: Uint8Array = Uint8Array.of(0)

/** Sets the period of self-calibration; 0 hours turns it off. Answered with an echo. */
export function encodeS8SelfCalibration(on: boolean): Uint8Array {
  const hours = on ? S8_SELF_CALIBRATION_HOURS : 0
  return encodeModbus(S8_ANY_UNIT, WRITE_REGISTER, S8_SELF_CALIBRATION_REGISTER, hours)
}

/** An answer to {@link S8_ASK}, thirteen bytes. For simulated sensors. */
export function encodeS8Answer({ status, co2Ppm }: S8Answer): Uint8Array {
  return encodeModbusAnswer(S8_ANY_UNIT, READ_INPUT_REGISTERS, [status, 0, 0, co2Ppm & 0xffff])
}

/** Answers to {@link S8_ASK}, for a framer; refusals too. */
export const S8_ANSWERS: FrameFormat = modbusAnswersTo(S8_ASK)

/** Whether these bytes are an answer to {@link S8_ASK}. */
export function isS8Answer(frame: Uint8Array): boolean {
  return frame.length === 13 && frame[0] === S8_ANY_UNIT && frame[1] === READ_INPUT_REGISTERS && S8_ANSWERS.check(frame)
}

/** @param frame - for which {@link isS8Answer} holds */
export function decodeS8(frame: Uint8Array): S8Answer {
  const [status = 0, , , co2 = 0] = modbusRegisters(frame)
  // The register is signed; below zero is a sensor that has lost its calibration.
  return { status, co2Ppm: co2 > 0x7fff ? co2 - 0x1_0000 : co2 }
}

/** The sensor's own number as eight hexadecimal digits; null when it has none. */
export function s8SerialOf(registers: readonly number[]): string | null {
  const [high = 0, low = 0] = registers
  const id = high * 0x1_0000 + low
  return id === 0 || id === 0xffff_ffff ? null : id.toString(16).padStart(8, '0')
}
