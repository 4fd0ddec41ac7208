/** A real broker on a port of the system's choosing, with the gate behind it and everything that happens written down. */
import { connect, type Socket } from 'node:net'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { type BrokerInit, createBroker, type SubmitterTopic } from '../../coordinator/broker/index.ts'
import { createCounters, createGate } from '../../coordinator/gate/index.ts'
import {
  type Clock,
  type DeviceId,
  deviceIdOf,
  deviceTopic,
  downlinkFilter,
  encodeConnect,
  frameAad,
  regionIdOf,
  regionName,
  seededRandom,
  sign1,
  type UplinkClass,
} from '../../protocol/index.ts'
import { nodeSigner, nodeVerifier, systemClock } from '../../protocol/node/index.ts'

export const REGION = regionName('north')
export const REGION_ID = regionIdOf(nodeSigner(seededRandom('region').bytes(32)).publicKey)
/** The token of every submitter in these tests. */
export const TOKEN = 'correct horse'

export interface Uplinked {
  device: DeviceId
  name: UplinkClass
  payload: Uint8Array
}

export interface Submitted {
  name: string
  topic: SubmitterTopic
  text: string
}

/** A device's key and what it presents to connect. */
export interface TestDevice {
  id: DeviceId
  publicKey: Uint8Array
  filter: string
  up(name: UplinkClass): string
  /** The CONNECT password for a counter. */
  password(counter: number): Uint8Array
}

export function testDevice(name: string): TestDevice {
  const signer = nodeSigner(seededRandom(name).bytes(32))
  const { publicKey } = signer
  const id = deviceIdOf(publicKey)
  return {
    id,
    publicKey,
    filter: downlinkFilter(REGION, id),
    up: of => deviceTopic({ region: REGION, device: id, direction: 'up', class: of }),
    password: counter =>
      sign1(
        encodeConnect({ counter, publicKey }),
        frameAad({ regionId: REGION_ID, direction: 'up', device: id, class: 'connect' }),
        signer,
      ),
  }
}

/** Starts a broker; `await using` it, so that it and every client it made are gone at the end of the test. */
export async function startTestBroker(init: Partial<BrokerInit> = {}, clock: Clock = systemClock) {
  const counters = createCounters()
  const events: string[] = []
  const uplinks: Uplinked[] = []
  const submissions: Submitted[] = []
  const counterOf = new Map<DeviceId, number>()
  const watchers = new Set<() => void>()
  const clients: MqttClient[] = []
  const sockets: RawClient[] = []
  const changed = () => {
    for (const watcher of watchers) watcher()
  }
  const note = (event: string) => {
    events.push(event)
    changed()
  }
  const count = (reason: string) => {
    counters.count(reason)
    changed()
  }
  const keys = { publicKeyOf: () => null, standingOf: () => null }
  const gate = createGate(
    { verifier: nodeVerifier(), keys, count, charge: () => undefined, monotonicMs: () => systemClock.monotonicMs() },
    { regionId: REGION_ID },
  )
  const broker = await createBroker(
    { clock, log: { info: () => undefined, warn: event => note(event) }, count },
    { region: REGION, host: '127.0.0.1', port: 0, ...init },
    {
      authenticateDevice({ deviceId, frame }) {
        const verdict = gate.connect(deviceId, frame, counterOf.get(deviceId) ?? null)
        if (!verdict.ok) return verdict.reason
        counterOf.set(deviceId, verdict.counter)
        return 'ok'
      },
      authenticateSubmitter: ({ token }) => token === TOKEN,
      onUplink(device, name, payload) {
        uplinks.push({ device, name, payload: payload.slice() })
        changed()
      },
      onSubmitter(name, topic, payload) {
        submissions.push({ name, topic, text: Buffer.from(payload).toString() })
        changed()
      },
      onConnected: device => note(`connected ${device}`),
      onDisconnected: device => note(`disconnected ${device}`),
    },
  )

  return {
    broker,
    events,
    uplinks,
    submissions,
    counts: () => counters.snapshot(),
    /** Resolves as soon as something the broker told makes the condition true. */
    until: (condition: () => boolean) =>
      new Promise<void>(resolve => {
        const watcher = () => {
          if (!condition()) return
          watchers.delete(watcher)
          resolve()
        }
        watchers.add(watcher)
        watcher()
      }),
    /** A client of the real library; connects, or rejects with the broker's answer. */
    async client(options: IClientOptions): Promise<MqttClient> {
      const url = `mqtt://127.0.0.1:${broker.port}`
      const client = mqtt.connect(url, { reconnectPeriod: 0, keepalive: 60, ...options })
      clients.push(client)
      await new Promise<void>((resolve, reject) => {
        client.once('connect', () => resolve())
        client.once('error', reject)
        client.once('close', () => reject(new Error('closed')))
      })
      client.on('error', () => undefined)
      return client
    },
    /** A bare socket. */
    async raw(): Promise<RawClient> {
      const client = await openRaw(broker.port)
      sockets.push(client)
      return client
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.end(true)
      for (const { socket } of sockets) socket.destroy()
      await broker.close()
    },
  }
}

export type TestBroker = Awaited<ReturnType<typeof startTestBroker>>

/** How a device of these tests connects with the real library. */
export function deviceOptions(device: TestDevice, counter: number): IClientOptions {
  return { clientId: device.id, username: 'device', password: Buffer.from(device.password(counter)) }
}

/** How a submitter does. */
export function submitterOptions(name: string, clientId = `${name}-client`): IClientOptions {
  return { clientId, username: name, password: TOKEN }
}

/** A socket that keeps what it receives and can wait for it. */
export interface RawClient {
  readonly socket: Socket
  send(...packets: readonly Uint8Array[]): void
  /** Resolves with everything received once that is so many bytes. */
  received(count: number): Promise<Uint8Array>
  /** Resolves with everything received once the broker has closed the connection. */
  closed(): Promise<Uint8Array>
}

function openRaw(port: number): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  const all = () => new Uint8Array(Buffer.concat(chunks))
  socket.on('data', chunk => chunks.push(chunk))
  socket.on('error', () => undefined)
  const client: RawClient = {
    socket,
    send: (...packets) => void socket.write(Buffer.concat(packets)),
    received: count =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (all().length < count) return
          socket.off('data', check)
          resolve(all())
        }
        socket.on('data', check)
        socket.once('close', () => reject(new Error(`closed after ${all().length} of ${count} bytes`)))
        check()
      }),
    closed: () =>
      new Promise(resolve => {
        if (socket.closed) resolve(all())
        else socket.once('close', () => resolve(all()))
      }),
  }
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(client))
    socket.once('error', reject)
  })
}
