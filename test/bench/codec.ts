/**
 * Result frames of one lease, as a device makes and a coordinator reads them, against what the same message is as JSON and as
 * plain cbor-x. One process, no network: what the wire form itself costs.
 */
import { createHash } from 'node:crypto'
import { Decoder, Encoder } from 'cbor-x'
import {
  decodeOutputs,
  decodeResult,
  deviceIdOf,
  encodeOutputs,
  encodeResult,
  frameAad,
  METERING_VERSION,
  openSign1,
  regionIdOf,
  sign1,
  type UnitOutcome,
} from '../../protocol/index.ts'
import { nodeSigner, nodeVerifier } from '../../protocol/node/index.ts'
import type { Bench, Measured } from './harness.ts'
import { rounded, type Summary, summarize } from './statistics.ts'
import type { Workplace } from './workplace.ts'

const UNITS = 64
const OUTPUT_BYTES = 32
/** As of a unit of some milliseconds. */
const UNIT_FUEL = 5_000_000
const SIGNATURE_BYTES = 64
const ROUNDS = 5
const ROUND_MS = 400

/** One way of writing the message. `encode` gives what is signed, `decode` every unit's bytes and checks their number. */
interface Format {
  readonly name: 'hedgerow' | 'json' | 'cborX'
  encode(): Uint8Array
  decode(payload: Uint8Array): number
  /** The whole frame. */
  sign(payload: Uint8Array): Uint8Array
  /** The payload of a frame whose signature is good. */
  open(frame: Uint8Array): Uint8Array
}

const signer = nodeSigner(new Uint8Array(32).fill(5))
const verifier = nodeVerifier()
const aad = frameAad({
  regionId: regionIdOf(nodeSigner(new Uint8Array(32).fill(6)).publicKey),
  direction: 'up',
  device: deviceIdOf(signer.publicKey),
  class: 'result',
})

/** A different message each time, so that nothing is learnt by heart. */
let counter = 0
const outcomes: UnitOutcome[] = Array.from({ length: UNITS }, (_, unit) => {
  const bytes = new Uint8Array(createHash('sha256').update(`unit ${unit}`).digest())
  return { fuel: UNIT_FUEL + unit, kind: 'ok', bytes: bytes.subarray(0, OUTPUT_BYTES) }
})
const plainOutputs = outcomes.map(outcome => {
  return { fuel: outcome.fuel, bytes: outcome.kind === 'ok' ? outcome.bytes : new Uint8Array() }
})
// Hashing the outputs costs the same whatever the form, so it is left out of all of them.
const digest = new Uint8Array(createHash('sha256').update(encodeOutputs(outcomes)).digest())

const hedgerow: Format = {
  name: 'hedgerow',
  encode: () => {
    const outputs = encodeOutputs(outcomes)
    const result = {
      leaseId: 1_000_000 + counter,
      outcome: 'done',
      digest,
      outputs,
      elapsedMs: 1_903,
      detail: '',
      metering: METERING_VERSION,
    } as const
    return encodeResult({ session: 17, seq: ++counter, results: [result] })
  },
  decode: payload => {
    const [result] = decodeResult(payload).results
    return result?.outputs ? decodeOutputs(result.outputs, UNITS).length : 0
  },
  sign: payload => sign1(payload, aad, signer),
  open: frame => openSign1(frame, aad, signer.publicKey, verifier),
}

interface PlainOutput<Bytes> {
  fuel: number
  bytes: Bytes
}

interface PlainResult<Bytes> {
  leaseId: number
  outcome: string
  digest: Bytes
  outputs: PlainOutput<Bytes>[]
  elapsedMs: number
  detail: string
  metering: number
}

interface PlainMessage<Bytes> {
  session: number
  seq: number
  results: PlainResult<Bytes>[]
}

function plainMessage<Bytes>(bytes: (value: Uint8Array) => Bytes): PlainMessage<Bytes> {
  const outputs = plainOutputs.map(output => ({ fuel: output.fuel, bytes: bytes(output.bytes) }))
  const result = {
    leaseId: 1_000_000 + counter,
    outcome: 'done',
    digest: bytes(digest),
    outputs,
    elapsedMs: 1_903,
    detail: '',
    metering: METERING_VERSION,
  }
  return { session: 17, seq: ++counter, results: [result] }
}

/** The payload with its signature after it: the least that a signed frame of another form can be. */
function signPlainly(payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(payload.length + SIGNATURE_BYTES)
  frame.set(payload)
  frame.set(signer.sign(payload), payload.length)
  return frame
}

