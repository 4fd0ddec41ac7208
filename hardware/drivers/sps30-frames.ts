/**
 * What a Sensirion SPS30 and its reader say to each other on the serial interface.
 * @see Sensirion, "Datasheet SPS30" §5, and github.com/Sensirion/embedded-uart-sps, sps30-uart/sps30.c
 */
import { encodeShdlc, encodeShdlcAnswer, type ShdlcAnswer } from '../serial/shdlc.ts'

export const SPS30_COMMAND = {
  start: 0x00,
  stop: 0x01,
  read: 0x03,
  sleep: 0x10,
  wake: 0x11,
  cleanFan: 0x56,
  info: 0xd0,
  status: 0xd2,
} as const

/** The sensor's only address. */
const ADDRESS = 0x00
/** First argument of `start`, and the format in which it then gives numbers: IEEE 754, most significant byte first. */
const START_FLOATS = [0x01, 0x03]
/** Argument of `info`: the serial number. */
const SERIAL_NUMBER = 0x03
/** Leave the status as it is rather than clear it. */
const KEEP_STATUS = 0x00
const MEASUREMENT_BYTES = 40

/** The sensor sleeps with its receiver off; any byte wakes that, and {@link SPS30_WAKE} within 100 ms of it wakes the rest. */
export const SPS30_WAKE_PULSE: Uint8Array = Uint8Array.of(0xff)
export const SPS30_WAKE: Uint8Array = encodeShdlc(ADDRESS, SPS30_COMMAND.wake)
export const SPS30_START: Uint8Array = encodeShdlc(ADDRESS, SPS30_COMMAND.start, START_FLOATS)
export const SPS30_STOP: Uint8Array = encodeShdlc(ADDRESS, SPS30_COMMAND.stop)
export const SPS30_READ: Uint8Array = encodeShdlc(ADDRESS, SPS30_COMMAND.read)
export const SPS30_CLEAN_FAN: Uint8Array = encodeShdlc(ADDRESS, SPS30_COMMAND.cleanFan)
/** Asks for the serial number: `7E 00 D0 01 03 2B 7E`. Harmless to any sensor, so that a scan may send it too. */
export const SPS30_ASK_SERIAL: Uint8Array = encodeShdlc(ADDRESS, SPS30_COMMAND.info, [SERIAL_NUMBER])
export const SPS30_ASK_STATUS: Uint8Array = encodeShdlc(ADDRESS, SPS30_COMMAND.status, [KEEP_STATUS])

/** Codes of a refused command, in the state of an answer. */
export const SPS30_NOT_ALLOWED_NOW = 0x43
/** In the state of an answer: the device's own status register has a bit set. */
export const SPS30_DEVICE_ERROR = 0x80

/** Bits of the device's status register. */
export const SPS30_STATUS = {
  /** More than 10 % off for several seconds. */
  fanSpeed: 1 << 21,
  laserCurrent: 1 << 5,
  /** The fan stands still, blocked or broken. */
  fan: 1 << 4,
} as const

/** One measurement: mass in µg/m³, counts per cm³, size in µm. */
export interface Sps30Measurement {
  readonly pm1: number
  readonly pm2_5: number
  readonly pm4: number
  readonly pm10: number
  readonly count0_5: number
  readonly count1: number
  readonly count2_5: number
  readonly count4: number
  readonly count10: number
  readonly typicalSizeUm: number
}

/** Order on the wire. */
const FIELDS = [
  'pm1',
  'pm2_5',
  'pm4',
  'pm10',
  'count0_5',
  'count1',
  'count2_5',
  'count4',
  'count10',
  'typicalSizeUm',
] as const satisfies readonly (keyof Sps30Measurement)[]

/** The numbers in the answer to {@link SPS30_READ}; null when there is no new measurement yet. */
export function decodeSps30Measurement(data: Uint8Array): Sps30Measurement | null {
  if (data.length !== MEASUREMENT_BYTES) return null
  const view = new DataView(data.buffer, data.byteOffset)
  const at = (field: (typeof FIELDS)[number]): number => view.getFloat32(FIELDS.indexOf(field) * 4)
  return {
    pm1: at('pm1'),
    pm2_5: at('pm2_5'),
    pm4: at('pm4'),
    pm10: at('pm10'),
    count0_5: at('count0_5'),
    count1: at('count1'),
    count2_5: at('count2_5'),
    count4: at('count4'),
    count10: at('count10'),
    typicalSizeUm: at('typicalSizeUm'),
  }
}

/** The data of a measurement. For simulated sensors. */
export function encodeSps30Measurement(measurement: Sps30Measurement): Uint8Array {
  const view = new DataView(new ArrayBuffer(MEASUREMENT_BYTES))
  for (const [index, field] of FIELDS.entries()) view.setFloat32(index * 4, measurement[field])
  return new Uint8Array(view.buffer)
}

/** Letters and digits up to the zero byte; null when there are none. */
export function decodeSps30Serial(data: Uint8Array): string | null {
  const end = data.indexOf(0)
  const text = String.fromCharCode(...(end === -1 ? data : data.subarray(0, end)))
  return /^[0-9A-Za-z]{1,32}$/.test(text) ? text : null
}

/** The device's status register; null when the answer holds none. */
export function decodeSps30Status(data: Uint8Array): number | null {
  return data.length < 4 ? null : new DataView(data.buffer, data.byteOffset).getUint32(0)
}

/** Whether a frame's content is the answer to {@link SPS30_ASK_SERIAL}. */
export function isSps30SerialAnswer(answer: ShdlcAnswer): boolean {
  return answer.command === SPS30_COMMAND.info && decodeSps30Serial(answer.data) !== null
}

/** An answer of this sensor. For simulated ones. */
export function encodeSps30Answer(command: number, state: number, data: Uint8Array = new Uint8Array()): Uint8Array {
  return encodeShdlcAnswer({ address: ADDRESS, command, state, data })
}
