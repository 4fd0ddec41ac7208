/** Cuts what a broker sends into MQTT packets. */

/** Types of packets that a broker sends, by the high nibble of their first byte. */
export const PACKET = { connack: 2, publish: 3, puback: 4, suback: 9, pingresp: 13 } as const

/** A packet: its type, its header flags, and what follows the remaining length. The body is a view of what was received. */
export interface Packet {
  readonly type: number
  readonly flags: number
  readonly body: Uint8Array
}

const LENGTH_BYTES_MAX = 4

/** Follows one connection. Trusts the broker: nothing is checked that a healthy one would not get wrong. */
export class PacketReader {
  private rest: Uint8Array = new Uint8Array()

  /** The packets that are complete with these bytes. */
  push(chunk: Uint8Array): Packet[] {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    const packets: Packet[] = []
    let at = 0
    for (;;) {
      const head = headAt(bytes, at)
      if (head === null || head.end > bytes.length) break
      const first = bytes[at] ?? 0
      packets.push({ type: first >> 4, flags: first & 15, body: bytes.subarray(head.bodyAt, head.end) })
      at = head.end
    }
    // A copy, so that a few bytes do not keep a whole chunk.
    this.rest = bytes.slice(at)
    return packets
  }
}

/** Where the packet at `at` has its body and its end; null while its length is not there (MQTT 3.1.1 §2.2.3). */
function headAt(bytes: Uint8Array, at: number): { bodyAt: number; end: number } | null {
  let length = 0
  for (let i = 0; i < LENGTH_BYTES_MAX; i++) {
    const byte = bytes[at + 1 + i]
    if (byte === undefined) return null
    length += (byte & 127) * 128 ** i
    if (byte < 128) return { bodyAt: at + 2 + i, end: at + 2 + i + length }
  }
  throw new Error('The broker sent a packet whose length cannot be read.')
}

/** A PUBLISH, read. */
export interface Message {
  readonly topic: string
  readonly payload: Uint8Array
  /** Null at QoS 0. */
  readonly packetId: number | null
}

/** Reads the body of a PUBLISH (MQTT 3.1.1 §3.3). */
export function readPublish({ flags, body }: Packet): Message {
  const qos = (flags >> 1) & 3
  const topicEnd = 2 + uint16At(body, 0)
  const topic = Buffer.from(body.subarray(2, topicEnd)).toString('latin1')
  if (qos === 0) return { topic, payload: body.subarray(topicEnd), packetId: null }
  return { topic, payload: body.subarray(topicEnd + 2), packetId: uint16At(body, topicEnd) }
}

/** A big-endian number of two bytes. */
export function uint16At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}
