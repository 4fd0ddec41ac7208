import { describe, expect, test } from 'vitest'
import { FrameGuard, type FrameRefusal } from '../../../../coordinator/broker/frame-guard.ts'
import { concatBytes, LIMITS } from '../../../../protocol/index.ts'
import {
  connectPacket,
  DISCONNECT,
  PINGREQ,
  pubackPacket,
  publishPacket,
  remainingLength,
  subscribePacket,
  unsubscribePacket,
} from '../../../support/mqtt-packets.ts'

const CONNECT = connectPacket({ clientId: 'x', username: 'device', password: 'y' })
const bytes = (...values: number[]) => Uint8Array.from(values)
/** A packet of exactly so many bytes in all, of zeros. */
const sized = (first: number, total: number): Uint8Array => {
  const head = concatBytes(bytes(first), remainingLength(total - 1 - remainingLength(total).length))
  return concatBytes(head, new Uint8Array(total - head.length))
}
const connectSized = (total: number): Uint8Array => {
  const padded = sized(0x10, total)
  padded.set(CONNECT.subarray(2, 9), padded.length < 130 ? 2 : 3)
  return padded
}

interface Case {
  name: string
  /** After a CONNECT unless `first`. */
  bytes: Uint8Array
  first?: true
  refusal: FrameRefusal | null
  packets?: number
}

