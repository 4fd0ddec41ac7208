/**
 * Receives connections and answers for them until they are gone: caps, guards, authentication, takeover, what each may do.
 * Every refusal is counted once, by reason. Knows nothing of the broker library behind it.
 */
import type { Socket } from 'node:net'
import type { DeviceId, Principal } from '../../protocol/index.ts'
import { addressKey } from './address.ts'
import {
  CONNACK,
  type ConnackCode,
  type ConnectRequest,
  type Credentials,
  judgePublish,
  judgeSubscribe,
  type PublishRequest,
  readConnect,
} from './authorize.ts'
import { type Connection, Connections, newConnection } from './connections.ts'
import { guardSocket } from './guard-socket.ts'
import type { BrokerComponents, BrokerHooks, BrokerInit } from './types.ts'

/** How long a kicked client may take to read what was sent to it before. */
const KICK_FLUSH_MS = 1_000
const DEFAULTS = { connectionsMax: 16_384, connectionsPerAddressMax: 1_024, connectionsPerSubmitterMax: 64 }
/** CONNACK with return code 1, unacceptable protocol version [MQTT-3.1.2-2]. Clients of every version understand it. */
const CONNACK_BAD_VERSION = Uint8Array.of(0x20, 2, 0, 1)

/** Why a CONNECT is refused, and what the client is told. */
export interface Rejection {
  readonly reason: string
  readonly code: ConnackCode
}

/** All connections of one broker. */
export class Reception {
  readonly connections: Connections
  private readonly components: BrokerComponents
  private readonly init: BrokerInit
  private readonly hooks: BrokerHooks
  private readonly bySocket = new WeakMap<object, Connection>()

  constructor(components: BrokerComponents, init: BrokerInit, hooks: BrokerHooks) {
    this.components = components
    this.init = init
    this.hooks = hooks
    this.connections = new Connections(components.clock, {
      connectionsMax: init.maxConnections ?? DEFAULTS.connectionsMax,
      connectionsPerAddressMax: init.maxConnectionsPerAddress ?? DEFAULTS.connectionsPerAddressMax,
      connectionsPerSubmitterMax: init.maxConnectionsPerSubmitter ?? DEFAULTS.connectionsPerSubmitterMax,
    })
  }

  /** The connection that uses this socket; null when it was never taken. */
  of(socket: object): Connection | null {
    return this.bySocket.get(socket) ?? null
  }

  /** Takes a connection and puts the guards in front of it. Returns false when it was refused instead. */
  accept(socket: Socket): boolean {
    // Without an address the peer has already gone.
    if (socket.remoteAddress === undefined) {
      socket.destroy()
      return false
    }
    const connection = newConnection(socket, addressKey(socket.remoteAddress), this.components.clock)
    const noRoom = this.connections.add(connection)
    if (noRoom !== null) {
      this.components.count(`connection:${noRoom}`)
      socket.destroy()
      return false
    }
    this.bySocket.set(socket, connection)
    this.guard(connection)
    socket.once('close', () => this.forget(connection))
    return true
  }

  private guard(connection: Connection): void {
    const { socket, guard, reader } = connection
    const { readOn } = guardSocket(socket, {
      // What follows a CONNECT waits until that is judged, so nothing is ever read on behalf of a stranger.
      holds: () =>
        connection.state === 'judging' || connection.state === 'ended' || this.isTooFast(connection, () => readOn()),
      judge: chunk => {
        const before = guard.packets
        const refusal = guard.accept(chunk)
        connection.throttle.count(guard.packets - before, chunk.length)
        return refusal ?? (reader.isStalled(socket, guard.packets) ? 'slow_reader' : null)
      },
      refuse: reason => {
        this.refuse(connection, reason === 'slow_reader' ? reason : `packet:${reason}`)
        if (reason !== 'bad_version') return void socket.destroy()
        socket.write(CONNACK_BAD_VERSION)
        socket.destroySoon()
      },
    })
  }

  /** Whether a client has sent so much that it is not read now; it is read on when its time has come. */
  private isTooFast(connection: Connection, readOn: () => void): boolean {
    if (connection.isThrottled) return true
    const waitMs = connection.throttle.waitMs()
    if (waitMs === 0) return false
    connection.isThrottled = true
    this.components.count('throttled')
    const timer = this.components.clock.setTimeout(() => {
      connection.isThrottled = false
      connection.socket.off('close', timer.cancel)
      readOn()
    }, waitMs)
    connection.socket.once('close', timer.cancel)
    return true
  }

  /** Notes what a CONNECT says; {@link admit} judges it. Returns false when the connection has had its CONNECT. */
  hear(connection: Connection, request: ConnectRequest): boolean {
    if (connection.state !== 'waiting') return false
    connection.state = 'judging'
    connection.request = request
    return true
  }

  /** Judges what was heard. Returns null when the client is who it says; its older connection has then ended. */
  admit(connection: Connection): Rejection | null {
    const { request } = connection
    if (connection.state !== 'judging' || request === null) return { reason: 'ended', code: CONNACK.notAuthorized }
    connection.request = null
    const rejection = this.identify(connection, request)
    if (rejection === null) connection.state = 'open'
    else this.refuse(connection, `connect:${rejection.reason}`)
    if (connection.principal?.kind === 'device') this.hooks.onConnected(connection.principal.id)
    return rejection
  }

