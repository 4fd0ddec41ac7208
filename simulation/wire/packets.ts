/** MQTT 3.1.1 packets as bytes. The only file that knows the packet library. */
import { generate, type Packet, type Parser, parser as packetParser } from 'mqtt-packet'

export type MqttPacket = Packet

/** The bytes of a packet. */
export function packetBytes(packet: MqttPacket): Uint8Array {
  return new Uint8Array(generate(packet, { protocolVersion: 4 }))
}

/** Follows the bytes of one direction of a connection and tells of each whole packet. */
export class PacketReader {
  readonly #parser: Parser
  #isBroken = false

  /** @param onFault - the bytes are no MQTT; nothing is read any more */
  constructor(onPacket: (packet: MqttPacket) => void, onFault: () => void) {
    this.#parser = packetParser({ protocolVersion: 4 })
    this.#parser.on('packet', packet => onPacket(packet))
    this.#parser.on('error', () => {
      this.#isBroken = true
      onFault()
    })
  }

  read(bytes: Uint8Array): void {
    if (!this.#isBroken) this.#parser.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  }
}
