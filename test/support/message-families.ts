/** Every message family of the wire with its codec, its CDDL rule and arbitrary values, for tests that treat all alike. */
import fc from 'fast-check'
import { utf8 } from '../../protocol/bytes.ts'
import type { FrameClass } from '../../protocol/cose/index.ts'
import { campaignId, deviceId, jobIdFromBytes, ownerName, regionId, regionName, sha256Hex } from '../../protocol/ids.ts'
import { LIMITS } from '../../protocol/limits.ts'
import * as messages from '../../protocol/messages/index.ts'
import {
  type Plan,
  profileIdFromBytes,
  type ReadingHead,
  SENSOR_FAULTS,
  type Sensors,
  type Stream,
  sensorIdOf,
} from '../../protocol/readings/index.ts'
import {
  decodeReputation,
  decodeStatement,
  encodeReputation,
  encodeStatement,
  type Reputation,
  type Statement,
} from '../../protocol/settlement/index.ts'
import type { Direction } from '../../protocol/topics.ts'
import { FRAMES, PROFILES, SENSOR_CHANNELS, SENSOR_IDS } from './readings.ts'

/** A message family whose type is known only to its own functions. */
export interface Family {
  readonly name: string
  /** Name of its CDDL rule. */
  readonly rule: string
  readonly direction: Direction
  readonly class: FrameClass
  encode(value: unknown): Uint8Array
  decode(bytes: Uint8Array): unknown
  readonly values: fc.Arbitrary<unknown>
}

/** Families whose CDDL rule has another name. */
const RULES: Readonly<Record<string, string>> = { blob: 'blob-put', profile: 'profile-message' }

interface Codec<T> {
  encode(value: T): Uint8Array
  decode(bytes: Uint8Array): T
}

function family<T>(name: FrameClass, direction: Direction, codec: Codec<T>, values: fc.Arbitrary<T>): Family {
  return {
    name,
    rule: RULES[name] ?? name,
    direction,
    class: name,
    encode: value => codec.encode(value as T),
    decode: codec.decode,
    values,
  }
}

const uint = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.maxSafeNat(),
  fc.constantFrom(0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER),
)
const positive = uint.map(value => Math.max(1, value))
const between = (min: number, max: number) => fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max))
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const bytesUpTo = (max: number, min = 0) => fc.uint8Array({ minLength: min, maxLength: max })
const textUpTo = (bytesMax: number) =>
  fc
    .string({ unit: 'grapheme', maxLength: bytesMax })
    .filter(text => utf8(text).length <= bytesMax && text.isWellFormed() && !text.startsWith('\uFEFF'))
const label = textUpTo(LIMITS.labelBytesMax)
const name = textUpTo(LIMITS.nameLengthMax)
const reason = textUpTo(LIMITS.reasonBytesMax)
const sha256 = fc.stringMatching(/^[0-9a-f]{64}$/).map(sha256Hex)
const metering = between(1, LIMITS.meteringVersionMax)
const standing = fc.constantFrom(...messages.STANDINGS)

const hello = fc.record<messages.Hello>({
  session: uint,
  seq: uint,
  label,
  software: name,
  arch: name,
  cores: between(1, 2 ** 32 - 1),
  memoryMiB: between(1, 2 ** 32 - 1),
  slots: between(0, LIMITS.slotsMax),
  creditLeases: between(0, LIMITS.creditLeasesMax),
  abis: fc.constantFrom<messages.Abi[]>(['wasi'], ['reactor'], ['wasi', 'reactor']),
  metering: fc
    .uniqueArray(between(1, LIMITS.meteringVersionMax), { minLength: 1, maxLength: LIMITS.meteringVersionsMax })
    .map(versions => versions.toSorted((a, b) => a - b)),
})

const status = fc.record<messages.Status>({
  session: uint,
  seq: uint,
  creditLeases: between(0, LIMITS.creditLeasesMax),
  runningLeases: between(0, LIMITS.creditLeasesMax),
  reason,
})

const done = fc.record<messages.LeaseResult>({
  leaseId: uint,
  outcome: fc.constant('done' as const),
  digest: bytes(32),
  outputs: fc.option(bytesUpTo(300, 1)),
  elapsedMs: uint,
  detail: reason,
  metering,
})
const none = fc.record<messages.LeaseResult>({
  leaseId: uint,
  outcome: fc.constant('none' as const),
  digest: fc.constant(null),
  outputs: fc.constant(null),
  elapsedMs: uint,
  detail: reason,
  metering,
})
const result = fc.record<messages.ResultMessage>({
  session: uint,
  seq: uint,
  results: fc.array(fc.oneof(done, none), { minLength: 1, maxLength: 6 }),
})