  private identify(connection: Connection, request: ConnectRequest): Rejection | null {
    const credentials = readConnect(request)
    if (credentials.kind === 'refused') return credentials
    const rejection = this.authenticate(credentials, connection.address)
    if (rejection !== null) return rejection
    const principal = principalOf(credentials)
    const holder = this.connections.holderOf(principal, request.clientId)
    if (holder !== null) {
      this.refuse(holder, 'connection:taken_over')
      this.end(holder)
    }
    const noRoom = this.connections.identify(connection, principal, request.clientId)
    return noRoom === null ? null : { reason: noRoom, code: CONNACK.notAuthorized }
  }

  private authenticate(credentials: Credentials, address: string): Rejection | null {
    if (credentials.kind === 'device') {
      const { id: deviceId, frame } = credentials
      const verdict = this.hooks.authenticateDevice({ deviceId, frame, address })
      if (verdict === 'ok') return null
      // A device that is told to come back later does not doubt its claim or its counter.
      return { reason: verdict, code: verdict === 'shut_out' ? CONNACK.serverUnavailable : CONNACK.notAuthorized }
    }
    const { name, token } = credentials
    const known = this.hooks.authenticateSubmitter({ name, token })
    return known ? null : { reason: 'bad_token', code: CONNACK.badCredentials }
  }

  /** Hands a PUBLISH to the coordinator. Returns why it was refused instead, or null. */
  receive(connection: Connection, request: PublishRequest, payload: Uint8Array): string | null {
    const { principal } = connection
    if (connection.state !== 'open' || principal === null) return 'ended'
    const topic = judgePublish(principal, this.init.region, request)
    if (typeof topic === 'string') {
      this.refuse(connection, `publish:${topic}`)
      return topic
    }
    if (topic.kind === 'device') {
      if (topic.direction === 'up') this.hooks.onUplink(topic.device, topic.class, payload)
    } else if (topic.kind !== 'out' && topic.kind !== 'home-assistant')
      this.hooks.onSubmitter(topic.submitter, topic, payload)
    return null
  }

  /**
   * Whether a client may hold a filter. A refused one is counted and the client stays. With an allowed one it may be sent to
   * at once, even before the SUBACK [MQTT-3.8.4], so that no answer to what it sends next is lost.
   */
  subscribe(connection: Connection, filter: string, qos: number): boolean {
    const { principal, filters } = connection
    if (connection.state !== 'open' || principal === null) return false
    const refusal = judgeSubscribe(principal, this.init.region, filter, filters)
    if (refusal !== null) {
      this.components.count(`subscribe:${refusal}`)
      return false
    }
    filters.add(filter)
    connection.level = qos === 0 ? 0 : 1
    return true
  }

  unsubscribe(connection: Connection, filters: readonly string[]): void {
    for (const filter of filters) connection.filters.delete(filter)
    if (connection.filters.size === 0) connection.level = null
  }

  /** See `Broker.publishToDevice`. */
  deliver(device: DeviceId, topic: string, payload: Uint8Array): void {
    const connection = this.connections.device(device)
    if (connection === null || connection.level === null) this.components.count('downlink:not_subscribed')
    else if (connection.writer.isWriting || this.mayForward(connection)) {
      connection.writer.write(topic, payload, connection.level)
    }
  }

  /** Whether one more message may be written to a client. One that does not read is disconnected. */
  mayForward(connection: Connection): boolean {
    if (connection.state !== 'open') return false
    if (!connection.reader.isStalled(connection.socket, connection.guard.packets)) return true
    this.refuse(connection, 'slow_reader')
    connection.socket.destroy()
    return false
  }

  /** Counts and logs why a connection ends, and hears nothing more of it. Only the first reason counts. */
  refuse(connection: Connection, reason: string): void {
    if (connection.state === 'ended') return
    this.components.count(reason)
    const { principal } = connection
    if (principal !== null) this.components.log.info('client_dropped', { client: nameOf(principal), reason })
    silence(connection)
  }

  /** See `Broker.kick`. */
  kick(device: DeviceId, reason: string): void {
    const connection = this.connections.device(device)
    if (connection === null || connection.state === 'ended') return
    this.components.log.info('client_kicked', { client: device, reason })
    silence(connection)
    const { socket } = connection
    const timer = this.components.clock.setTimeout(() => socket.destroy(), KICK_FLUSH_MS)
    socket.once('close', () => timer.cancel())
    // What was published in this turn is written when it ends.
    setImmediate(() => socket.destroySoon())
  }

  /** Ends a connection at once. */
  end(connection: Connection): void {
    silence(connection)
    connection.socket.destroy()
    this.forget(connection)
  }

  /** Ends all of them at once. */
  endAll(): void {
    for (const connection of [...this.connections]) this.end(connection)
  }

  private forget(connection: Connection): void {
    silence(connection)
    if (!this.connections.remove(connection)) return
    if (connection.principal?.kind === 'device') this.hooks.onDisconnected(connection.principal.id)
  }
}

/** From now on nothing is read from it and nothing new is written to it. */
function silence(connection: Connection): void {
  connection.state = 'ended'
  connection.level = null
}

function principalOf(credentials: Credentials): Principal {
  if (credentials.kind === 'device') return { kind: 'device', id: credentials.id }
  return { kind: 'submitter', name: credentials.name }
}

function nameOf(principal: Principal): string {
  return principal.kind === 'device' ? principal.id : principal.name
}
