/** The broker behind TLS: every guard it has without, and those of the handshake. */
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import mqtt, { type MqttClient } from 'mqtt'
import { describe, expect, test } from 'vitest'
import type { BrokerInit } from '../../coordinator/broker/index.ts'
import { createTlsFront } from '../../coordinator/tls/front.ts'
import { HANDSHAKE_LIMITS, type HandshakeLimits } from '../../coordinator/tls/handshake-gate.ts'
import { mqttLink } from '../../device/link/mqtt-link.ts'
import { deviceId, submitTopic, submitterName } from '../../protocol/index.ts'
import { systemClock } from '../../protocol/node/index.ts'
import { eventually } from '../support/eventually.ts'
import { TestAuthority } from '../support/test-authority.ts'
import { deviceOptions, REGION, startTestBroker, submitterOptions, testDevice } from '../support/test-broker.ts'

const authority = new TestAuthority()

interface SecureInit {
  readonly handshakeMs?: number
  readonly limits?: Partial<HandshakeLimits>
  readonly broker?: Partial<BrokerInit>
}

async function secureBroker({ handshakeMs = 10_000, limits = {}, broker = {} }: SecureInit = {}) {
  const counts = new Map<string, number>()
  const count = (reason: string) => void counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const front = createTlsFront(
    { clock: systemClock, count },
    { credentials: authority.credentials(), handshakeMs, limits: { ...HANDSHAKE_LIMITS, ...limits } },
  )
  const test = await startTestBroker({ tls: { front, host: '127.0.0.1', port: 0 }, ...broker })
  const port = test.broker.tlsPort ?? 0
  const open: (MqttClient | Socket)[] = []
  return {
    ...test,
    front,
    port,
    counted: (reason: string) => counts.get(reason) ?? 0,
    async mqtt(options: Parameters<typeof mqtt.connect>[1]): Promise<MqttClient> {
      const client = mqtt.connect(`mqtts://127.0.0.1:${port}`, { reconnectPeriod: 0, ca: authority.pem, ...options })
      open.push(client)
      await new Promise<void>((resolve, reject) => {
        client.once('connect', () => resolve())
        client.once('error', reject)
        client.once('close', () => reject(new Error('closed')))
      })
      client.on('error', () => undefined)
      return client
    },
    /** A secure connection that says nothing. */
    async tls(): Promise<TLSSocket> {
      const socket = connectTls({ host: '127.0.0.1', port, ca: authority.pem })
      open.push(socket)
      socket.on('error', () => undefined)
      await new Promise<void>((resolve, reject) => {
        socket.once('secureConnect', () => resolve())
        socket.once('close', () => reject(new Error('closed')))
      })
      return socket
    },
    tcp(): Socket {
      const socket = connectTcp(port, '127.0.0.1')
      open.push(socket)
      return socket.on('error', () => undefined).resume()
    },
    async [Symbol.asyncDispose]() {
      for (const one of open) {
        if ('end' in one && 'publish' in one) one.end(true)
        else (one as Socket).destroy()
      }
      await test[Symbol.asyncDispose]()
    },
  }
}

const closed = (socket: Socket): Promise<unknown> =>
  socket.closed ? Promise.resolve() : new Promise(resolve => socket.once('close', resolve))

