/**
 * The embedded MQTT 3.1.1 broker: aedes behind the guards of this folder. It moves bytes between the coordinator and whoever
 * may send or receive them, and keeps nothing: MQTT is transport, never the record.
 *
 * Two roads only. What a client publishes goes to the hooks and to no other client; what the coordinator publishes goes to
 * the clients that subscribed. So nobody can reach anybody else, and nobody's reading can hold anybody else up.
 */
import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import {
  Aedes,
  type AedesOptions,
  type AuthErrorCode,
  type AuthenticateError,
  type Client,
  type ConnectPacket,
  type PublishPacket,
} from 'aedes'
import { deviceTopic, LIMITS, messageOf, utf8 } from '../../protocol/index.ts'
import type { TlsFront } from '../tls/index.ts'
import type { ConnectRequest } from './authorize.ts'
import type { Connection } from './connections.ts'
import { faultOf } from './fault.ts'
import { type Listener, listen } from './listen.ts'
import { Reception, type Rejection } from './reception.ts'
import type { Broker, BrokerComponents, BrokerHooks, BrokerInit } from './types.ts'

const AEDES_OPTIONS: AedesOptions = {
  // Messages under way at a time. Nothing waits inside one of these places, so this bounds bursts, not clients.
  concurrency: 1_000,
  connectTimeout: 10_000,
  drainTimeout: 2_000,
  queueLimit: 42,
  maxTopicLevels: LIMITS.topicLevelsMax,
}

/**
 * Starts the broker.
 * @throws {TransportError} `port_taken`, or `refused` when the address cannot be listened on
 */
export async function createBroker(
  components: BrokerComponents,
  init: BrokerInit,
  hooks: BrokerHooks,
): Promise<Broker> {
  const reception = new Reception(components, init, hooks)
  const aedes = createAedes(reception)
  ;(aedes as EventEmitter).on('error', error => components.log.warn('broker_failed', { reason: messageOf(error) }))
  await aedes.listen()
  const onSocket = (socket: Socket) => {
    if (reception.accept(socket)) aedes.handle(socket)
  }
  const onFault = (error: Error) => components.log.warn('accept_failed', { reason: error.message })
  const listeners: Listener[] = []
  const open = async ({ host, port, fallback = false }: Port, tls?: TlsFront) => {
    const listener = await listen({ host, port, fallback, ...(tls && { tls }) }, { onSocket, onFault })
    listeners.push(listener)
    return listener.port
  }
  const close = async () => {
    const closed = listeners.map(listener => listener.close())
    init.tls?.front.close()
    reception.endAll()
    await closeAedes(aedes)
    await Promise.all(closed)
  }
  let port: number
  let tlsPort: number | null
  try {
    port = await open(init)
    tlsPort = init.tls === undefined ? null : await open(init.tls, init.tls.front)
  } catch (failure) {
    await close()
    throw failure
  }

  return {
    port,
    tlsPort,
    connectionCount: () => reception.connections.size,
    publishToDevice(device, name, payload) {
      const topic = deviceTopic({ region: init.region, device, direction: 'dn', class: name })
      reception.deliver(device, topic, payload)
    },
    publishToSubmitter(topic, payload) {
      aedes.publish(publishPacket(topic, payload, false), ignore)
    },
    publishRetained(topic, payload) {
      aedes.publish(publishPacket(topic, payload, true), ignore)
    },
    kick: (device, reason) => reception.kick(device, reason),
    close,
  }
}

/** What there is to know of a port to listen on. */
type Port = Pick<BrokerInit, 'host' | 'port' | 'fallback'>

/** Routes nothing from client to client: a publish has met the hooks when it was authorized, and that is all of it. */
class OneWayAedes extends Aedes {
  override publish(packet: PublishPacket, from: unknown, done?: () => void): void {
    // With two arguments the broker itself publishes, with three it does so for a client.
    if (done === undefined) super.publish(packet, from as () => void)
    else done()
  }
}

function createAedes(reception: Reception): OneWayAedes {
  const connectionOf = (client: Client): Connection | null => reception.of(client.conn)
  let lastClientNumber = 0
  const aedes = new OneWayAedes({
    ...AEDES_OPTIONS,
    preConnect(client, packet, done) {
      const connection = connectionOf(client)
      const heard = connection !== null && reception.hear(connection, requestOf(packet))
      // A name of our own for every connection: the library then never sees two of a name and ends neither.
      packet.clientId = String(++lastClientNumber)
      // No session outlives its connection; the CONNACK says that none is present.
      packet.clean = true
      delete packet.will
      done(heard ? null : new Error('ended'), heard)
    },
    authenticate(client, _username, _password, done) {
      const connection = connectionOf(client)
      const rejection = connection === null ? null : reception.admit(connection)
      if (rejection === null) done(null, connection !== null)
      else done(connackError(rejection), null)
    },
    authorizePublish(client, packet, done) {
      const connection = client === null ? null : connectionOf(client)
      const refusal = connection === null ? 'ended' : reception.receive(connection, packet, bytesOf(packet.payload))
      done(refusal === null ? null : new Error(refusal))
    },
    authorizeSubscribe(client, subscription, done) {
      const connection = connectionOf(client)
      const { topic, qos } = subscription
      done(null, connection !== null && reception.subscribe(connection, topic, qos) ? subscription : null)
    },
    authorizeForward(client, packet) {
      const connection = connectionOf(client)
      return connection !== null && reception.mayForward(connection) ? packet : null
    },
  })
  aedes.on('unsubscribe', (filters, client) => {
    const connection = connectionOf(client)
    if (connection !== null) reception.unsubscribe(connection, filters)
  })
  const onFault = (client: Client, error: Error) => {
    const connection = connectionOf(client)
    if (connection !== null) reception.refuse(connection, faultOf(error))
  }
  aedes.on('clientError', onFault)
  aedes.on('connectionError', onFault)
  return aedes
}

function closeAedes(aedes: Aedes): Promise<void> {
  return new Promise(resolve => aedes.close(() => resolve()))
}

function publishPacket(topic: string, payload: Uint8Array, retain: boolean): PublishPacket {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  return { cmd: 'publish', topic, payload: bytes, qos: 1, dup: false, retain }
}

function requestOf(packet: ConnectPacket): ConnectRequest {
  return {
    clientId: packet.clientId,
    clean: packet.clean === true,
    username: packet.username,
    password: packet.password,
    willTopic: packet.will?.topic ?? null,
    keepaliveSeconds: packet.keepalive ?? 0,
  }
}

function bytesOf(payload: Buffer | string): Uint8Array {
  return typeof payload === 'string' ? utf8(payload) : payload
}

function connackError(rejection: Rejection): AuthenticateError {
  return Object.assign(new Error(rejection.reason), { returnCode: rejection.code as AuthErrorCode })
}

/** Whether a message reached its client is known only from what the client answers. */
function ignore(): void {}
