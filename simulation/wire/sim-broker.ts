/**
 * The broker of the simulation. It judges by the production's own rules who may connect, publish and subscribe, and honours takeover and
 * kick as that does; what it replaces is the library between them and the sockets.
 */
import {
  CONNACK,
  type ConnectRequest,
  judgePublish,
  judgeSubscribe,
  readConnect,
} from '../../coordinator/broker/authorize.ts'
import { FrameGuard } from '../../coordinator/broker/frame-guard.ts'
import type { BrokerHooks } from '../../coordinator/broker/types.ts'
import type { BrokerPorts } from '../../coordinator/core.ts'
import {
  type DeviceId,
  type DownlinkClass,
  deviceTopic,
  type Principal,
  type RegionName,
} from '../../protocol/index.ts'
import { happens } from '../world/chance.ts'
import type { Life, World } from '../world/world.ts'
import { type MqttPacket, PacketReader, packetBytes } from './packets.ts'
import type { Site } from './site.ts'
import type { Outlet, WireEnd } from './wire.ts'

interface Session {
  readonly outlet: Outlet
  readonly site: Site
  readonly guard: FrameGuard
  principal: Principal | null
  clientId: string
  readonly filters: Set<string>
  heardMs: number
  keepaliveMs: number
  state: 'waiting' | 'open' | 'ended'
  lastId: number
}

/** Bytes and messages that went through the coordinator's end. */
export interface Traffic {
  messagesIn: number
  messagesOut: number
  bytesIn: number
  bytesOut: number
}

const KICK_FLUSH_MS = 100
const PACKET_ID_MAX = 65_535
/** Frames to one device that are delivered once more after a reconnect. */
const REMEMBERED = 4

export class SimBroker implements BrokerPorts {
  readonly #world: World
  readonly #life: Life
  readonly #region: RegionName
  readonly #traffic: Traffic
  readonly #sessions = new Set<Session>()
  readonly #devices = new Map<DeviceId, Session>()
  readonly #sent = new Map<DeviceId, { topic: string; payload: Uint8Array }[]>()
  #hooks: BrokerHooks | null = null

  constructor(world: World, life: Life, region: RegionName, traffic: Traffic) {
    this.#world = world
    this.#life = life
    this.#region = region
    this.#traffic = traffic
  }

  /** From now on connections are heard. */
  open(hooks: BrokerHooks): void {
    this.#hooks = hooks
  }

  connectionCount(): number {
    return this.#sessions.size
  }

