/** The link over MQTT 3.1.1. The only file of the device that knows the MQTT library. */
import { connect as connectTcp, type Socket } from 'node:net'
import { type IClientOptions, type IStream, MqttClient } from 'mqtt'
import {
  DOWNLINK_CLASSES,
  type DownlinkClass,
  deviceTopic,
  downlinkFilter,
  parseTopic,
  TransportError,
  type UplinkClass,
} from '../../protocol/index.ts'
import type { Connection, Link, LinkHandlers, LinkTarget } from './link.ts'
import { type MqttAddress, parseMqttAddress } from './mqtt-address.ts'
import { linkClosed, mqttFailure } from './mqtt-failure.ts'
import { KNOWN_AUTHORITIES, openSecure, type RegionTrust } from './secure-socket.ts'
import { isTlsAlert, tlsExpected } from './tls-failure.ts'

export interface MqttLinkInit {
  /** Time for the broker to answer CONNECT, default 10 000. */
  readonly connectTimeoutMs?: number
  /** Longest silence before a ping, default 45: under the minute after which home routers forget a connection. */
  readonly keepaliveSeconds?: number
  /** Whom to believe behind `mqtts://`. Default: the authorities that this machine knows. */
  readonly trust?: RegionTrust
}

const CONNECT_TIMEOUT_MS = 10_000
const KEEPALIVE_SECONDS = 45

/**
 * QoS 0 both ways. A connection loses nothing while it lives, and what its end loses no acknowledgement of a broker would bring back:
 * results are sent until the region's own ack, a join or hello until its welcome, and a lease that is lost runs out.
 * @see spec/clauses.md [TOPIC-3.2]
 */
const QOS = 0

/** A link that opens one MQTT connection a call. Retrying, and what a connection means, are the caller's. */
export function mqttLink(init: MqttLinkInit = {}): Link {
  const connectTimeout = init.connectTimeoutMs ?? CONNECT_TIMEOUT_MS
  const keepalive = init.keepaliveSeconds ?? KEEPALIVE_SECONDS
  const trust = init.trust ?? KNOWN_AUTHORITIES
  return {
    async connect(target, handlers) {
      const address = parseMqttAddress(target.address)
      const options = clientOptions(target, connectTimeout, keepalive)
      const stream = address.tls ? await openTrusted(target.address, address, connectTimeout, trust) : openTcp(address)
      const wasTls = watchForTls(stream)
      const client = new MqttClient(() => stream, options)
      // From the start: the broker may deliver right behind its answer to the subscription.
      client.on('message', (topic, payload) => {
        const name = downlinkClass(topic)
        if (name !== null) handlers.downlink(name, plain(payload))
      })
      await ready(client, target, connectTimeout).catch((thrown: unknown) => {
        throw wasTls() ? tlsExpected(target.address) : thrown
      })
      return connectionOf(client, target, handlers)
    },
  }
}

/** Where a topic is, and as whom it is read. */
export interface MqttTopic {
  /** `mqtt://host[:port]` or `mqtts://host[:port]` */
  readonly url: string
  readonly topic: string
  readonly username?: string
  readonly password?: string
  /** Another client of the same id would be thrown out. */
  readonly clientId: string
}

/** Between tries at a broker that cannot be reached. */
const TOPIC_RETRY_MS = 10_000

/**
 * Listens to one topic of any broker, connecting again whenever the connection is lost.
 * @param hear - what comes, and why nothing can come until the next message
 * @returns ends it
 * @throws {ConfigError} `bad_option` for an address that cannot be used
 */
export function listenToTopic(
  { url, topic, username, password, clientId }: MqttTopic,
  hear: { message(payload: Uint8Array): void; lost(reason: string): void },
): () => void {
  const address = parseMqttAddress(url)
  const client = new MqttClient(() => openStream(address), {
    ...CLIENT_OPTIONS,
    clientId,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepalive: KEEPALIVE_SECONDS,
    reconnectPeriod: TOPIC_RETRY_MS,
  })
  let isOpen = false
  client.on('connect', () => {
    isOpen = true
    client.subscribe(topic, { qos: QOS }, (thrown, granted) => {
      if (thrown || granted?.[0]?.qos === 128) hear.lost(`The broker at ${url} does not let ${topic} be read.`)
    })
  })
  client.on('message', (_, payload) => hear.message(plain(payload)))
  client.on('error', thrown => hear.lost(mqttFailure(url, thrown, CONNECT_TIMEOUT_MS).message))
  client.on('close', () => {
    // Of a connection that never came to be, the error said more.
    if (isOpen) hear.lost(linkClosed(url).message)
    isOpen = false
  })
  return () => destroy(client)
}

