/**
 * What an SDS011 says and hears (Nova Fitness, Laser Dust Sensor Control Protocol V1.3; cross-checked with ESPHome's `sds011.cpp` and
 * sensor.community's `utils.cpp`). 9 600 baud, 8N1.
 */
import { toHex } from '../../protocol/index.ts'
import { lengthField } from '../serial/formats.ts'
import type { FrameFormat } from '../serial/framer.ts'

const HEAD = 0xaa
const TAIL = 0xab
const MEASUREMENT = 0xc0
const ANSWER = 0xc5
const COMMAND = 0xb4
const FRAME_BYTES = 10
const COMMAND_BYTES = 19

export const SDS011_BAUD = 9_600

/** Commands by the number that also comes back in the answer. */
export const SDS011_COMMANDS = { mode: 2, query: 4, setId: 5, work: 6, firmware: 7, period: 8 } as const

/** Measurements and answers to commands: `AA C0|C5`, six bytes of data, their sum, `AB`. */
export const SDS011_FORMAT: FrameFormat = lengthField({
  header: [HEAD],
  headBytes: 2,
  lengthMax: FRAME_BYTES,
  lengthOf: head => (head[1] === MEASUREMENT || head[1] === ANSWER ? FRAME_BYTES : null),
  check: frame => frame[9] === TAIL && frame[8] === sum(frame.subarray(2, 8)),
})

/** A frame of a sensor. The id is what the maker burned in, four hexadecimal digits. */
export type Sds011Frame =
  | { readonly kind: 'measurement'; readonly pm25Tenths: number; readonly pm10Tenths: number; readonly id: string }
  | { readonly kind: 'answer'; readonly command: number; readonly data: Uint8Array; readonly id: string }

/** @param frame - one of {@link SDS011_FORMAT} */
export function parseSds011(frame: Uint8Array): Sds011Frame {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  const id = toHex(frame.subarray(6, 8))
  if (frame[1] === ANSWER) return { kind: 'answer', command: view.getUint8(2), data: frame.slice(3, 6), id }
  return { kind: 'measurement', pm25Tenths: view.getUint16(2, true), pm10Tenths: view.getUint16(4, true), id }
}

/** A measurement as a sensor sends it. @param id - its two bytes */
export function sds011Measurement(pm25Tenths: number, pm10Tenths: number, id: Uint8Array): Uint8Array {
  const frame = new Uint8Array(FRAME_BYTES)
  const view = new DataView(frame.buffer)
  frame.set([HEAD, MEASUREMENT])
  view.setUint16(2, pm25Tenths, true)
  view.setUint16(4, pm10Tenths, true)
  frame.set(id, 6)
  frame.set([sum(frame.subarray(2, 8)), TAIL], 8)
  return frame
}

/** An answer as a sensor sends it. @param data - the three bytes after the command's number */
export function sds011Answer(command: number, data: readonly number[], id: Uint8Array): Uint8Array {
  const frame = Uint8Array.from([HEAD, ANSWER, command, ...data, ...id, 0, TAIL])
  frame[8] = sum(frame.subarray(2, 8))
  return frame
}

/** A command to any sensor on the line; without a value it asks. */
export function sds011Command(command: number, value: number | null = null): Uint8Array {
  const bytes = new Uint8Array(COMMAND_BYTES)
  bytes.set([HEAD, COMMAND, command, value === null ? 0 : 1, value ?? 0])
  bytes.set([0xff, 0xff], 15)
  bytes.set([sum(bytes.subarray(2, 17)), TAIL], 17)
  return bytes
}

/** Commands as the sensor sees them, for its simulator. */
export const SDS011_COMMAND_FORMAT: FrameFormat = lengthField({
  header: [HEAD, COMMAND],
  headBytes: 2,
  lengthMax: COMMAND_BYTES,
  lengthOf: () => COMMAND_BYTES,
  check: frame => frame[18] === TAIL && frame[17] === sum(frame.subarray(2, 17)),
})

function sum(bytes: Uint8Array): number {
  return bytes.reduce((total, byte) => (total + byte) & 0xff, 0)
}
