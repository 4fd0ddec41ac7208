/** Valid inputs of every parser, to be mutated. */
import fc from 'fast-check'
import { concatBytes, utf8 } from '../../protocol/bytes.ts'
import { encodeSequence } from '../../protocol/cbor/index.ts'
import { sign1 } from '../../protocol/cose/index.ts'
import { regionName } from '../../protocol/ids.ts'
import { LIMITS } from '../../protocol/limits.ts'
import { encodeClaimCode, encodeOutputs } from '../../protocol/messages/index.ts'
import { deviceTopic } from '../../protocol/topics.ts'
import { CORPUS } from '../hostile/corpus.ts'
import { CLAIMS, FAMILIES, OUTCOMES } from '../support/message-families.ts'
import { connectPacket, DISCONNECT, PINGREQ, publishPacket, subscribePacket } from '../support/mqtt-packets.ts'
import { aadOf, DEVICE, DEVICE_ID } from '../vectors/keys.ts'

/** What an input is a mutation of. A frame's parsers also see payloads, and the other way round. */
export type Kind = 'payload' | 'frame' | 'outputs' | 'items' | 'text' | 'mqtt' | 'module'

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
    outputs: samples(OUTCOMES).map(encodeOutputs),
    items: samples(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 30 })).map(encodeSequence),
    text: texts.map(utf8),
    mqtt: frames.map(frame => session(topic, frame)),
    module: modules(),
  }
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