const location = fc.record({
  latitudeMicroDeg: between(-90_000_000, 90_000_000),
  longitudeMicroDeg: between(-180_000_000, 180_000_000),
  elevationM: between(-500, 9_000),
  indoor: fc.boolean(),
})
const sensorInfo = fc
  .record({
    model: fc.stringMatching(/^[!-~]{1,64}$/),
    serial: textUpTo(LIMITS.sensorTextBytesMax),
    channels: fc.uniqueArray(SENSOR_CHANNELS, { minLength: 1, maxLength: 4, selector: ({ quantity }) => quantity }),
  })
  .map(fields => ({ sensor: sensorIdOf(fields.model, fields.serial), ...fields }))
const sensors = fc.record<Sensors>({
  session: uint,
  seq: uint,
  location: fc.option(location),
  sensors: fc.uniqueArray(sensorInfo, { maxLength: 4, selector: ({ sensor }) => sensor }),
})

const readingHead: fc.Arbitrary<ReadingHead> = fc.oneof(
  FRAMES.map(({ profile, frame }) => messages.decodeReadingHead(messages.encodeReading(frame, profile))),
  fc.record<ReadingHead>({
    session: uint,
    seq: uint,
    profile: bytes(8).map(profileIdFromBytes),
    fromMs: between(0, LIMITS.regionTimeMsMax),
    uncertaintyMs: between(0, 2 ** 32 - 1),
    count: fc.constant(LIMITS.frameReadingsMax),
    packed: bytesUpTo(100),
    faults: fc.constantFrom(...SENSOR_FAULTS).map(fault => [{ channel: 31, first: 4_095, count: 1, fault }]),
    gaps: fc.constant([]),
  }),
)

const stream: fc.Arbitrary<Stream> = fc
  .record({
    sampleMs: between(1, 86_400),
    samples: between(1, 1_000),
    phase: fc.nat(),
    readingsPerFrame: between(1, LIMITS.frameReadingsMax),
    statistics: fc.boolean(),
    channels: fc.uniqueArray(fc.record({ sensor: SENSOR_IDS, channel: between(0, LIMITS.sensorChannelsMax - 1) }), {
      minLength: 1,
      maxLength: 4,
      selector: ({ sensor, channel }) => `${sensor}/${channel}`,
    }),
  })
  .map(({ sampleMs, samples, phase, readingsPerFrame, statistics, channels }) => {
    const periodMs = sampleMs * samples
    const kind = statistics ? 'statistics' : 'sample'
    const phaseMs = phase % periodMs
    return { periodMs, phaseMs, sampleMs: statistics ? sampleMs : periodMs, readingsPerFrame, kind, channels }
  })
const plan = fc.record<Plan>({ session: uint, revision: uint, streams: fc.array(stream, { maxLength: 4 }) })

const welcome = fc.record<messages.Welcome>({
  session: uint,
  coordinatorWallMs: uint,
  regionKey: bytes(32),
  standing,
  blobUrl: textUpTo(LIMITS.urlBytesMax),
  heartbeatMs: positive,
  reason,
})

const rangeCut = fc
  .record({
    from: fc.maxSafeInteger().map(value => Math.floor(value / 2)),
    width: between(1, 2 ** 51),
    chunk: positive,
  })
  .map(({ from, width, chunk }): messages.Cut => ({ kind: 'range', from, to: from + width, chunk }))
const bytesCut = between(1, LIMITS.unitInputBytesMax).map((size): messages.Cut => ({ kind: 'bytes', bytes: size }))
const linesCut = between(1, LIMITS.blobBytesMax).map((lines): messages.Cut => ({ kind: 'lines', lines }))
const recordsCut = fc
  .record({ delimiter: bytesUpTo(LIMITS.delimiterBytesMax, 1), records: between(1, LIMITS.blobBytesMax) })
  .map((cut): messages.Cut => ({ kind: 'records', ...cut }))
const itemsCut = fc.constant<messages.Cut>({ kind: 'items' })

