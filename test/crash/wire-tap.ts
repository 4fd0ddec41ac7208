/**
 * A relay between the devices and the coordinator that notes what passes: which results went up, and which of them the
 * coordinator has acknowledged. It believes neither side's memory, so it can testify after either was killed.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import {
  type DeviceId,
  type DownlinkClass,
  decodeAck,
  decodeResult,
  parseTopic,
  peekSign1,
  type UplinkClass,
} from '../../protocol/index.ts'
import { PublishReader } from './publish-reader.ts'

/** A result frame, by the number its device gave it. */
export interface SentFrame {
  readonly leases: readonly number[]
  acked: boolean
}

type Listener = (name: UplinkClass | DownlinkClass) => void

export class WireTap {
  /** Every result frame that was ever sent, by device and number. */
  readonly sent = new Map<DeviceId, Map<number, SentFrame>>()
  /** What no honest run shows, in words. */
  readonly problems: string[] = []
  readonly #server: Server
  readonly #upstreams = new Set<Socket>()
  readonly #listeners = new Set<Listener>()

  private constructor(server: Server) {
    this.#server = server
  }

  /** @param targetPort - where the coordinator listens, on the loopback address */
  static async listen(targetPort: number): Promise<WireTap> {
    const server = createServer({ noDelay: true })
    const tap = new WireTap(server)
    server.on('connection', client => tap.#relay(client, targetPort))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', resolve)
    })
    return tap
  }

  /** Where devices connect, on the loopback address. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Hears of each message as it passes. @returns a function that stops listening */
  onMessage(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Result frames sent and not acknowledged. */
  get unacked(): number {
    let count = 0
    for (const frames of this.sent.values()) for (const { acked } of frames.values()) if (!acked) count++
    return count
  }

  /** Acknowledged result frames. */
  get acked(): number {
    let count = 0
    for (const frames of this.sent.values()) for (const { acked } of frames.values()) if (acked) count++
    return count
  }

  /** Whether everything that a coordinator said before it was killed has passed. */
  get drained(): boolean {
    return this.#upstreams.size === 0
  }

  close(): void {
    this.#server.close()
    for (const upstream of this.#upstreams) upstream.destroy()
  }

  #relay(client: Socket, targetPort: number): void {
    const upstream = connect({ port: targetPort, host: '127.0.0.1', noDelay: true })
    this.#upstreams.add(upstream)
    const up = new PublishReader((topic, payload) => this.#note(topic, payload))
    const down = new PublishReader((topic, payload) => this.#note(topic, payload))
    // Noted before it is passed on: nobody can act on a message that has not been noted.
    client.on('data', chunk => {
      up.push(chunk)
      upstream.write(chunk)
    })
    upstream.on('data', chunk => {
      down.push(chunk)
      client.write(chunk)
    })
    upstream.on('close', () => {
      this.#upstreams.delete(upstream)
      client.destroySoon()
    })
    client.on('close', () => upstream.destroySoon())
    for (const socket of [client, upstream]) socket.on('error', () => {})
  }

  #note(topic: string, frame: Uint8Array): void {
    const parsed = parseTopic(topic)
    if (parsed?.kind !== 'device') return
    if (parsed.class === 'result') this.#noteResult(parsed.device, frame)
    else if (parsed.class === 'ack') this.#noteAck(parsed.device, frame)
    for (const listener of [...this.#listeners]) listener(parsed.class)
  }

  #noteResult(device: DeviceId, frame: Uint8Array): void {
    const { seq, results } = decodeResult(peekSign1(frame).payload)
    const frames = this.#framesOf(device)
    const leases = results.map(({ leaseId }) => leaseId)
    const before = frames.get(seq)
    if (before === undefined) frames.set(seq, { leases, acked: false })
    else if (before.leases.join() !== leases.join())
      this.problems.push(`Device ${device} used its number ${seq} for two different frames.`)
  }

  #noteAck(device: DeviceId, frame: Uint8Array): void {
    const frames = this.#framesOf(device)
    for (const seq of decodeAck(peekSign1(frame).payload).seqs) {
      const sent = frames.get(seq)
      if (sent === undefined) this.problems.push(`Device ${device} got an ack for ${seq}, which it never sent.`)
      else sent.acked = true
    }
  }

  #framesOf(device: DeviceId): Map<number, SentFrame> {
    let frames = this.sent.get(device)
    if (frames === undefined) {
      frames = new Map()
      this.sent.set(device, frames)
    }
    return frames
  }
}