/** Everything is stated: several of the library's defaults are wrong here (unbounded queue, fixed retry, 10 MB number cache). */
const CLIENT_OPTIONS = {
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  reschedulePings: true,
  reconnectPeriod: 0,
  resubscribe: false,
  queueQoSZero: false,
  writeCache: false,
  timerVariant: 'native',
} as const satisfies IClientOptions

function clientOptions(target: LinkTarget, connectTimeout: number, keepalive: number): IClientOptions {
  const password = asBuffer(target.password)
  return { ...CLIENT_OPTIONS, clientId: target.device, username: 'device', password, connectTimeout, keepalive }
}

function openStream(address: MqttAddress): IStream {
  const { host, port } = address
  return address.tls ? process.getBuiltinModule('node:tls').connect({ host, port }) : openTcp(address)
}

const openTcp = ({ host, port }: MqttAddress): Socket => connectTcp({ host, port, noDelay: true })

/** The connection is there and the other end known before the client has it, whose first packet is the signed counter. */
async function openTrusted(
  url: string,
  { host, port }: MqttAddress,
  timeoutMs: number,
  trust: RegionTrust,
): Promise<Socket> {
  try {
    return await openSecure({ address: url, host, port, timeoutMs }, trust)
  } catch (thrown) {
    throw thrown instanceof TransportError ? thrown : mqttFailure(url, thrown, timeoutMs)
  }
}

/** Looks at the first bytes that come. @returns whether they were TLS telling that TLS is spoken there */
function watchForTls(stream: Socket): () => boolean {
  let wasTls = false
  stream.once('data', first => {
    wasTls = isTlsAlert(first)
  })
  return () => wasTls
}

/** Resolves once the broker has accepted the connection and the subscription. */
function ready(client: MqttClient, target: LinkTarget, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const { address } = target
    const settle = () => {
      client.off('error', fail)
      client.off('close', closed)
    }
    const fail = (thrown: unknown) => {
      settle()
      destroy(client)
      reject(thrown instanceof TransportError ? thrown : mqttFailure(address, thrown, timeoutMs))
    }
    const closed = () => fail(linkClosed(address))
    client.on('error', fail)
    client.on('close', closed)
    client.once('connect', () => {
      client.subscribe(downlinkFilter(target.region, target.device), { qos: QOS }, (thrown, granted) => {
        if (thrown || granted?.[0]?.qos === 128) return fail(subscriptionRefused(address, thrown))
        settle()
        resolve()
      })
    })
  })
}

/** Closes at once. Errors of a client that is being closed concern nobody. */
function destroy(client: MqttClient): void {
  client.on('error', () => {})
  client.removeAllListeners('message')
  client.end(true)
}

function connectionOf(client: MqttClient, target: LinkTarget, handlers: LinkHandlers): Connection {
  let open = true
  const lost = () => {
    if (!open) return
    open = false
    destroy(client)
    handlers.closed()
  }
  client.on('error', lost)
  client.on('close', lost)
  const topics = new Map<UplinkClass, string>()
  const topicOf = (name: UplinkClass): string => {
    const known = topics.get(name)
    if (known !== undefined) return known
    const topic = deviceTopic({ region: target.region, device: target.device, direction: 'up', class: name })
    topics.set(name, topic)
    return topic
  }
  return {
    publish: (name, frame) =>
      new Promise((resolve, reject) => {
        if (!open) return reject(linkClosed(target.address))
        client.publish(topicOf(name), asBuffer(frame), { qos: QOS }, thrown => {
          if (thrown) reject(linkClosed(target.address, thrown))
          else resolve()
        })
      }),
    close() {
      if (!open) return
      open = false
      client.removeAllListeners('message')
      // What is on its way out goes first; that the broker hangs up in turn is not waited for.
      const { stream } = client
      stream.once('finish', () => stream.destroy())
      client.end(false)
    },
  }
}

function downlinkClass(topic: string): DownlinkClass | null {
  const parsed = parseTopic(topic)
  if (parsed?.kind !== 'device' || parsed.direction !== 'dn') return null
  return DOWNLINK_CLASSES.find(name => name === parsed.class) ?? null
}

function subscriptionRefused(address: string, cause: unknown): TransportError {
  return new TransportError(
    { code: 'refused', address, reason: 'subscribe' },
    `The broker at ${address} does not let this device read its own topics: is it the region that made the claim?`,
    { cause },
  )
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