const task = fc.record<messages.LeaseTask>({
  job: bytes(10).map(jobIdFromBytes),
  module: sha256,
  moduleBytes: between(1, LIMITS.moduleBytesMax),
  abi: fc.constantFrom(...messages.ABIS),
  memoryPagesMax: between(1, LIMITS.memoryMiBMax * 16),
  unitTimeoutMs: between(1, LIMITS.unitTimeoutMsMax),
  metering,
  unitFuelMax: between(1, LIMITS.unitFuelMax),
  args: fc.array(textUpTo(40), { maxLength: 5 }),
  cut: fc.oneof(rangeCut, bytesCut, linesCut, recordsCut, itemsCut),
})

const someInput: fc.Arbitrary<messages.RunInput> = fc.oneof(
  bytesUpTo(100).map((inline): messages.RunInput => ({ kind: 'inline', bytes: inline })),
  fc
    .record({ blob: sha256, offset: between(0, LIMITS.blobBytesMax - 1), length: positive, digest: bytes(32) })
    .map(({ blob, offset, length, digest }): messages.RunInput => {
      return { kind: 'range', blob, offset, length: Math.min(length, LIMITS.blobBytesMax - offset), digest }
    }),
)

const grant = (tasks: readonly messages.LeaseTask[]) =>
  fc
    .record({
      leaseId: uint,
      task: fc.nat(tasks.length - 1),
      firstUnit: between(0, LIMITS.unitsPerJobMax - LIMITS.unitsPerLeaseMax),
      unitCount: between(1, LIMITS.unitsPerLeaseMax),
      leaseMs: positive,
      input: someInput,
    })
    .map((fields): messages.Grant => {
      return tasks[fields.task]?.cut.kind === 'range' ? { ...fields, input: null } : fields
    })

const lease = fc
  .tuple(uint, fc.array(task, { minLength: 1, maxLength: 3 }))
  .chain(([session, tasks]) =>
    fc
      .array(grant(tasks), { minLength: 1, maxLength: 4 })
      .map((grants): messages.LeaseMessage => ({ session, tasks, grants })),
  )

const thumbprintId = fc.stringMatching(/^[a-z2-7]{26}$/)
const micro = fc.oneof(
  fc.bigInt({ min: 0n, max: LIMITS.amountMicroMax }),
  fc.constantFrom(0n, BigInt(Number.MAX_SAFE_INTEGER), 2n ** 53n, LIMITS.amountMicroMax),
)
const statement: fc.Arbitrary<Statement> = fc.oneof(
  fc.record({ kind: fc.constant('payout-address' as const), seq: positive, address: bytes(20) }),
  fc.record({ kind: fc.constant('dispute-lease' as const), seq: positive, lease: uint, reason }),
  fc.record({
    kind: fc.constant('dispute-verdict' as const),
    seq: positive,
    campaign: fc.stringMatching(/^[a-z2-7]{16}$/).map(campaignId),
    windowMs: between(0, LIMITS.regionTimeMsMax),
    sensor: SENSOR_IDS,
    reason,
  }),
  fc.record({
    kind: fc.constant('price-floor' as const),
    seq: positive,
    gigafuelMicro: fc.bigInt({ min: 0n, max: LIMITS.gigafuelPriceMicroMax }),
    readingMicro: micro,
  }),
)
const reputation: fc.Arbitrary<Reputation> = fc
  .record({
    region: thumbprintId.map(regionId),
    subject: fc.oneof(
      fc.record({ kind: fc.constant('device' as const), id: thumbprintId.map(deviceId) }),
      fc.record({ kind: fc.constant('owner' as const), name: fc.stringMatching(/^[a-z0-9-]{1,32}$/).map(ownerName) }),
    ),
    checksPassed: uint,
    unitsAccepted: uint,
    unitsRejected: uint,
    sinceMs: between(0, 2 ** 40),
    forMs: between(0, 2 ** 40),
  })
  .map(({ forMs, ...fields }) => ({ ...fields, atMs: fields.sinceMs + forMs }))

const ids = fc.array(uint, { minLength: 1, maxLength: 20 })

const { encodeConnect, decodeConnect, encodeJoin, decodeJoin, encodeHello, decodeHello } = messages
const { encodeStatus, decodeStatus, encodeResult, decodeResult, encodeBlobPut, decodeBlobPut } = messages
const { encodeWelcome, decodeWelcome, encodeLease, decodeLease, encodeAck, decodeAck } = messages
const { encodeCancel, decodeCancel, encodeNotice, decodeNotice, encodeReceipt, decodeReceipt } = messages
const { encodeSensors, decodeSensors, encodeProfileMessage, decodeProfileMessage } = messages
const { encodeReadingHead, decodeReadingHead, encodePlan, decodePlan } = messages

