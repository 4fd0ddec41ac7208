import { utf8 } from '../../protocol/index.ts'

/** The writing side of a connection, as `net.Socket` has it. */
export interface CorkedOutlet {
  cork(): void
  uncork(): void
  write(bytes: Uint8Array): unknown
}

const PACKET_ID_MAX = 65_535

/**
 * Writes PUBLISH packets to one client, straight to its socket. Going through the broker library costs a turn of the event
 * loop, six writes and a system call for each message; here all messages of one turn leave in one system call.
 * What is written here must not also be published through the library, which numbers its packets on its own.
 */
export class PublishWriter {
  private readonly outlet: CorkedOutlet
  private lastId = 0
  private corked = false

  constructor(outlet: CorkedOutlet) {
    this.outlet = outlet
  }

  /** Whether messages have been written in this turn of the event loop, which the client has had no chance to read. */
  get isWriting(): boolean {
    return this.corked
  }

  /**
   * Writes one message.
   * @param payload - together with the topic below 2 MiB; it is not copied and must not change afterwards
   */
  write(topic: string, payload: Uint8Array, qos: 0 | 1): void {
    if (!this.corked) {
      this.corked = true
      this.outlet.cork()
      process.nextTick(() => {
        this.corked = false
        this.outlet.uncork()
      })
    }
    this.outlet.write(this.head(utf8(topic), payload.length, qos))
    this.outlet.write(payload)
  }

  /** Everything before the payload: MQTT 3.1.1 §3.3.1 and §3.3.2. */
  private head(topic: Uint8Array, payloadBytes: number, qos: 0 | 1): Uint8Array {
    const idBytes = qos === 0 ? 0 : 2
    const length = 2 + topic.length + idBytes + payloadBytes
    const lengthBytes = length < 128 ? 1 : length < 16_384 ? 2 : 3
    const head = new Uint8Array(1 + lengthBytes + 2 + topic.length + idBytes)
    head[0] = 0x30 | (qos << 1)
    for (let i = 0; i < lengthBytes; i++) head[1 + i] = ((length >> (7 * i)) & 127) | (i < lengthBytes - 1 ? 128 : 0)
    const topicAt = 1 + lengthBytes
    head[topicAt] = topic.length >> 8
    head[topicAt + 1] = topic.length & 255
    head.set(topic, topicAt + 2)
    if (qos === 1) {
      this.lastId = (this.lastId % PACKET_ID_MAX) + 1
      head[head.length - 2] = this.lastId >> 8
      head[head.length - 1] = this.lastId & 255
    }
    return head
  }
}