describe('a broker with TLS', () => {
  test('serves devices and submitters at both of its ports', async () => {
    await using broker = await secureBroker()
    const device = testDevice('pi')
    const secure = await broker.mqtt(deviceOptions(device, 1))
    const heard = new Promise<string>(resolve => secure.on('message', (_topic, payload) => resolve(payload.toString())))
    await secure.subscribeAsync(device.filter, { qos: 0 })
    broker.broker.publishToDevice(device.id, 'ack', Buffer.from('x'.repeat(200_000)))
    expect((await heard).length).toBe(200_000)
    await secure.publishAsync(device.up('status'), Buffer.alloc(60_000), { qos: 0 })
    await broker.until(() => broker.uplinks.length === 1)
    expect(broker.uplinks[0]?.payload).toHaveLength(60_000)
    const plain = await broker.client(submitterOptions('ada'))
    await plain.publishAsync(submitTopic(REGION, submitterName('ada')), '{}', { qos: 1 })
    await broker.until(() => broker.submissions.length === 1)
    expect(broker.broker.connectionCount()).toBe(2)
  })

  test('tells a device that speaks no TLS there, in a sentence', async () => {
    await using broker = await secureBroker()
    const target = {
      address: `mqtt://127.0.0.1:${broker.port}`,
      region: REGION,
      device: deviceId('a'.repeat(26)),
      password: new Uint8Array(100),
    }
    const handlers = { downlink: () => undefined, closed: () => undefined }
    await expect(mqttLink().connect(target, handlers)).rejects.toMatchObject({
      code: 'closed',
      message: expect.stringMatching(/^The broker at mqtt:.* speaks TLS there: the address must begin with mqtts:\/\//),
    })
    expect(broker.counted('tls:plain_client')).toBe(1)
  })

  test('ends who does not finish the handshake in time, whatever drips in', async () => {
    await using broker = await secureBroker({ handshakeMs: 150 })
    const silent = broker.tcp()
    const dripping = broker.tcp()
    // The beginning of a handshake of 256 bytes.
    const hello = [22, 3, 1, 1, 0, 1, 0, 0, 252, 3, 3, ...new Array<number>(200).fill(0)]
    const drip = setInterval(() => dripping.write(Buffer.from([hello.shift() ?? 0])), 20)
    await Promise.all([closed(silent), closed(dripping)])
    clearInterval(drip)
    expect(broker.counted('tls:handshake_timeout')).toBe(2)
    expect(broker.broker.connectionCount()).toBe(0)
    await broker.mqtt(submitterOptions('ada'))
  })

  test('takes so many handshakes of one address at a time, and more when they are over', async () => {
    await using broker = await secureBroker({ limits: { pendingPerAddressMax: 2 } })
    const held = [broker.tcp(), broker.tcp()]
    await eventually('both are held', async () => {
      const probe = broker.tcp()
      await closed(probe)
      return broker.counted('tls:too_many_from_address') > 0
    })
    for (const socket of held) socket.destroy()
    await eventually('there is room again', () => broker.mqtt(submitterOptions('ada')).catch(() => null))
  })

  test('takes so many handshakes of one address a second', async () => {
    await using broker = await secureBroker({ limits: { perAddressBurstMax: 2, perAddressPerSecondMax: 0.001 } })
    await broker.mqtt(submitterOptions('ada'))
    await broker.mqtt(submitterOptions('bob'))
    await expect(broker.mqtt(submitterOptions('cat'))).rejects.toThrow()
    expect(broker.counted('tls:too_often_from_address')).toBe(1)
  })

  test('counts rubbish, and goes on', async () => {
    await using broker = await secureBroker()
    const socket = broker.tcp()
    socket.write(Buffer.concat([Buffer.from([22, 3, 1, 0, 5]), Buffer.alloc(5, 0xff)]))
    await closed(socket)
    expect(broker.counted('tls:handshake_failed')).toBe(1)
    await broker.mqtt(submitterOptions('ada'))
  })

  test('holds the first packet to the same rules as without', async () => {
    await using broker = await secureBroker()
    const socket = await broker.tls()
    socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]))
    await closed(socket)
    const packets = Object.entries(broker.counts()).filter(([reason]) => reason.startsWith('packet:'))
    expect(packets).toHaveLength(1)
  })

  test('shows another certificate from one connection to the next, and keeps who is connected', async () => {
    await using broker = await secureBroker()
    const first = await broker.tls()
    const next = authority.credentials()
    broker.front.setCredentials(next)
    const second = await broker.tls()
    const serials = [first, second].map(socket => socket.getPeerX509Certificate()?.fingerprint256)
    expect(new Set(serials).size).toBe(2)
    expect(first.destroyed).toBe(false)
  })

  test('frees its ports while handshakes are under way', async () => {
    const broker = await secureBroker()
    const socket = broker.tcp()
    await new Promise(resolve => socket.once('connect', resolve))
    const secure = await broker.tls()
    await broker[Symbol.asyncDispose]()
    await Promise.all([closed(socket), closed(secure)])
  })
})

test('a client behind TLS that reads nothing is thrown out, and nobody waits for it', async () => {
  await using broker = await secureBroker()
  const frozen = testDevice('frozen')
  const healthy = testDevice('healthy')
  const stuck = await broker.mqtt(deviceOptions(frozen, 1))
  await stuck.subscribeAsync(frozen.filter, { qos: 0 })
  ;(stuck.stream as unknown as Socket).pause()
  const client = await broker.mqtt(deviceOptions(healthy, 1))
  let received = 0
  client.on('message', () => received++)
  await client.subscribeAsync(healthy.filter, { qos: 0 })
  const payload = Buffer.alloc(64_000)
  // What the system takes for a connection, and then what the broker holds for one.
  let rounds = 0
  while (!broker.events.includes(`disconnected ${frozen.id}`)) {
    broker.broker.publishToDevice(frozen.id, 'lease', payload)
    broker.broker.publishToDevice(healthy.id, 'lease', payload)
    rounds++
    await new Promise(resolve => setTimeout(resolve, 1))
    if (rounds > 2_000) throw new Error('It was never thrown out.')
  }
  await eventually('the other has everything', () => received === rounds)
  expect(broker.counts().slow_reader).toBe(1)
  expect(broker.broker.connectionCount()).toBe(1)
})
