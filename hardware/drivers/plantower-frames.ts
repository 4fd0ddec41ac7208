/**
 * What sensors of the Plantower PMSx003 family say and hear (data manuals of PMS5003 V2.3, PMS7003 V2.5 and PMS5003ST V2.6; cross-checked
 * with ESPHome's `pmsx003.cpp`). 9 600 baud, 8N1; all words big-endian.
 */
import type { PlantowerModel } from '../sensor-config.ts'
import { lengthField } from '../serial/formats.ts'
import type { FrameFormat } from '../serial/framer.ts'

const HEADER = [0x42, 0x4d]
/** The length field counts what follows it; before it are the header and itself. */
const BEFORE_BYTES = 4
const COMMAND_BYTES = 7
/** Payloads: an answer to a command, PMS3003, most models, PMS5003ST. */
const ANSWER_PAYLOAD_BYTES = 4
const PAYLOADS_BYTES: readonly number[] = [ANSWER_PAYLOAD_BYTES, 20, 28, 36]
const FRAME_BYTES_MAX = BEFORE_BYTES + 36

export const PLANTOWER_BAUD = 9_600

/** Commands by their byte. */
export const PLANTOWER_COMMANDS = { mode: 0xe1, read: 0xe2, sleep: 0xe4 } as const

/** Measurements and answers: `42 4D`, length, data, 16-bit sum of all before it. */
export const PLANTOWER_FORMAT: FrameFormat = lengthField({
  header: HEADER,
  headBytes: BEFORE_BYTES,
  lengthMax: FRAME_BYTES_MAX,
  lengthOf: head => {
    const payloadBytes = wordAt(head, 2)
    return PAYLOADS_BYTES.includes(payloadBytes) ? BEFORE_BYTES + payloadBytes : null
  },
  check: hasSum,
})

/** Commands as the sensor sees them, for its simulator. */
export const PLANTOWER_COMMAND_FORMAT: FrameFormat = lengthField({
  header: HEADER,
  headBytes: HEADER.length,
  lengthMax: COMMAND_BYTES,
  lengthOf: () => COMMAND_BYTES,
  check: hasSum,
})

/** One number of a measurement. */
export interface PlantowerField {
  readonly quantity: string
  /** Of its high byte in the frame. */
  readonly offset: number
  readonly signed?: boolean
  /** The number times this is the value in the resolution of the table of quantities. */
  readonly factor: number
}

/** What frames of a model hold. */
export interface PlantowerLayout {
  /** Whole length. */
  readonly frameBytes: number
  /** In the order of the driver's channels. */
  readonly fields: readonly PlantowerField[]
}

/** Particles as they are in the air around, not as in the calibration smoke (CF=1). Micrograms become tenths of them. */
const MASSES: readonly PlantowerField[] = [
  { quantity: 'pm1', offset: 10, factor: 10 },
  { quantity: 'pm2.5', offset: 12, factor: 10 },
  { quantity: 'pm10', offset: 14, factor: 10 },
]
const COUNTS: readonly PlantowerField[] = [
  { quantity: 'particles-0.3', offset: 16, factor: 1 },
  { quantity: 'particles-0.5', offset: 18, factor: 1 },
]
const FORMALDEHYDE: PlantowerField = { quantity: 'formaldehyde', offset: 28, factor: 1 }

/** Tenths become hundredths. */
function climate(offset: number): readonly PlantowerField[] {
  return [
    { quantity: 'temperature', offset, signed: true, factor: 10 },
    { quantity: 'humidity', offset: offset + 2, factor: 10 },
  ]
}

const USUAL: PlantowerLayout = { frameBytes: 32, fields: [...MASSES, ...COUNTS] }

export const PLANTOWER_LAYOUTS: Readonly<Record<PlantowerModel, PlantowerLayout>> = {
  pms1003: USUAL,
  pms3003: { frameBytes: 24, fields: MASSES },
  pms5003: USUAL,
  pms7003: USUAL,
  pmsa003: USUAL,
  pms5003s: { frameBytes: 32, fields: [...USUAL.fields, FORMALDEHYDE] },
  pms5003t: { frameBytes: 32, fields: [...USUAL.fields, ...climate(24)] },
  pms5003st: { frameBytes: 40, fields: [...USUAL.fields, FORMALDEHYDE, ...climate(30)] },
}

/** Whether a frame of {@link PLANTOWER_FORMAT} only answers a command. */
export const isPlantowerAnswer = (frame: Uint8Array): boolean => frame.length === BEFORE_BYTES + ANSWER_PAYLOAD_BYTES

/** The values of a measurement, in the resolution of the table of quantities. */
export function readPlantower(frame: Uint8Array, { fields }: PlantowerLayout): number[] {
  return fields.map(({ offset, signed = false, factor }) => {
    const word = wordAt(frame, offset)
    return (signed && word > 0x7fff ? word - 0x10000 : word) * factor
  })
}

/** A measurement as a sensor of a model sends it. @param values - as {@link readPlantower} gives them */
export function plantowerMeasurement(values: readonly number[], { frameBytes, fields }: PlantowerLayout): Uint8Array {
  const frame = new Uint8Array(frameBytes)
  frame.set(HEADER)
  setWord(frame, 2, frameBytes - BEFORE_BYTES)
  fields.forEach(({ offset, factor }, index) => {
    setWord(frame, offset, Math.round((values[index] ?? 0) / factor))
  })
  return withSum(frame)
}

/** An answer to a command as a sensor sends it. */
export function plantowerAnswer(command: number, value: number): Uint8Array {
  return withSum(Uint8Array.from([...HEADER, 0, ANSWER_PAYLOAD_BYTES, command, value, 0, 0]))
}

/** A command to the sensor. */
export function plantowerCommand(command: number, value: number): Uint8Array {
  return withSum(Uint8Array.from([...HEADER, command, 0, value, 0, 0]))
}

function withSum(frame: Uint8Array): Uint8Array {
  setWord(frame, frame.length - 2, sumOf(frame))
  return frame
}

function hasSum(frame: Uint8Array): boolean {
  return wordAt(frame, frame.length - 2) === sumOf(frame)
}

/** Of all bytes but the last two. */
function sumOf(frame: Uint8Array): number {
  return frame.subarray(0, -2).reduce((total, byte) => total + byte, 0)
}

function wordAt(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0)
}

function setWord(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = (value >> 8) & 0xff
  bytes[offset + 1] = value & 0xff
}