/** All families that travel in a signed frame. */
export const FAMILIES: readonly Family[] = [
  family(
    'connect',
    'up',
    { encode: encodeConnect, decode: decodeConnect },
    fc.record({ counter: uint, publicKey: bytes(32) }),
  ),
  family(
    'join',
    'up',
    { encode: encodeJoin, decode: decodeJoin },
    fc.record({ session: uint, claimId: bytes(8), proof: bytes(32), label }),
  ),
  family('hello', 'up', { encode: encodeHello, decode: decodeHello }, hello),
  family('status', 'up', { encode: encodeStatus, decode: decodeStatus }, status),
  family('result', 'up', { encode: encodeResult, decode: decodeResult }, result),
  family(
    'blob',
    'up',
    { encode: encodeBlobPut, decode: decodeBlobPut },
    fc.record({ digest: bytes(32), size: between(1, LIMITS.leaseOutputBytesMax) }),
  ),
  family('sensors', 'up', { encode: encodeSensors, decode: decodeSensors }, sensors),
  family(
    'profile',
    'up',
    { encode: encodeProfileMessage, decode: decodeProfileMessage },
    fc.record({ session: uint, seq: uint, profile: PROFILES }),
  ),
  family('reading', 'up', { encode: encodeReadingHead, decode: decodeReadingHead }, readingHead),
  family('plan', 'dn', { encode: encodePlan, decode: decodePlan }, plan),
  family('welcome', 'dn', { encode: encodeWelcome, decode: decodeWelcome }, welcome),
  family('lease', 'dn', { encode: encodeLease, decode: decodeLease }, lease),
  family('ack', 'dn', { encode: encodeAck, decode: decodeAck }, fc.record({ session: uint, seqs: ids })),
  family('cancel', 'dn', { encode: encodeCancel, decode: decodeCancel }, fc.record({ session: uint, leaseIds: ids })),
  family(
    'notice',
    'dn',
    { encode: encodeNotice, decode: decodeNotice },
    fc.record({ session: uint, standing, text: reason }),
  ),
  family(
    'receipt',
    'dn',
    { encode: encodeReceipt, decode: decodeReceipt },
    fc.record({
      session: uint,
      entry: bytesUpTo(LIMITS.receiptEntryBytesMax, 1),
      proof: bytesUpTo(LIMITS.receiptProofBytesMax, 1),
    }),
  ),
  family('statement', 'up', { encode: encodeStatement, decode: decodeStatement }, statement),
  family('reputation', 'dn', { encode: encodeReputation, decode: decodeReputation }, reputation),
]

/** Mostly as small units burn it, and where it gets another form. */
const fuel = fc.oneof(
  fc.integer({ min: 0, max: 100_000 }),
  between(0, LIMITS.unitFuelMax),
  fc.constantFrom(23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32),
)

/** What units come to. */
export const OUTCOMES: fc.Arbitrary<messages.UnitOutcome[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ fuel, kind: fc.constant('ok' as const), bytes: bytesUpTo(300) }) },
    {
      weight: 1,
      arbitrary: fc.record({ fuel, kind: fc.constant('trap' as const), trap: fc.constantFrom(...messages.TRAP_KINDS) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ fuel, kind: fc.constant('exit' as const), code: between(1, 2 ** 32 - 1) }),
    },
    { weight: 1, arbitrary: fc.record({ fuel, kind: fc.constant('out_of_fuel' as const) }) },
  ),
  { minLength: 1, maxLength: 40 },
)

const PLAIN_CLAIMS: fc.Arbitrary<messages.ClaimCode> = fc.record({
  mqttUrl: fc
    .tuple(fc.constantFrom('mqtt', 'mqtts', 'ws', 'wss'), fc.webAuthority({ withPort: true }))
    .map(([scheme, authority]) => `${scheme}://${authority}`)
    .filter(url => utf8(url).length <= LIMITS.urlBytesMax),
  region: fc.stringMatching(/^[a-z0-9-]{1,32}$/).map(regionName),
  regionKeyThumbprint: bytes(32),
  secret: bytes(16),
})

/** What claim codes say. */
export const CLAIMS: fc.Arbitrary<messages.ClaimCode> = fc
  .tuple(PLAIN_CLAIMS, fc.option(bytes(32)))
  .map(([claim, caKeySha256]) =>
    caKeySha256 === null || !/^(mqtts|wss):/.test(claim.mqttUrl) ? claim : { ...claim, caKeySha256 },
  )
