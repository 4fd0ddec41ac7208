/** A wire between a device and its broker that somebody listens to. */

import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server } from 'node:net'

/** MQTT 3.1.1 §2.2.1: the upper half of a packet's first byte. */
const CONNECT = 1

export class Tap {
  /** What clients said, connection by connection. */
  readonly #heard: Buffer[][] = []
  readonly #server: Server

  private constructor(brokerPort: number) {
    this.#server = createServer(socket => {
      const said: Buffer[] = []
      this.#heard.push(said)
      const broker = connect(brokerPort, '127.0.0.1')
      socket.on('data', bytes => said.push(bytes))
      socket.pipe(broker).pipe(socket)
      for (const end of [socket, broker])
        end.on('error', () => {}).on('close', () => [socket, broker].map(e => e.destroy()))
    })
  }

  static async start(brokerPort: number): Promise<Tap> {
    const tap = new Tap(brokerPort)
    await new Promise<void>(done => tap.#server.listen(0, '127.0.0.1', done))
    return tap
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get connections(): number {
    return this.#heard.length
  }

  stop(): void {
    this.#server.close()
  }

  /** Kinds of the packets of all connections, in order. */
  packets(): readonly number[] {
    return this.#heard.flatMap(said => packetKinds(Buffer.concat(said)))
  }

  /** Whether clients asked to be let in, and said nothing else. */
  heardOnlyConnects(): boolean {
    return this.packets().every(kind => kind === CONNECT)
  }

  /** Whether clients ever sent these bytes. */
  heard(bytes: Uint8Array): boolean {
    return this.#heard.some(said => Buffer.concat(said).includes(Buffer.from(bytes)))
  }
}

function packetKinds(bytes: Buffer): readonly number[] {
  const kinds: number[] = []
  for (let at = 0; at < bytes.length; ) {
    kinds.push((bytes[at] ?? 0) >> 4)
    let length = 0
    let shift = 0
    for (at += 1; at < bytes.length; shift += 7) {
      const byte = bytes[at++] ?? 0
      length |= (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    at += length
  }
  return kinds
}