  accept(outlet: Outlet, site: Site): WireEnd {
    const session: Session = {
      outlet,
      site,
      guard: new FrameGuard(),
      principal: null,
      clientId: '',
      filters: new Set(),
      heardMs: this.#world.nowMs,
      keepaliveMs: 10_000,
      state: 'waiting',
      lastId: 0,
    }
    this.#sessions.add(session)
    const reader = new PacketReader(
      packet => this.#take(session, packet),
      () => this.#end(session),
    )
    this.#watch(session)
    return {
      onBytes: bytes => {
        if (session.state === 'ended' || this.#life.isOver) return
        this.#traffic.bytesIn += bytes.length
        session.heardMs = this.#world.nowMs
        const refusal = session.guard.accept(bytes)
        if (refusal !== null) {
          this.#world.log.sometimes('frame guard ended a connection')
          this.#end(session)
        } else reader.read(bytes)
      },
      onClosed: () => {
        if (!this.#life.isOver) this.#forget(session)
      },
    }
  }

  publishToDevice(device: DeviceId, name: DownlinkClass, payload: Uint8Array): void {
    const session = this.#devices.get(device)
    if (session === undefined || session.state !== 'open' || session.filters.size === 0) return
    const topic = deviceTopic({ region: this.#region, device, direction: 'dn', class: name })
    const sent = this.#sent.get(device) ?? []
    sent.push({ topic, payload })
    if (sent.length > REMEMBERED) sent.shift()
    this.#sent.set(device, sent)
    this.#publish(session, topic, payload, 0, false)
  }

  publishToSubmitter(topic: string, payload: Uint8Array): void {
    for (const session of this.#sessions) {
      if (session.state !== 'open' || session.principal?.kind !== 'submitter') continue
      const isHeard = [...session.filters].some(filter => matches(filter, topic))
      if (isHeard) this.#publish(session, topic, payload, 1, false)
    }
  }

  publishRetained(topic: string, payload: Uint8Array): void {
    this.publishToSubmitter(topic, payload)
  }

  kick(device: DeviceId, reason: string): void {
    const session = this.#devices.get(device)
    if (session === undefined || session.state === 'ended') return
    this.#world.note(`kick ${device} ${reason}`)
    session.state = 'ended'
    this.#world.after(KICK_FLUSH_MS, () => this.#end(session), this.#life)
  }

  /** Whether a device has an authenticated connection. */
  isConnected(device: DeviceId): boolean {
    return this.#devices.get(device)?.state === 'open'
  }

  #take(session: Session, packet: MqttPacket): void {
    if (session.state === 'ended' || this.#life.isOver) return
    switch (packet.cmd) {
      case 'connect':
        this.#connect(session, {
          clientId: packet.clientId,
          clean: packet.clean === true,
          username: packet.username,
          password: packet.password === undefined ? undefined : Uint8Array.from(packet.password as Buffer),
          willTopic: packet.will?.topic ?? null,
          keepaliveSeconds: packet.keepalive ?? 0,
        })
        break
      case 'subscribe':
        this.#subscribe(session, packet.messageId ?? 0, packet.subscriptions[0]?.topic ?? '')
        break
      case 'publish':
        this.#receive(session, packet)
        break
      case 'pingreq':
        this.#write(session, { cmd: 'pingresp' })
        break
      case 'disconnect':
        this.#end(session)
        break
      default:
    }
  }

  #connect(session: Session, request: ConnectRequest): void {
    const credentials = readConnect(request)
    if (session.state !== 'waiting' || this.#hooks === null) {
      this.#end(session)
      return
    }
    if (credentials.kind === 'refused') {
      this.#refuse(session, credentials.code)
      return
    }
    if (credentials.kind === 'device') {
      const verdict = this.#hooks.authenticateDevice({
        deviceId: credentials.id,
        frame: credentials.frame,
        address: '',
      })
      if (verdict !== 'ok') {
        this.#world.log.sometimes(`connect refused: ${verdict}`)
        this.#refuse(session, CONNACK.notAuthorized)
        return
      }
      const holder = this.#devices.get(credentials.id)
      if (holder !== undefined) {
        this.#world.log.sometimes('connection taken over')
        this.#end(holder)
      }
      session.principal = { kind: 'device', id: credentials.id }
      this.#devices.set(credentials.id, session)
    } else {
      const { name, token } = credentials
      if (!this.#hooks.authenticateSubmitter({ name, token })) {
        this.#refuse(session, CONNACK.badCredentials)
        return
      }
      session.principal = { kind: 'submitter', name }
    }
    session.state = 'open'
    session.keepaliveMs = request.keepaliveSeconds * 1_500
    if (session.principal.kind === 'device') this.#hooks.onConnected(session.principal.id)
    this.#write(session, { cmd: 'connack', returnCode: 0, sessionPresent: false })
  }

  #subscribe(session: Session, messageId: number, filter: string): void {
    const { principal } = session
    if (principal === null) {
      this.#end(session)
      return
    }
    const refusal = judgeSubscribe(principal, this.#region, filter, session.filters)
    if (refusal === null) session.filters.add(filter)
    this.#write(session, { cmd: 'suback', messageId, granted: [refusal === null ? 0 : 128] })
    if (principal.kind !== 'device') return
    for (const { topic, payload } of this.#sent.get(principal.id)?.splice(0) ?? []) {
      if (!happens(session.site.random, session.site.redeliveryRate)) continue
      this.#world.log.sometimes('downlink delivered again after a reconnect')
      this.#publish(session, topic, payload, 1, true)
    }
  }

  #receive(session: Session, packet: Extract<MqttPacket, { cmd: 'publish' }>): void {
    const { principal } = session
    if (principal === null || this.#hooks === null) {
      this.#end(session)
      return
    }
    const { topic: name, qos, retain, messageId } = packet
    const topic = judgePublish(principal, this.#region, { topic: name, qos, retain })
    if (typeof topic === 'string') {
      this.#end(session)
      return
    }
    this.#traffic.messagesIn++
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
    const bytes = new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength)
    if (topic.kind === 'device') {
      if (topic.direction === 'up') this.#hooks.onUplink(topic.device, topic.class, bytes)
    } else if (topic.kind !== 'out' && topic.kind !== 'home-assistant') {
      this.#hooks.onSubmitter(topic.submitter, topic, bytes)
    }
    if (qos === 1 && messageId !== undefined) this.#write(session, { cmd: 'puback', messageId })
  }

  #refuse(session: Session, returnCode: number): void {
    this.#write(session, { cmd: 'connack', returnCode, sessionPresent: false })
    this.#end(session)
  }

  #publish(session: Session, topic: string, payload: Uint8Array, qos: 0 | 1, dup: boolean): void {
    const body = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
    if (qos === 1) session.lastId = (session.lastId % PACKET_ID_MAX) + 1
    const id = qos === 0 ? {} : { messageId: session.lastId }
    this.#traffic.messagesOut++
    this.#write(session, { cmd: 'publish', topic, payload: body, qos, dup, retain: false, ...id })
  }

  #write(session: Session, packet: MqttPacket): void {
    const bytes = packetBytes(packet)
    this.#traffic.bytesOut += bytes.length
    session.outlet.write(bytes)
  }

  #watch(session: Session): void {
    const waitMs = Math.max(1, session.heardMs + session.keepaliveMs - this.#world.nowMs)
    this.#world.after(
      waitMs,
      () => {
        if (!this.#sessions.has(session)) return
        if (this.#world.nowMs - session.heardMs < session.keepaliveMs) return this.#watch(session)
        this.#world.log.sometimes('silent connection given up by the broker')
        this.#end(session)
      },
      this.#life,
    )
  }

  /** Ends a connection at once. */
  #end(session: Session): void {
    session.outlet.close()
    this.#forget(session)
  }

  #forget(session: Session): void {
    session.state = 'ended'
    if (!this.#sessions.delete(session)) return
    const { principal } = session
    if (principal?.kind !== 'device' || this.#devices.get(principal.id) !== session) return
    this.#devices.delete(principal.id)
    this.#hooks?.onDisconnected(principal.id)
  }
}

/** Whether a filter that ends in `#` or has no wildcard takes a topic. */
function matches(filter: string, topic: string): boolean {
  return filter.endsWith('#') ? topic.startsWith(filter.slice(0, -1)) : filter === topic
}
