/** Valid inputs of every parser, to be mutated. */
import fc from 'fast-check'
import { concatBytes, fromHex, utf8 } from '../../protocol/bytes.ts'
import { encodeSequence } from '../../protocol/cbor/index.ts'
import { sign1 } from '../../protocol/cose/index.ts'
import { regionName } from '../../protocol/ids.ts'
import { LIMITS } from '../../protocol/limits.ts'
import { encodeBundle } from '../../protocol/merkle/index.ts'
import { encodeClaimCode, encodeOutputs, encodeReading } from '../../protocol/messages/index.ts'
import {
  type Column,
  encodeProfile,
  encodeSenmlCbor,
  encodeSenmlJson,
  profileIdOf,
  type ReadingFrame,
  senmlOf,
  seriesOfFrame,
} from '../../protocol/readings/index.ts'
import { encodeEntry } from '../../protocol/settlement/index.ts'
import { deviceTopic } from '../../protocol/topics.ts'
import { CORPUS } from '../hostile/corpus.ts'
import { LOG_ENTRIES } from '../support/log-entries.ts'
import { CLAIMS, FAMILIES, OUTCOMES } from '../support/message-families.ts'
import { connectPacket, DISCONNECT, PINGREQ, publishPacket, subscribePacket } from '../support/mqtt-packets.ts'
import { columnsFor } from '../support/readings.ts'
import { aadOf, DEVICE, DEVICE_ID } from '../vectors/keys.ts'
import { checkpointFile, inclusionFile } from '../vectors/make-log.ts'
import { FUZZED_PROFILE } from './targets.ts'

/** What an input is a mutation of. A frame's parsers also see payloads, and the other way round. */
export type Kind = 'payload' | 'frame' | 'reading' | 'senml' | 'outputs' | 'items' | 'text' | 'mqtt' | 'log' | 'module'

const SAMPLES = 40
/** Larger modules have no more kinds of things in them, and take longer. */
const MODULE_BYTES_MAX = 4_096
const SAMPLE_SEED = 7

/** Inputs by kind; the same on every run. */
export function corpus(): Readonly<Record<Kind, readonly Uint8Array[]>> {
  const payloads = FAMILIES.flatMap(family => samples(family.values).map(value => family.encode(value)))
  const frames = FAMILIES.flatMap(family => {
    const aad = aadOf(family.direction, family.class)
    return samples(family.values, 4).map(value => sign1(family.encode(value), aad, DEVICE))
  })
  const topic = deviceTopic({ region: regionName('home'), device: DEVICE_ID, direction: 'up', class: 'result' })
  const texts = [
    ...samples(CLAIMS).map(encodeClaimCode),
    topic,
    topic.replace('/up/', '/dn/'),
    'hr/1/home/jobs/lab/submit',
  ]
  return {
    payload: payloads,
    frame: frames,
    reading: samples(COLUMNS).map(readingOf),
    senml: samples(COLUMNS).flatMap(packsOf),
    outputs: samples(OUTCOMES).map(encodeOutputs),
    items: samples(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 30 })).map(encodeSequence),
    text: texts.map(utf8),
    mqtt: frames.map(frame => session(topic, frame)),
    log: [...samples(LOG_ENTRIES, 120).map(encodeEntry), ...logFiles()],
    module: modules(),
  }
}

/** What a log and its witnesses show and send: notes, requests, keys, paths, bundles and receipts. */
function logFiles(): Uint8Array[] {
  const { logKey, witnessKey, checkpoints, requests } = checkpointFile()
  const texts = [
    ...checkpoints.map(({ note }) => note),
    ...requests.map(({ request }) => request),
    logKey,
    witnessKey,
    'tile/3/x001/x234/067',
    'tile/entries/x001/234.p/5',
  ]
  const bundles = samples(fc.array(LOG_ENTRIES, { maxLength: 3 }), 8).map(entries =>
    encodeBundle(entries.map(encodeEntry)),
  )
  return [...texts.map(utf8), ...bundles, ...inclusionFile().vectors.map(({ receiptHex }) => fromHex(receiptHex))]
}

/** Columns of a frame of the profile that the parsers read readings by. */
const COLUMNS = fc.integer({ min: 0, max: 40 }).chain(count => columnsFor(FUZZED_PROFILE, count))

function frameOf(columns: readonly Column[]): ReadingFrame {
  const profile = profileIdOf(encodeProfile(FUZZED_PROFILE))
  const count = columns[0]?.length ?? 0
  const fromMs = 1_795_000_000_000
  return { session: 3, seq: 7, profile, fromMs, uncertaintyMs: 40, count, columns, faults: [], gaps: [] }
}

function readingOf(columns: readonly Column[]): Uint8Array {
  return encodeReading(frameOf(columns), FUZZED_PROFILE)
}

function packsOf(columns: readonly Column[]): Uint8Array[] {
  const pack = senmlOf(seriesOfFrame(DEVICE_ID, frameOf(columns), FUZZED_PROFILE))
  return [encodeSenmlJson(pack), encodeSenmlCbor(pack)]
}

function samples<T>(values: fc.Arbitrary<T>, numRuns = SAMPLES): T[] {
  return fc.sample(values, { seed: SAMPLE_SEED, numRuns })
}

/** Hostile modules. Those that may run come four times, since most of what is made of the others is refused at once. */
function modules(): Uint8Array[] {
  return Object.values(CORPUS)
    .flat()
    .map(entry => ({ bytes: entry.make(), times: entry.expect.kind === 'units' ? 4 : 1 }))
    .filter(({ bytes }) => bytes.length <= MODULE_BYTES_MAX)
    .flatMap(({ bytes, times }) => new Array<Uint8Array>(times).fill(bytes))
}

/** What a device sends: CONNECT, SUBSCRIBE, PUBLISH at QoS 1, PINGREQ, DISCONNECT. */
function session(topic: string, frame: Uint8Array): Uint8Array {
  const password = frame.subarray(0, LIMITS.connectFrameBytesMax)
  return concatBytes(
    connectPacket({ clientId: DEVICE_ID, username: 'device', password }),
    subscribePacket([topic]),
    publishPacket({ topic, payload: frame, qos: 1 }),
    PINGREQ,
    DISCONNECT,
  )
}
