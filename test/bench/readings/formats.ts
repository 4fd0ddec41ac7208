/** One frame of readings in each of the forms that are compared. What is timed to write is what others must be able to read again. */
import sparkplug from 'sparkplug-payload'
import {
  decodeReading,
  deviceIdOf,
  encodeReading,
  frameAad,
  type Profile,
  type ReadingFrame,
  regionIdOf,
  sign1,
  toUnit,
} from '../../../protocol/index.ts'
import { nodeSigner } from '../../../protocol/node/index.ts'
import {
  decodeSenmlCbor,
  decodeSenmlJson,
  encodeSenmlCbor,
  encodeSenmlJson,
  senmlOf,
  seriesOfFrame,
} from '../../../protocol/readings/index.ts'

/** One way of writing a frame. */
export interface Format {
  readonly name: 'hedgerow' | 'senmlCbor' | 'senmlJson' | 'sparkplugB' | 'json'
  encode(frame: ReadingFrame, profile: Profile): Uint8Array
  /** @returns how many readings there were */
  decode(bytes: Uint8Array, profile: Profile): number
  /** What is sent: signed where that is part of the form. */
  message(encoded: Uint8Array): Uint8Array
}

const signer = nodeSigner(new Uint8Array(32).fill(5))
const device = deviceIdOf(signer.publicKey)
const aad = frameAad({
  regionId: regionIdOf(nodeSigner(new Uint8Array(32).fill(6)).publicKey),
  direction: 'up',
  device,
  class: 'reading',
})
const unsigned = (encoded: Uint8Array): Uint8Array => encoded

const hedgerow: Format = {
  name: 'hedgerow',
  encode: encodeReading,
  decode: (bytes, profile) => {
    const { columns, count } = decodeReading(bytes, profile)
    return columns.length * count
  },
  message: encoded => sign1(encoded, aad, signer),
}

/** Series one behind the other, so that name, unit and base time stand once in each: as short as SenML gets. */
const senmlCbor: Format = {
  name: 'senmlCbor',
  encode: (frame, profile) => encodeSenmlCbor(senmlOf(seriesOfFrame(device, frame, profile))),
  decode: bytes => decodeSenmlCbor(bytes).length,
  message: unsigned,
}
const senmlJson: Format = {
  name: 'senmlJson',
  encode: (frame, profile) => encodeSenmlJson(senmlOf(seriesOfFrame(device, frame, profile))),
  decode: bytes => decodeSenmlJson(bytes).length,
  message: unsigned,
}

const payloads = sparkplug.get('spBv1.0')
if (payloads === null) throw new Error('sparkplug-payload does not know its own namespace.')
const { encodePayload, decodePayload } = payloads

/** As after a birth: aliases instead of names, 32-bit floats, and the time of each metric. */
const sparkplugB: Format = {
  name: 'sparkplugB',
  encode: (frame, profile) => {
    const metrics = frame.columns.flatMap((column, alias) => {
      const exponent = profile.channels[alias]?.exponent ?? 0
      return Array.from(column, (scaled, i) => {
        const timestamp = frame.fromMs + i * profile.periodMs
        return { alias, timestamp, type: 'Float' as const, value: toUnit(scaled, exponent) }
      })
    })
    return encodePayload({ timestamp: frame.fromMs, seq: frame.seq & 255, metrics })
  },
  decode: bytes => decodePayload(bytes).metrics?.length ?? 0,
  message: unsigned,
}

const text = new TextDecoder()
const utf8 = new TextEncoder()

/** One object for each moment, as most home-made stations send it. */
const json: Format = {
  name: 'json',
  encode: (frame, profile) => {
    const moments = Array.from({ length: frame.count }, (_, i) => {
      const values = frame.columns.map((column, at): [string, number] => {
        const { quantity = '', exponent = 0 } = profile.channels[at] ?? {}
        return [quantity, toUnit(column[i] ?? Number.NaN, exponent)]
      })
      return { time: frame.fromMs + i * profile.periodMs, ...Object.fromEntries(values) }
    })
    return utf8.encode(JSON.stringify(moments))
  },
  decode: bytes => {
    const moments = JSON.parse(text.decode(bytes)) as Record<string, number>[]
    return moments.reduce((sum, moment) => sum + Object.keys(moment).length - 1, 0)
  },
  message: unsigned,
}

/** Ours first. */
export const FORMATS: readonly Format[] = [hedgerow, senmlCbor, senmlJson, sparkplugB, json]