function openPlainly(frame: Uint8Array): Uint8Array {
  const payload = frame.subarray(0, frame.length - SIGNATURE_BYTES)
  if (!verifier.verify(signer.publicKey, payload, frame.subarray(payload.length)))
    throw new Error('The signature is wrong.')
  return payload
}

const text = new TextDecoder()
const toBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')

const json: Format = {
  name: 'json',
  encode: () => new Uint8Array(Buffer.from(JSON.stringify(plainMessage(toBase64)))),
  decode: payload => {
    const message = JSON.parse(text.decode(payload)) as PlainMessage<string>
    return message.results[0]?.outputs.map(output => Buffer.from(output.bytes, 'base64')).length ?? 0
  },
  sign: signPlainly,
  open: openPlainly,
}

const encoder = new Encoder({ useRecords: false, tagUint8Array: false })
const decoder = new Decoder({ useRecords: false })

const cborX: Format = {
  name: 'cborX',
  // Its buffer is used again by the next call, so a frame that is to live must be copied, as ours is.
  encode: () => new Uint8Array(encoder.encode(plainMessage(bytes => bytes))),
  decode: payload => (decoder.decode(payload) as PlainMessage<Uint8Array>).results[0]?.outputs.length ?? 0,
  sign: signPlainly,
  open: openPlainly,
}

const FORMATS = [hedgerow, json, cborX]

const WORK = {
  encode: (format: Format) => format.encode(),
  decode: (format: Format, payload: Uint8Array) => checked(format, payload),
  encodeAndSign: (format: Format) => format.sign(format.encode()),
  verifyAndDecode: (format: Format, _payload: Uint8Array, frame: Uint8Array) => checked(format, format.open(frame)),
}
type WorkName = keyof typeof WORK
const WORK_NAMES = Object.keys(WORK) as WorkName[]

export const codec: Bench = {
  name: 'codec',
  summary: `result frames of ${UNITS} units encoded, signed, verified and decoded, against JSON and plain cbor-x`,
  measure: async place => measure(place),
}

function measure(place: Workplace): Measured {
  const rates = new Map<string, number[]>()
  // The first round warms up and is forgotten.
  for (let round = 0; round <= ROUNDS; round++) {
    place.say(round === 0 ? 'warming up' : `round ${round} of ${ROUNDS}`)
    for (const work of WORK_NAMES) {
      for (const format of FORMATS) {
        const rate = perSecond(format, work)
        const key = `${format.name}/${work}`
        if (round > 0) rates.set(key, [...(rates.get(key) ?? []), rate])
      }
    }
  }
  const summary = (format: Format['name'], work: WorkName): Summary =>
    summarize((rates.get(`${format}/${work}`) ?? []).map(rounded))
  const report = (format: Format) => {
    const payload = format.encode()
    const perSecond = Object.fromEntries(WORK_NAMES.map(work => [work, summary(format.name, work)]))
    return { framesPerSecond: perSecond, payloadBytes: payload.length, frameBytes: format.sign(payload).length }
  }
  const ratio = (peer: Format['name']) =>
    Object.fromEntries(
      WORK_NAMES.map(work => [work, ratios(rates.get(`hedgerow/${work}`), rates.get(`${peer}/${work}`))]),
    )
  return {
    ours: { ...report(hedgerow), timesAsFastAsJson: ratio('json'), timesAsFastAsCborX: ratio('cborX') },
    peer: { json: report(json), cborX: report(cborX) },
    targets: [],
    notes: [
      `One frame holds the results of one lease: ${UNITS} units of ${OUTPUT_BYTES} bytes and their fuel. All forms are signed with the same Ed25519.`,
      'Our reading includes the strict check of every byte before it is decoded; JSON.parse and cbor-x take whatever comes.',
    ],
  }
}

/** Round by round, so that a slow minute of the machine slows both sides. */
function ratios(ours: readonly number[] = [], peer: readonly number[] = []): Summary {
  return summarize(ours.map((rate, round) => rounded(rate / (peer[round] ?? Number.NaN))))
}

function checked(format: Format, payload: Uint8Array): void {
  if (format.decode(payload) !== UNITS) throw new Error(`The ${format.name} frame does not hold its units.`)
}

function perSecond(format: Format, work: WorkName): number {
  const payload = format.encode()
  const frame = format.sign(payload)
  const run = WORK[work]
  const startMs = performance.now()
  let times = 0
  for (;;) {
    for (let i = 0; i < 50; i++) run(format, payload, frame)
    times += 50
    const tookMs = performance.now() - startMs
    if (tookMs >= ROUND_MS) return (times * 1_000) / tookMs
  }
}