const CASES: Case[] = [
  { name: 'a CONNECT', first: true, bytes: CONNECT, refusal: null, packets: 1 },
  { name: 'the largest CONNECT', first: true, bytes: connectSized(LIMITS.connectPacketBytesMax), refusal: null },
  {
    name: 'a CONNECT one byte too large',
    first: true,
    bytes: connectSized(LIMITS.connectPacketBytesMax + 1),
    refusal: 'packet_too_large',
  },
  { name: '200 MB announced', first: true, bytes: bytes(0x10, 0x80, 0x88, 0xaf, 0x5f), refusal: 'packet_too_large' },
  { name: 'a PUBLISH first', first: true, bytes: publishPacket({ topic: 'a' }), refusal: 'not_connect' },
  { name: 'HTTP', first: true, bytes: new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'), refusal: 'not_connect' },
  { name: 'TLS', first: true, bytes: bytes(0x16, 3, 1, 2, 0), refusal: 'bad_flags' },
  { name: 'a CONNECT with a flag', first: true, bytes: bytes(0x11), refusal: 'bad_flags' },
  { name: 'an empty CONNECT', first: true, bytes: bytes(0x10, 0), refusal: 'bad_length' },
  { name: 'a CONNECT too short for any client id', first: true, bytes: bytes(0x10, 11), refusal: 'bad_length' },
  { name: 'MQTT 5', first: true, bytes: connectPacket({ level: 5 }), refusal: 'bad_version' },
  { name: 'a bridge (level 132)', first: true, bytes: connectPacket({ level: 132 }), refusal: 'bad_version' },
  { name: 'MQTT 3.1', first: true, bytes: connectPacket({ protocolName: 'MQIsdp', level: 3 }), refusal: 'not_mqtt' },
  { name: 'another name', first: true, bytes: connectPacket({ protocolName: 'MQTX' }), refusal: 'not_mqtt' },
  { name: 'a second CONNECT', bytes: CONNECT, refusal: 'unexpected_packet' },
  { name: 'type 0', bytes: bytes(0x00), refusal: 'unexpected_packet' },
  { name: 'type 15', bytes: bytes(0xf0), refusal: 'unexpected_packet' },
  { name: 'a CONNACK', bytes: bytes(0x20), refusal: 'unexpected_packet' },
  { name: 'a PUBREC', bytes: bytes(0x50), refusal: 'unexpected_packet' },
  { name: 'a PUBREL', bytes: bytes(0x62), refusal: 'unexpected_packet' },
  { name: 'a PUBCOMP', bytes: bytes(0x70), refusal: 'unexpected_packet' },
  { name: 'a SUBACK', bytes: bytes(0x90), refusal: 'unexpected_packet' },
  { name: 'an UNSUBACK', bytes: bytes(0xb0), refusal: 'unexpected_packet' },
  { name: 'a PINGRESP', bytes: bytes(0xd0), refusal: 'unexpected_packet' },
  { name: 'a PUBLISH, QoS 0', bytes: publishPacket({ topic: 'a' }), refusal: null, packets: 2 },
  { name: 'a PUBLISH, QoS 1', bytes: publishPacket({ topic: 'a', qos: 1 }), refusal: null, packets: 2 },
  { name: 'a PUBLISH again', bytes: publishPacket({ topic: 'a', qos: 1, duplicate: true }), refusal: null, packets: 2 },
  { name: 'a PUBLISH, QoS 3', bytes: bytes(0x36), refusal: 'bad_flags' },
  { name: 'a duplicate at QoS 0', bytes: publishPacket({ topic: 'a', duplicate: true }), refusal: 'bad_flags' },
  { name: 'a PUBLISH without a topic', bytes: bytes(0x30, 2, 0, 0), refusal: 'bad_length' },
  { name: 'the largest PUBLISH', bytes: sized(0x30, LIMITS.mqttPacketBytesMax), refusal: null, packets: 2 },
  {
    name: 'a PUBLISH one byte too large',
    bytes: sized(0x30, LIMITS.mqttPacketBytesMax + 1),
    refusal: 'packet_too_large',
  },
  { name: 'a PUBACK', bytes: pubackPacket(7), refusal: null, packets: 2 },
  { name: 'a long PUBACK', bytes: bytes(0x40, 3, 0, 7, 0), refusal: 'packet_too_large' },
  { name: 'a short PUBACK', bytes: bytes(0x40, 1, 0), refusal: 'bad_length' },
  { name: 'a SUBSCRIBE', bytes: subscribePacket(['a/#']), refusal: null, packets: 2 },
  { name: 'a SUBSCRIBE with the wrong flags', bytes: bytes(0x80), refusal: 'bad_flags' },
  { name: 'a SUBSCRIBE to nothing', bytes: bytes(0x82, 2, 0, 1), refusal: 'bad_length' },
  {
    name: 'a SUBSCRIBE to a thousand filters',
    bytes: subscribePacket(Array.from({ length: 1_000 }, () => 'a')),
    refusal: 'packet_too_large',
  },
  { name: 'an UNSUBSCRIBE', bytes: unsubscribePacket(['a']), refusal: null, packets: 2 },
  { name: 'a PINGREQ', bytes: PINGREQ, refusal: null, packets: 2 },
  { name: 'a PINGREQ with a body', bytes: bytes(0xc0, 1, 0), refusal: 'packet_too_large' },
  { name: 'a DISCONNECT', bytes: DISCONNECT, refusal: null, packets: 2 },
  { name: 'a length of five bytes', bytes: bytes(0x30, 0x80, 0x80, 0x80, 0x80, 0x01), refusal: 'bad_length' },
  { name: 'a length in more bytes than it needs', bytes: bytes(0x30, 0x85, 0x00), refusal: 'bad_length' },
  { name: 'a length of zero in two bytes', bytes: bytes(0xc0, 0x80, 0x00), refusal: 'bad_length' },
  {
    name: 'several packets, the last incomplete',
    bytes: concatBytes(PINGREQ, publishPacket({ topic: 'abc', payload: 'def' }), PINGREQ, bytes(0x30, 9, 0)),
    refusal: null,
    packets: 4,
  },
  { name: 'a good packet, then a bad one', bytes: concatBytes(PINGREQ, bytes(0xf0)), refusal: 'unexpected_packet' },
]

function feed(guard: FrameGuard, input: Uint8Array, chunkBytes: number): FrameRefusal | null {
  let refusal: FrameRefusal | null = null
  for (let at = 0; at < input.length && refusal === null; at += chunkBytes) {
    refusal = guard.accept(input.subarray(at, at + chunkBytes))
  }
  return refusal
}

describe('frame guard', () => {
  for (const { name, first, bytes: given, refusal, packets } of CASES) {
    const input = first ? given : concatBytes(CONNECT, given)
    for (const chunkBytes of [input.length, 1, 3]) {
      test(`${name}: ${refusal ?? 'passes'}, in pieces of ${chunkBytes}`, () => {
        const guard = new FrameGuard()
        expect(feed(guard, input, chunkBytes)).toBe(refusal)
        if (packets !== undefined) expect(guard.packets).toBe(packets)
      })
    }
  }

  test('judges a length before the first byte of the body', () => {
    const guard = new FrameGuard()
    for (const byte of [0x10, 0x80, 0x88, 0xaf]) expect(guard.accept(bytes(byte))).toBeNull()
    expect(guard.accept(bytes(0x5f))).toBe('packet_too_large')
  })

  test('stays closed once it has refused', () => {
    const guard = new FrameGuard()
    expect(guard.accept(PINGREQ)).toBe('not_connect')
    expect(guard.accept(CONNECT)).toBe('not_connect')
    expect(guard.accept(new Uint8Array())).toBe('not_connect')
    expect(guard.packets).toBe(0)
  })

  test('nothing is no packet', () => {
    const guard = new FrameGuard()
    expect(guard.accept(new Uint8Array())).toBeNull()
    expect(guard.packets).toBe(0)
  })
})
