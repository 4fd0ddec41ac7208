/**
 * One MQTT 3.1.1 connection with as little around it as possible, so that thousands fit into a process and what is measured is the
 * broker.
 */
import { connect, type Socket } from 'node:net'
import { connectPacket, PINGREQ, pubackPacket, publishPacket, subscribePacket } from '../support/mqtt-packets.ts'
import { type Message, PACKET, type Packet, PacketReader, readPublish, uint16At } from './packet-reader.ts'

/** Where a broker is, and from which of this machine's addresses to go there. */
export interface Route {
  readonly host: string
  readonly port: number
  readonly localAddress: string
}

export interface Login {
  readonly clientId: string
  readonly username: string
  readonly password: Uint8Array
}

export interface MqttConnectionHandlers {
  onMessage(message: Message): void
  /** It was open and is not any more. */
  onClose(): void
}

/** The longest that the broker lets pass; {@link MqttConnection.ping} more often than that. */
const KEEPALIVE_SECONDS = 300
const PACKET_ID_MAX = 65_535

export class MqttConnection {
  private readonly socket: Socket
  private readonly reader = new PacketReader()
  private readonly handlers: MqttConnectionHandlers
  /** Who waits for the packet that answers, by its type and, for PUBACK, its id. */
  private readonly waiting = new Map<number, PromiseWithResolvers<Packet>>()
  private lastId = 0

  private constructor(socket: Socket, handlers: MqttConnectionHandlers) {
    this.socket = socket
    this.handlers = handlers
    socket.setNoDelay(true)
    socket.on('data', chunk => this.receive(chunk))
    socket.on('error', error => this.fail(error))
    socket.once('close', () => {
      this.fail(new Error('The broker closed a connection.'))
      this.handlers.onClose()
    })
  }

  /** Connects and logs in. Rejects when the broker refuses. */
  static async open(route: Route, login: Login, handlers: MqttConnectionHandlers): Promise<MqttConnection> {
    const connection = new MqttConnection(connect(route), handlers)
    const packet = connectPacket({ ...login, keepaliveSeconds: KEEPALIVE_SECONDS })
    const { body } = await connection.ask(PACKET.connack, packet)
    if (body[1] === 0) return connection
    connection.close()
    throw new Error(`The broker refused a connection with return code ${body[1]}.`)
  }

  /** Subscribes at QoS 1. */
  async subscribe(filter: string): Promise<void> {
    const { body } = await this.ask(PACKET.suback, subscribePacket([filter]))
    if (body[2] === 128) throw new Error(`The broker refused the filter ${filter}.`)
  }

  /** Publishes at QoS 1; resolves with the PUBACK. */
  async publish(topic: string, payload: Uint8Array): Promise<void> {
    this.lastId = (this.lastId % PACKET_ID_MAX) + 1
    await this.ask(acknowledgement(this.lastId), publishPacket({ topic, payload, qos: 1, id: this.lastId }))
  }

  ping(): void {
    this.socket.write(PINGREQ)
  }

  /** Reads nothing any more, and stays connected. */
  freeze(): void {
    this.socket.pause()
  }

  close(): void {
    this.socket.destroy()
  }

  private ask(answer: number, packet: Uint8Array): Promise<Packet> {
    const waiter = Promise.withResolvers<Packet>()
    this.waiting.set(answer, waiter)
    this.socket.write(packet)
    return waiter.promise
  }

  private fail(error: Error): void {
    for (const { reject } of this.waiting.values()) reject(error)
    this.waiting.clear()
  }

  private receive(chunk: Uint8Array): void {
    for (const packet of this.reader.push(chunk)) {
      if (packet.type === PACKET.publish) this.deliver(readPublish(packet))
      else {
        const key = packet.type === PACKET.puback ? acknowledgement(uint16At(packet.body, 0)) : packet.type
        const waiter = this.waiting.get(key)
        this.waiting.delete(key)
        waiter?.resolve(packet)
      }
    }
  }

  private deliver(message: Message): void {
    if (message.packetId !== null) this.socket.write(pubackPacket(message.packetId))
    this.handlers.onMessage(message)
  }
}

/** Keys of PUBACKs lie above those of the packet types. */
const acknowledgement = (packetId: number): number => 16 + packetId
