/** The real transport: mqtt.js, over TCP in Node and over WebSocket in a browser. */
import mqtt, { type MqttClient } from 'mqtt'
import { messageOf, TransportError } from '../protocol/index.ts'
import type { ConnectTransport, Transport, TransportEvents, TransportInit } from './transport.ts'

const CONNECT_TIMEOUT_MS = 10_000
const RECONNECT_PERIOD_MS = 1_000
const KEEPALIVE_SECONDS = 45
/** MQTT 3.1.1 §3.2.2.3: bad user name or password, and not authorised. Another try would meet the same answer. */
const FINAL_REFUSALS: readonly number[] = [4, 5]

/** {@link ConnectTransport} with mqtt.js: MQTT 3.1.1, clean sessions, QoS 1. */
export const connectMqtt: ConnectTransport = (init, events) => connectMqttWith(init, events, RECONNECT_PERIOD_MS)

/** {@link connectMqtt} with another pause between attempts to reconnect. */
export async function connectMqttWith(
  init: TransportInit,
  events: TransportEvents,
  reconnectPeriod: number,
): Promise<Transport> {
  const filters = [...init.filters]
  const client = mqtt.connect(init.url, {
    protocolVersion: 4,
    clean: true,
    clientId: init.clientId,
    username: init.username,
    password: init.password,
    ...(init.ca === undefined ? {} : { ca: init.ca }),
    keepalive: KEEPALIVE_SECONDS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectPeriod,
    reconnectOnConnackError: true,
    // Done below, because `reconnected` must come after the subscription.
    resubscribe: false,
    queueQoSZero: false,
  })
  client.on('connect', () => sendAtOnce(client))
  client.on('message', (topic, payload) => events.message(topic, payload))
  try {
    await firstConnect(client)
    await subscribe(client, filters)
  } catch (cause) {
    client.on('error', () => {})
    client.end(true)
    throw connectFailure(init, cause)
  }
  repairQuietly(client, { ...init, filters }, events)
  return {
    publish: async (topic, text) => {
      await client.publishAsync(topic, text, { qos: 1 })
    },
    subscribe: async more => {
      filters.push(...more)
      try {
        await subscribe(client, more)
      } catch (cause) {
        // Away: they are heard once the connection is back.
        if (!client.connected) return
        filters.splice(filters.indexOf(more[0] ?? ''), more.length)
        throw refusedFilters(init, more, cause)
      }
    },
    // At once: mqtt.js would otherwise wait for acknowledgements that a lost connection never brings.
    close: () => client.endAsync(true),
  }
}

/** Nagle's algorithm would hold a submission back for 40 ms behind the acknowledgement of the message before. */
function sendAtOnce(client: MqttClient): void {
  const stream = client.stream as { setNoDelay?(on: boolean): void }
  stream.setNoDelay?.(true)
}

function firstConnect(client: MqttClient): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = (): void => reject(new Error('the connection was closed before it was accepted'))
    client.once('error', reject)
    client.once('close', closed)
    client.once('connect', () => {
      // Only our own: mqtt.js listens to itself too.
      client.off('error', reject)
      client.off('close', closed)
      resolve()
    })
  })
}

async function subscribe(client: MqttClient, filters: readonly string[]): Promise<void> {
  await client.subscribeAsync([...filters], { qos: 1 })
}

function refusedFilters({ url }: TransportInit, filters: readonly string[], cause: unknown): TransportError {
  const reason = messageOf(cause)
  const message = `The broker at ${url} does not let us hear ${filters.join(', ')} (${reason}): its coordinator may be older.`
  return new TransportError({ code: 'refused', address: url, reason }, message, { cause })
}

function repairQuietly(client: MqttClient, init: TransportInit, events: TransportEvents): void {
  client.on('error', error => {
    if (!isFinal(error)) return
    client.end(true)
    events.failed(connectFailure(init, error))
  })
  client.on('connect', () => {
    subscribe(client, init.filters).then(events.reconnected, error => {
      // The connection went away again, and the next one tries again; or the broker took the right to subscribe away.
      if (!client.connected) return
      client.end(true)
      events.failed(connectFailure(init, error))
    })
  })
}

function isFinal(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'number' && FINAL_REFUSALS.includes(code)
}

function connectFailure(init: TransportInit, cause: unknown): TransportError {
  const address = init.url
  const reason = messageOf(cause) || 'no answer'
  if (isFinal(cause)) {
    const message = `The broker at ${address} refused '${init.username}': check the submitter's name and token.`
    return new TransportError({ code: 'refused', address, reason }, message, { cause })
  }
  const message = `The broker at ${address} cannot be used (${reason}): check the address and that the coordinator runs.`
  return new TransportError({ code: 'unreachable', address }, message, { cause })
}
