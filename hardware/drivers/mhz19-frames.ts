/**
 * What an MH-Z19 (B, C) and its reader say to each other: nine bytes either way.
 * @see Winsen, "Intelligent Infrared CO2 Module MH-Z19B" manual V1.0, and esphome `mhz19.cpp`
 */
import { fixedLength } from '../serial/formats.ts'
import type { FrameFormat } from '../serial/framer.ts'

const START = 0xff
/** Sensors are number 1; the protocol could have more on a line, the hardware cannot. */
const SENSOR = 0x01
const LENGTH = 9
export const MHZ19_READ = 0x86
export const MHZ19_SELF_CALIBRATION = 0x79

/** What one answer says. */
export interface Mhz19Answer {
  readonly co2Ppm: number
}

/** A question, `FF 01 command value 00 00 00 00 sum`. */
export function encodeMhz19(command: number, value = 0): Uint8Array {
  return sealed([START, SENSOR, command, value, 0, 0, 0, 0])
}

/** Asks for the concentration: `FF 01 86 00 00 00 00 00 79`. Harmless to any sensor, so that a scan may send it too. */
export const MHZ19_ASK: Uint8Array = encodeMhz19(MHZ19_READ)

/** Turns the sensor's habit of taking the least of each day for 400 ppm on or off. There is no answer to rely on: only some models give one. */
export function encodeMhz19SelfCalibration(on: boolean): Uint8Array {
  return encodeMhz19(MHZ19_SELF_CALIBRATION, on ? 0xa0 : 0)
}

/** An answer to {@link MHZ19_ASK}: `FF 86 high low … sum`. What the other bytes mean is not documented for all models. For simulated sensors. */
export function encodeMhz19Answer(co2Ppm: number, undocumented: readonly number[] = [0, 0, 0, 0]): Uint8Array {
  return sealed([START, MHZ19_READ, co2Ppm >>> 8, co2Ppm & 0xff, ...undocumented])
}

/** Whether these nine bytes are an answer with a concentration. */
export function isMhz19Answer(frame: Uint8Array): boolean {
  return frame[1] === MHZ19_READ && isSealed(frame)
}

/** Whether these nine bytes are a question. */
export function isMhz19Question(frame: Uint8Array): boolean {
  return frame[1] === SENSOR && isSealed(frame)
}

/** @param frame - for which {@link isMhz19Answer} holds */
export function decodeMhz19(frame: Uint8Array): Mhz19Answer {
  return { co2Ppm: ((frame[2] ?? 0) << 8) | (frame[3] ?? 0) }
}

/** Answers, for a framer. */
export const MHZ19_ANSWERS: FrameFormat = fixedLength({
  header: [START, MHZ19_READ],
  length: LENGTH,
  check: isMhz19Answer,
})
/** Questions, for a framer. */
export const MHZ19_QUESTIONS: FrameFormat = fixedLength({
  header: [START, SENSOR],
  length: LENGTH,
  check: isMhz19Question,
})

function isSealed(frame: Uint8Array): boolean {
  return frame.length === LENGTH && frame[0] === START && frame[LENGTH - 1] === sumOf(frame)
}

function sealed(bytes: readonly number[]): Uint8Array {
  const frame = Uint8Array.from([...bytes, 0])
  frame[LENGTH - 1] = sumOf(frame)
  return frame
}

/** The two's complement of the sum of all bytes but the first and the last. */
function sumOf(frame: Uint8Array): number {
  let sum = 0
  for (const byte of frame.subarray(1, LENGTH - 1)) sum += byte
  return -sum & 0xff
}
