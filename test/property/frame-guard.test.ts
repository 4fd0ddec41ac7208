/** The guard and the broker behind it against packets that are almost right. */
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { FrameGuard, type FrameRefusal } from '../../coordinator/broker/frame-guard.ts'
import { concatBytes, LIMITS, type Random, seededRandom } from '../../protocol/index.ts'
import {
  connectPacket,
  DISCONNECT,
  PINGREQ,
  pubackPacket,
  publishPacket,
  subscribePacket,
  unsubscribePacket,
} from '../support/mqtt-packets.ts'
import { mutate, pick } from '../support/mutate.ts'
import { deviceOptions, startTestBroker, TOKEN, testDevice } from '../support/test-broker.ts'

const SEED = 'frame guard'
const STREAMS = 100_000
const CONNECTIONS = 2_000
const PI = testDevice('pi')

/** Valid packets of every kind that a client may send, and of some that it may not. */
const PACKETS: readonly Uint8Array[] = [
  publishPacket({ topic: PI.up('status'), payload: 'x'.repeat(40) }),
  publishPacket({ topic: PI.up('result'), payload: new Uint8Array(300), qos: 1, id: 7 }),
  publishPacket({ topic: 'hr/1/north/jobs/acme/submit', payload: '{"task":{}}', qos: 1, id: 8 }),
  publishPacket({ topic: '$SYS/x/new/clients', payload: PI.id, qos: 2, retain: true }),
  publishPacket({ topic: '', payload: 'x' }),
  subscribePacket([PI.filter, 'hr/1/north/jobs/acme/#', '#']),
  unsubscribePacket([PI.filter]),
  pubackPacket(7),
  PINGREQ,
  DISCONNECT,
]
const CONNECTS: readonly Uint8Array[] = [
  connectPacket({ clientId: 'x', username: 'acme', password: TOKEN }),
  connectPacket({ clientId: PI.id, username: 'device', password: PI.password(3) }),
  connectPacket({ clientId: 'x', will: { topic: 'a', payload: 'b' }, clean: false, keepaliveSeconds: 0 }),
  connectPacket({ clientId: 'x', level: 5 }),
]

function oneOf(random: Random, packets: readonly Uint8Array[]): Uint8Array {
  return packets[pick(random, packets.length)] ?? new Uint8Array()
}

/** A CONNECT and up to three packets, changed in a few places. */
function hostileStream(random: Random): Uint8Array {
  const packets = Array.from({ length: pick(random, 4) }, () => oneOf(random, PACKETS))
  return mutate(concatBytes(oneOf(random, CONNECTS), ...packets), oneOf(random, PACKETS), random)
}

/** Feeds a stream in pieces of random length. */
function feed(guard: FrameGuard, stream: Uint8Array, random: Random): FrameRefusal | null {
  let refusal: FrameRefusal | null = null
  for (let at = 0; at < stream.length && refusal === null; ) {
    const end = at + 1 + pick(random, 24)
    refusal = guard.accept(stream.subarray(at, end))
    at = end
  }
  return refusal
}

/** Type and announced size of each packet of a stream, by the letter of MQTT 3.1.1 §2.2 and nothing else. */
function announced(stream: Uint8Array): { type: number; bytes: number }[] {
  const packets: { type: number; bytes: number }[] = []
  for (let at = 0; at < stream.length; ) {
    let length = 0
    let i = at + 1
    for (let weight = 1; i < stream.length; weight *= 128) {
      const byte = stream[i++] ?? 0
      length += (byte & 127) * weight
      if (byte < 128) break
      if (i === stream.length) return packets
    }
    if (i === at + 1) return packets
    packets.push({ type: (stream[at] ?? 0) >> 4, bytes: i - at + length })
    at = i + length
  }
  return packets
}

describe('hostile packets', () => {
  test(`the guard lets nothing through that its parser would have to hold beyond the limits (seed '${SEED}')`, () => {
    const random = seededRandom(SEED)
    const outcomes = new Map<string, number>()
    for (let i = 0; i < STREAMS; i++) {
      const stream = hostileStream(random)
      const guard = new FrameGuard()
      const refusal = feed(guard, stream, random)
      const whole = new FrameGuard()
      if (whole.accept(stream) !== refusal || whole.packets !== guard.packets) {
        expect.fail(`stream ${i} is judged otherwise in one piece`)
      }
      outcomes.set(refusal ?? 'passes', (outcomes.get(refusal ?? 'passes') ?? 0) + 1)
      if (refusal !== null) continue
      for (const [n, { type, bytes }] of announced(stream).entries()) {
        const bytesMax = n === 0 ? LIMITS.connectPacketBytesMax : LIMITS.mqttPacketBytesMax
        if (bytes > bytesMax || (n === 0) !== (type === 1)) expect.fail(`packet ${n} of stream ${i} should not pass`)
      }
    }
    // Every kind of refusal has been met, so the streams reach every part of the guard.
    expect([...outcomes.keys()].sort()).toEqual([
      'bad_flags',
      'bad_length',
      'bad_version',
      'not_connect',
      'not_mqtt',
      'packet_too_large',
      'passes',
      'unexpected_packet',
    ])
  })

  test(`the broker survives them, and serves others meanwhile (seed '${SEED}')`, async () => {
    const random = seededRandom(SEED)
    await using it = await startTestBroker()
    const healthyDevice = testDevice('healthy')
    const healthy = await it.client(deviceOptions(healthyDevice, 1))
    let counter = 3
    const attack = () => {
      // A quarter of them mistreat the broker from the first byte, the others once they are in.
      if (pick(random, 4) === 0) return sendAndClose(it.broker.port, null, hostileStream(random))
      const submitter = connectPacket({ clientId: '', username: 'acme', password: TOKEN })
      const device = connectPacket({ clientId: PI.id, username: 'device', password: PI.password(++counter) })
      const packets = Array.from({ length: 1 + pick(random, 3) }, () => oneOf(random, PACKETS))
      const bytes = mutate(concatBytes(...packets), oneOf(random, PACKETS), random)
      return sendAndClose(it.broker.port, pick(random, 2) === 0 ? submitter : device, bytes)
    }
    for (let i = 0; i < CONNECTIONS; i += 8) {
      await Promise.all(Array.from({ length: 8 }, attack))
      if (i % 200 === 0) await healthy.publishAsync(healthyDevice.up('status'), 'x', { qos: 1 })
    }
    await it.until(() => it.broker.connectionCount() === 1)
    expect(it.uplinks.filter(({ device }) => device === healthyDevice.id)).toHaveLength(CONNECTIONS / 200)
    expect(healthy.connected).toBe(true)
    // The packets have reached every guard behind the first one, too.
    const reached = Object.keys(it.counts())
    expect(reached).toEqual(
      expect.arrayContaining([
        'connection:taken_over',
        'packet:malformed',
        'publish:dollar_topic',
        'publish:foreign_topic',
        'subscribe:foreign_topic',
      ]),
    )
    expect(it.submissions.length).toBeGreaterThan(0)
  })
})

/** Connects, as somebody or as nobody, sends bytes and the end of the stream, and waits until the broker has closed too. */
function sendAndClose(port: number, connectBytes: Uint8Array | null, bytes: Uint8Array): Promise<void> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      if (connectBytes === null) socket.end(bytes)
      else socket.write(connectBytes)
    })
    socket.on('error', () => undefined)
    // The first thing to come is the CONNACK.
    socket.once('data', () => socket.end(bytes))
    socket.resume()
    socket.once('close', () => resolve())
  })
}
