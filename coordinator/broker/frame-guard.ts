/**
 * Watches the MQTT packet boundaries of one connection before any parser or broker sees the bytes, and holds none of them.
 * It answers one question per chunk: may this be read? The parser behind it buffers a whole packet, so a packet's announced
 * length is judged the moment it is known: a stranger who announces 200 MB is gone after five bytes.
 * @see MQTT 3.1.1 §2.2, http://docs.oasis-open.org/mqtt/mqtt/v3.1.1/os/mqtt-v3.1.1-os.html
 */
import { LIMITS } from '../../protocol/index.ts'

/** Why the bytes of a connection may not be read; listed in order of precedence for one packet. */
export type FrameRefusal =
  /** The first packet is not a CONNECT. */
  | 'not_connect'
  /** A packet type that MQTT reserves, that only servers send, or that belongs to QoS 2; or a second CONNECT. */
  | 'unexpected_packet'
  /** Header flags that MQTT does not allow for this packet type. */
  | 'bad_flags'
  /** A remaining length of more than four bytes, in more bytes than it needs, or impossible for this packet type. */
  | 'bad_length'
  | 'packet_too_large'
  /** A CONNECT that does not begin with the protocol name `MQTT`. */
  | 'not_mqtt'
  /** Another version than MQTT 3.1.1. */
  | 'bad_version'

interface PacketRule {
  /** Required header flags; null for PUBLISH, whose flags mean something. */
  readonly flags: number | null
  readonly lengthMin: number
  /** Bound on the whole packet with its header. */
  readonly bytesMax: number
}

/** Topic length, a topic of one byte. */
const PUBLISH_LENGTH_MIN = 3
/** Protocol name, level, flags, keepalive and an empty client id. */
const CONNECT_LENGTH_MIN = 12
/** Packet id and one filter of one byte (with its QoS in a SUBSCRIBE). */
const SUBSCRIBE_LENGTH_MIN = 6
const UNSUBSCRIBE_LENGTH_MIN = 5
const ACK_LENGTH = 2
const HEADER_BYTES_MIN = 2

const CONNECT = 1
const PUBLISH = 3
/** What a client may send, by packet type. QoS 2 is not spoken, so its packets are not in it [MQTT-2.2.2-1]. */
const RULES: Readonly<Record<number, PacketRule>> = {
  [CONNECT]: { flags: 0, lengthMin: CONNECT_LENGTH_MIN, bytesMax: LIMITS.connectPacketBytesMax },
  [PUBLISH]: { flags: null, lengthMin: PUBLISH_LENGTH_MIN, bytesMax: LIMITS.mqttPacketBytesMax },
  /** PUBACK */
  4: { flags: 0, lengthMin: ACK_LENGTH, bytesMax: HEADER_BYTES_MIN + ACK_LENGTH },
  /** SUBSCRIBE and UNSUBSCRIBE cost work for each filter in them; nobody needs more than a few. */
  8: { flags: 2, lengthMin: SUBSCRIBE_LENGTH_MIN, bytesMax: LIMITS.connectPacketBytesMax },
  10: { flags: 2, lengthMin: UNSUBSCRIBE_LENGTH_MIN, bytesMax: LIMITS.connectPacketBytesMax },
  /** PINGREQ */
  12: { flags: 0, lengthMin: 0, bytesMax: HEADER_BYTES_MIN },
  /** DISCONNECT */
  14: { flags: 0, lengthMin: 0, bytesMax: HEADER_BYTES_MIN },
}

/** How a CONNECT of MQTT 3.1.1 begins: the name `MQTT`, then level 4 [MQTT-3.1.2-1]. */
const PREAMBLE = Uint8Array.of(0, 4, 0x4d, 0x51, 0x54, 0x54, 4)
const LEVEL_INDEX = PREAMBLE.length - 1
const LENGTH_BYTES_MAX = 4

/** Follows one connection's bytes. Feed it every chunk, in order, before anything else reads them. */
export class FrameGuard {
  private refusal: FrameRefusal | null = null
  private rule: PacketRule | null = null
  /** Bytes of the current remaining length read so far, its value so far, and the weight of the next byte. */
  private lengthBytes = 0
  private length = 0
  private weight = 1
  /** Bytes of the current packet's body still to come. */
  private bodyLeft = 0
  /** Next byte of the CONNECT's preamble; its length once the preamble has been seen. */
  private preambleAt = 0
  private passed = 0

  /** Complete packets so far. */
  get packets(): number {
    return this.passed
  }

  /**
   * Judges the next bytes.
   * @returns null when they may be read; otherwise why the connection must end, now and for any later chunk
   */
  accept(chunk: Uint8Array): FrameRefusal | null {
    let at = 0
    while (at < chunk.length && this.refusal === null) {
      if (this.bodyLeft > 0) at = this.skipBody(chunk, at)
      else this.header(chunk[at++] ?? 0)
    }
    return this.refusal
  }

  private header(byte: number): void {
    if (this.rule === null) this.refusal = this.firstByte(byte)
    else this.refusal = this.lengthByte(byte, this.rule)
  }

  private firstByte(byte: number): FrameRefusal | null {
    const type = byte >> 4
    if (this.passed === 0 && type !== CONNECT) return 'not_connect'
    const rule = RULES[type]
    if (rule === undefined || (this.passed > 0 && type === CONNECT)) return 'unexpected_packet'
    if (rule.flags === null ? !arePublishFlags(byte) : rule.flags !== (byte & 15)) return 'bad_flags'
    this.rule = rule
    this.lengthBytes = 0
    this.length = 0
    this.weight = 1
    return null
  }

  private lengthByte(byte: number, rule: PacketRule): FrameRefusal | null {
    this.lengthBytes++
    this.length += (byte & 127) * this.weight
    this.weight *= 128
    if (byte >= 128) return this.lengthBytes === LENGTH_BYTES_MAX ? 'bad_length' : null
    if (byte === 0 && this.lengthBytes > 1) return 'bad_length'
    if (1 + this.lengthBytes + this.length > rule.bytesMax) return 'packet_too_large'
    if (this.length < rule.lengthMin) return 'bad_length'
    this.bodyLeft = this.length
    if (this.bodyLeft === 0) this.endPacket()
    return null
  }

  private skipBody(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.bodyLeft)
    if (this.preambleAt < PREAMBLE.length) this.preamble(chunk, at, end)
    if (this.refusal !== null) return end
    this.bodyLeft -= end - at
    if (this.bodyLeft === 0) this.endPacket()
    return end
  }

  /** Only ever runs in the first packet, which is a CONNECT and longer than the preamble. */
  private preamble(chunk: Uint8Array, from: number, end: number): void {
    for (let i = from; i < end && this.preambleAt < PREAMBLE.length; i++) {
      if (chunk[i] !== PREAMBLE[this.preambleAt]) {
        this.refusal = this.preambleAt === LEVEL_INDEX ? 'bad_version' : 'not_mqtt'
        return
      }
      this.preambleAt++
    }
  }

  private endPacket(): void {
    this.rule = null
    this.passed++
  }
}

/** QoS is not 3 [MQTT-3.3.1-4], and QoS 0 is never a duplicate [MQTT-3.3.1-2]. What QoS is served is not decided here. */
function arePublishFlags(byte: number): boolean {
  const qos = (byte >> 1) & 3
  const duplicate = (byte & 8) !== 0
  return qos !== 3 && !(qos === 0 && duplicate)
}
