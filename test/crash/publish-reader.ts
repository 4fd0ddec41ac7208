/** Finds the PUBLISH packets in one direction of an MQTT 3.1.1 connection (§2.2, §3.3). */

const PUBLISH = 3
const LENGTH_BYTES_MAX = 4

export class PublishReader {
  readonly #found: (topic: string, payload: Uint8Array) => void
  #rest: Uint8Array = new Uint8Array()

  constructor(found: (topic: string, payload: Uint8Array) => void) {
    this.#found = found
  }

  push(chunk: Uint8Array): void {
    let bytes = chunk
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + chunk.length)
      bytes.set(this.#rest)
      bytes.set(chunk, this.#rest.length)
    }
    let at = 0
    for (;;) {
      const end = this.#packet(bytes, at)
      if (end === null) break
      at = end
    }
    this.#rest = bytes.slice(at)
  }

  /** Where the packet at `start` ends, or null when it is not complete. */
  #packet(bytes: Uint8Array, start: number): number | null {
    let length = 0
    let body = start + 1
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[body]
      if (byte === undefined) return null
      if (body - start > LENGTH_BYTES_MAX) throw new Error('This is not MQTT.')
      body++
      length |= (byte & 0x7f) << shift
      if ((byte & 0x80) === 0) break
    }
    const end = body + length
    if (end > bytes.length) return null
    const head = bytes[start] ?? 0
    if (head >> 4 === PUBLISH) this.#publish(bytes.subarray(body, end), (head >> 1) & 3)
    return end
  }

  #publish(packet: Uint8Array, qos: number): void {
    const topicBytes = ((packet[0] ?? 0) << 8) | (packet[1] ?? 0)
    const topic = new TextDecoder().decode(packet.subarray(2, 2 + topicBytes))
    this.#found(topic, packet.subarray(2 + topicBytes + (qos > 0 ? 2 : 0)))
  }
}
