/** One MQTT connection of a device or a submitter: CONNECT, SUBSCRIBE, then messages both ways and a ping in silence. */
import { TransportError } from '../../protocol/index.ts'
import type { Life, World } from '../world/world.ts'
import type { Network } from './network.ts'
import { type MqttPacket, PacketReader, packetBytes } from './packets.ts'
import type { Site } from './site.ts'
import type { Outlet } from './wire.ts'

export interface MqttLogin {
  readonly clientId: string
  readonly username: string
  readonly password: Uint8Array
  readonly filter: string
  readonly qos: 0 | 1
}

export interface MqttHandlers {
  message(topic: string, payload: Uint8Array): void
  closed(): void
}

export interface MqttParts {
  readonly world: World
  /** Of the process that connects. */
  readonly life: Life
  readonly network: Network
  readonly site: Site
}

const CONNECT_TIMEOUT_MS = 10_000
const KEEPALIVE_SECONDS = 45
const PACKET_ID_MAX = 65_535
const ADDRESS = 'the region'

export class MqttConnection {
  readonly #parts: MqttParts
  readonly #handlers: MqttHandlers
  readonly #ready = Promise.withResolvers<void>()
  readonly #outlet: Outlet | null
  #state: 'connecting' | 'subscribing' | 'open' | 'ended' = 'connecting'
  #lastId = 1
  #heard = true

  /** Resolves once the broker has taken connection and subscription. Rejects as `Link.connect` does. */
  static async open(parts: MqttParts, login: MqttLogin, handlers: MqttHandlers): Promise<MqttConnection> {
    const connection = new MqttConnection(parts, login, handlers)
    await connection.#ready.promise
    return connection
  }

  private constructor(parts: MqttParts, login: MqttLogin, handlers: MqttHandlers) {
    const { world, life, network, site } = parts
    this.#parts = parts
    this.#handlers = handlers
    const reader = new PacketReader(
      packet => this.#take(packet, login),
      () => this.#lose(),
    )
    this.#outlet = network.connect(site, {
      onBytes: bytes => {
        if (life.isOver || this.#state === 'ended') return
        this.#heard = true
        reader.read(bytes)
      },
      onClosed: () => {
        if (!life.isOver) this.#lose()
      },
    })
    if (this.#outlet === null) {
      world.after(site.line.delayMs[1], () => this.#refuse('unreachable'), life)
      return
    }
    world.after(CONNECT_TIMEOUT_MS, () => this.#timeOut(), life)
    const password = Buffer.from(login.password)
    this.#write({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: login.clientId,
      username: login.username,
      password,
      keepalive: KEEPALIVE_SECONDS,
    })
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** @param dup - it was sent before, on an earlier connection; implies QoS 1 */
  publish(topic: string, payload: Uint8Array, { qos = 0, dup = false }: { qos?: 0 | 1; dup?: boolean } = {}): boolean {
    if (this.#state !== 'open' || this.#parts.life.isOver) return false
    const body = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
    const level = dup ? 1 : qos
    if (level === 1) this.#lastId = (this.#lastId % PACKET_ID_MAX) + 1
    const id = level === 0 ? {} : { messageId: this.#lastId }
    this.#write({ cmd: 'publish', topic, payload: body, qos: level, dup, retain: false, ...id })
    return true
  }

  /** Writes bytes that may be no MQTT. */
  writeRaw(bytes: Uint8Array): void {
    if (this.#state === 'open') this.#outlet?.write(bytes)
  }

  close(): void {
    if (this.#state === 'ended') return
    this.#write({ cmd: 'disconnect' })
    this.#state = 'ended'
    this.#outlet?.close()
  }

  #take(packet: MqttPacket, login: MqttLogin): void {
    if (this.#state === 'ended') return
    if (packet.cmd === 'connack' && this.#state === 'connecting') {
      if (packet.returnCode !== 0) {
        this.#refuse('refused')
        return
      }
      this.#state = 'subscribing'
      const subscription = { topic: login.filter, qos: login.qos }
      this.#write({ cmd: 'subscribe', messageId: 1, subscriptions: [subscription] })
    } else if (packet.cmd === 'suback' && this.#state === 'subscribing') {
      if (packet.granted[0] === 128) {
        this.#refuse('refused')
        return
      }
      this.#state = 'open'
      this.#keepAlive()
      this.#ready.resolve()
    } else if (packet.cmd === 'publish') {
      if (packet.qos === 1 && packet.messageId !== undefined) {
        this.#write({ cmd: 'puback', messageId: packet.messageId })
      }
      const { payload } = packet
      const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
      this.#handlers.message(packet.topic, Uint8Array.from(bytes))
    }
  }

  #keepAlive(): void {
    this.#parts.world.after(
      KEEPALIVE_SECONDS * 1_000,
      () => {
        if (this.#state !== 'open') return
        if (!this.#heard) {
          this.#parts.world.log.sometimes('silent connection given up by the client')
          this.#outlet?.close()
          return this.#lose()
        }
        this.#heard = false
        this.#write({ cmd: 'pingreq' })
        this.#keepAlive()
      },
      this.#parts.life,
    )
  }

  #timeOut(): void {
    if (this.#state === 'connecting' || this.#state === 'subscribing') this.#refuse('timeout')
  }

  #refuse(code: 'unreachable' | 'refused' | 'timeout'): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#outlet?.close()
    const reason = code === 'timeout' ? { timeoutMs: CONNECT_TIMEOUT_MS } : { reason: 'simulated' }
    const info = { code, address: ADDRESS, ...reason } as ConstructorParameters<typeof TransportError>[0]
    this.#ready.reject(new TransportError(info, `The simulated connection was ${code}.`))
  }

  #lose(): void {
    if (this.#state === 'connecting' || this.#state === 'subscribing') {
      this.#refuse('unreachable')
      return
    }
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#handlers.closed()
  }

  #write(packet: MqttPacket): void {
    if (!this.#parts.life.isOver) this.#outlet?.write(packetBytes(packet))
  }
}
