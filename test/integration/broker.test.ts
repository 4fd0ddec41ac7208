/** The broker as clients meet it: real MQTT clients and hostile bare sockets over TCP. */
import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createBroker } from '../../coordinator/broker/index.ts'
import {
  type Clock,
  jobId,
  jobTopic,
  LIMITS,
  refusedTopic,
  submitTopic,
  submitterName,
  TransportError,
  utf8,
} from '../../protocol/index.ts'
import { systemClock } from '../../protocol/node/index.ts'
import {
  connectPacket,
  PINGREQ,
  pubackPacket,
  publishPacket,
  subscribePacket,
  unsubscribePacket,
} from '../support/mqtt-packets.ts'
import {
  deviceOptions,
  type RawClient,
  REGION,
  startTestBroker,
  submitterOptions,
  type TestBroker,
  type TestDevice,
  TOKEN,
  testDevice,
} from '../support/test-broker.ts'

const PI = testDevice('pi')
const OTHER = testDevice('other')
const ACME = submitterName('acme')
const JOB = jobId('a'.repeat(16))
const CONNACK_OK = [0x20, 2, 0, 0]

/** A bare socket that has connected as a device. */
async function rawDevice(it: TestBroker, device: TestDevice = PI, counter = 1): Promise<RawClient> {
  const raw = await it.raw()
  raw.send(connectPacket({ clientId: device.id, username: 'device', password: device.password(counter) }))
  expect([...(await raw.received(4))]).toEqual(CONNACK_OK)
  return raw
}

/** A bare socket that has connected as a submitter. */
async function rawSubmitter(it: TestBroker, clientId = 'raw'): Promise<RawClient> {
  const raw = await it.raw()
  raw.send(connectPacket({ clientId, username: 'acme', password: TOKEN }))
  expect([...(await raw.received(4))]).toEqual(CONNACK_OK)
  return raw
}

describe('a device', () => {
  test('sends each uplink to the coordinator once, and receives what is sent to it', async () => {
    await using it = await startTestBroker()
    const client = await it.client(deviceOptions(PI, 1))
    expect(it.events).toEqual([`connected ${PI.id}`])
    await client.subscribeAsync(PI.filter, { qos: 1 })
    const arrived = new Promise<[string, Uint8Array]>(resolve =>
      client.once('message', (...args) => resolve([args[0], args[1]])),
    )

    for (let i = 0; i < 100; i++) client.publish(PI.up('status'), Buffer.from([i]), { qos: 1 })
    await client.publishAsync(PI.up('hello'), Buffer.from([100]), { qos: 0 })
    await it.until(() => it.uplinks.length >= 101)
    expect(it.uplinks.map(({ payload }) => payload[0])).toEqual(Array.from({ length: 101 }, (_, i) => i))
    expect(it.uplinks[100]).toMatchObject({ device: PI.id, name: 'hello' })

    it.broker.publishToDevice(PI.id, 'lease', utf8('work'))
    const [topic, payload] = await arrived
    expect(topic).toBe(PI.filter.replace('+', 'lease'))
    expect(new Uint8Array(payload)).toEqual(utf8('work'))
    expect(it.counts()).toEqual({})

    await client.endAsync()
    await it.until(() => it.events.length === 2)
    expect(it.events[1]).toBe(`disconnected ${PI.id}`)
    it.broker.publishToDevice(PI.id, 'lease', utf8('work'))
    expect(it.counts()).toEqual({ 'downlink:not_subscribed': 1 })
  })

  test('receives what is sent to it in order, at the level it asked for, and nothing before it has subscribed [TOPIC-3.2]', async () => {
    await using it = await startTestBroker()
    const raw = await rawDevice(it)
    it.broker.publishToDevice(PI.id, 'welcome', utf8('too early'))
    raw.send(subscribePacket([PI.filter], 0))
    await raw.received(4 + 5)
    const texts = Array.from({ length: 50 }, (_, i) => `message ${10 + i}`)
    for (const text of texts) it.broker.publishToDevice(PI.id, 'lease', utf8(text))
    const topic = PI.filter.replace('+', 'lease')
    const expected = Buffer.concat(texts.map(text => publishPacket({ topic, payload: text })))
    const all = await raw.received(9 + expected.length)
    expect(Buffer.from(all.subarray(9))).toEqual(expected)
    expect(it.counts()).toEqual({ 'downlink:not_subscribed': 1 })
  })

  test('receives a burst of megabytes whole', async () => {
    await using it = await startTestBroker()
    const client = await it.client(deviceOptions(PI, 1))
    await client.subscribeAsync(PI.filter, { qos: 1 })
    const sizes: number[] = []
    const all = new Promise<void>(resolve =>
      client.on('message', (_topic, payload) => {
        if (sizes.push(payload.length) === 64) resolve()
      }),
    )
    for (let i = 0; i < 64; i++) it.broker.publishToDevice(PI.id, 'lease', new Uint8Array(60_000 + i))
    await all
    expect(sizes).toEqual(Array.from({ length: 64 }, (_, i) => 60_000 + i))
    expect(it.counts()).toEqual({})
  })

  test('receives nothing more once it has unsubscribed', async () => {
    await using it = await startTestBroker()
    const client = await it.client(deviceOptions(PI, 1))
    await client.subscribeAsync(PI.filter, { qos: 1 })
    await client.unsubscribeAsync(PI.filter)
    it.broker.publishToDevice(PI.id, 'lease', utf8('work'))
    expect(it.counts()).toEqual({ 'downlink:not_subscribed': 1 })
  })

  test('is told its last messages when it is kicked, and nothing more is heard of it', async () => {
    await using it = await startTestBroker()
    const raw = await rawDevice(it)
    raw.send(subscribePacket([PI.filter], 0))
    await raw.received(9)
    it.broker.publishToDevice(PI.id, 'notice', utf8('revoked'))
    it.broker.kick(PI.id, 'revoked')
    raw.send(publishPacket({ topic: PI.up('status'), payload: 'x' }))
    expect(new TextDecoder().decode(await raw.closed())).toContain('revoked')
    await it.until(() => it.events.includes(`disconnected ${PI.id}`))
    expect(it.uplinks).toEqual([])
    it.broker.kick(PI.id, 'again')
  })

  test('may send its next packets with its CONNECT, and gets the answer to them', async () => {
    await using it = await startTestBroker()
    const raw = await it.raw()
    const answered = it
      .until(() => it.uplinks.length === 1)
      .then(() => it.broker.publishToDevice(PI.id, 'ack', utf8('y')))
    raw.send(
      connectPacket({ clientId: PI.id, username: 'device', password: PI.password(1) }),
      subscribePacket([PI.filter], 0, 7),
      publishPacket({ topic: PI.up('join'), payload: 'x' }),
    )
    const answer = publishPacket({ topic: PI.filter.replace('+', 'ack'), payload: 'y' })
    const received = Buffer.from(await raw.received(4 + 5 + answer.length))
    expect(received.includes(Buffer.from(answer))).toBe(true)
    await answered
    expect(it.counts()).toEqual({})
  })
})

describe('the identity of a device', () => {
  test('is taken over by its own newer counter, and by nothing else [SESSION-2.3]', async () => {
    await using it = await startTestBroker()
    const first = await it.client(deviceOptions(PI, 5))
    const ended = new Promise<void>(resolve => first.once('close', () => resolve()))

    await expect(it.client(deviceOptions(PI, 5)), 'the same counter').rejects.toThrow('Not authorized')
    await expect(it.client(deviceOptions(PI, 4)), 'an older counter').rejects.toThrow('Not authorized')
    const stolen = { ...deviceOptions(PI, 6), password: Buffer.from(OTHER.password(6)) }
    await expect(it.client(stolen), "a stranger's key").rejects.toThrow('Not authorized')
    await expect(it.client({ ...submitterOptions('acme'), clientId: PI.id }), 'a submitter').rejects.toThrow(
      'Identifier rejected',
    )
    expect(first.connected).toBe(true)
    expect(it.events).toEqual([`connected ${PI.id}`])

    const second = await it.client(deviceOptions(PI, 6))
    await ended
    expect(it.events).toEqual([`connected ${PI.id}`, `disconnected ${PI.id}`, `connected ${PI.id}`])
    await second.publishAsync(PI.up('status'), 'x', { qos: 1 })
    expect(it.uplinks).toHaveLength(1)
    expect(it.counts()).toEqual({
      'connect:client_id': 1,
      'connect:stale_counter': 2,
      'connect:wrong_key': 1,
      'connection:taken_over': 1,
    })
  })

  test('survives a hundred takeovers: every connect has its disconnect, and the last one works', async () => {
    await using it = await startTestBroker()
    for (let counter = 1; counter <= 100; counter++) {
      const raw = await it.raw()
      raw.send(
        connectPacket({ clientId: PI.id, username: 'device', password: PI.password(counter) }),
        subscribePacket([PI.filter]),
      )
      // Some are replaced while half open, some in use, some as they leave.
      if (counter % 3 !== 0) await raw.received(counter % 3 === 1 ? 4 : 9)
      if (counter % 5 === 0) raw.socket.destroy()
    }
    const last = await rawDevice(it, PI, 101)
    last.send(publishPacket({ topic: PI.up('status'), payload: 'x', qos: 1 }))
    await last.received(8)
    const states = it.events.map(event => event.split(' ')[0])
    expect(states.filter((state, i) => state !== (i % 2 === 0 ? 'connected' : 'disconnected'))).toEqual([])
    expect(states.at(-1)).toBe('connected')
  })
})

describe('a submitter', () => {
  test('submits JSON with a user name and a token, and reads the answers', async () => {
    await using it = await startTestBroker()
    const client = await it.client(submitterOptions('acme'))
    await client.subscribeAsync('hr/1/north/jobs/acme/#', { qos: 1 })
    const messages: [string, string][] = []
    const two = new Promise<void>(resolve =>
      client.on('message', (topic, payload) => {
        if (messages.push([topic, payload.toString()]) === 2) resolve()
      }),
    )
    await client.publishAsync(submitTopic(REGION, ACME), '{"task": {}}', { qos: 1 })
    await client.publishAsync(jobTopic(REGION, ACME, JOB, 'cancel'), '', { qos: 0 })
    await it.until(() => it.submissions.length === 2)
    expect(it.submissions).toMatchObject([
      { name: 'acme', topic: { kind: 'submit' }, text: '{"task": {}}' },
      { name: 'acme', topic: { kind: 'job', job: JOB, leaf: 'cancel' }, text: '' },
    ])
    it.broker.publishToSubmitter(refusedTopic(REGION, ACME), utf8('{"code":"bad_job"}'))
    it.broker.publishToSubmitter(jobTopic(REGION, ACME, JOB, 'status'), utf8('{}'))
    await two
    expect(messages).toEqual([
      ['hr/1/north/jobs/acme/refused', '{"code":"bad_job"}'],
      [`hr/1/north/jobs/acme/${JOB}/status`, '{}'],
    ])
  })

  test('sees nothing of another, and nothing that another publishes', async () => {
    await using it = await startTestBroker()
    const acme = await it.client(submitterOptions('acme'))
    const other = await it.client(submitterOptions('other', 'acme-client'))
    expect(acme.connected).toBe(true)
    const seen: string[] = []
    acme.on('message', topic => seen.push(topic))
    await acme.subscribeAsync('hr/1/north/jobs/acme/#', { qos: 1 })
    await expect(acme.subscribeAsync('hr/1/north/jobs/other/#')).rejects.toThrow()
    await expect(acme.subscribeAsync('hr/1/north/jobs/+/submit')).rejects.toThrow()
    await other.publishAsync(submitTopic(REGION, submitterName('other')), '{}', { qos: 1 })
    // Not even its own: a submission goes to the coordinator alone.
    await acme.publishAsync(submitTopic(REGION, ACME), '{}', { qos: 1 })
    it.broker.publishToSubmitter(refusedTopic(REGION, submitterName('other')), utf8('{}'))
    it.broker.publishToSubmitter(refusedTopic(REGION, ACME), utf8('{}'))
    await new Promise<void>(resolve => acme.once('message', () => resolve()))
    expect(seen).toEqual([refusedTopic(REGION, ACME)])
    expect(it.counts()).toEqual({ 'subscribe:foreign_topic': 2 })
  })

  test('with a wrong token or no credentials is told so', async () => {
    await using it = await startTestBroker()
    await expect(it.client({ ...submitterOptions('acme'), password: 'wrong' })).rejects.toThrow(
      'Bad username or password',
    )
    await expect(it.client({ clientId: 'x' })).rejects.toThrow('Bad username or password')
    expect(it.counts()).toEqual({ 'connect:bad_token': 1, 'connect:no_credentials': 1 })
  })

  test('may leave out its client id, as mosquitto_pub does, unless it wants to be remembered', async () => {
    await using it = await startTestBroker()
    const [one, two] = [await rawSubmitter(it, ''), await rawSubmitter(it, '')]
    one.send(publishPacket({ topic: submitTopic(REGION, ACME), payload: '1' }))
    two.send(publishPacket({ topic: submitTopic(REGION, ACME), payload: '2' }))
    await it.until(() => it.submissions.length === 2)
    const kept = await it.raw()
    kept.send(connectPacket({ clientId: '', clean: false, username: 'acme', password: TOKEN }))
    expect([...(await kept.closed())]).toEqual([0x20, 2, 0, 2])
    const device = await it.raw()
    device.send(connectPacket({ clientId: '', username: 'device', password: PI.password(1) }))
    expect([...(await device.closed())]).toEqual([0x20, 2, 0, 2])
    expect(it.counts()).toEqual({ 'connect:client_id': 2 })
  })

  test('gets no persistent session: what came while it was away is not kept [TOPIC-3.1]', async () => {
    await using it = await startTestBroker()
    const options = { ...submitterOptions('acme'), clean: false }
    const first = await it.client(options)
    await first.subscribeAsync('hr/1/north/jobs/acme/#', { qos: 1 })
    await first.endAsync()
    it.broker.publishToSubmitter(refusedTopic(REGION, ACME), utf8('missed'))
    const raw = await it.raw()
    raw.send(connectPacket({ clientId: 'acme-client', clean: false, username: 'acme', password: TOKEN }), PINGREQ)
    // No session is present, and the next thing to come is the answer to the ping.
    expect([...(await raw.received(6))]).toEqual([...CONNACK_OK, 0xd0, 0])
  })

  test('has one connection for each client id', async () => {
    await using it = await startTestBroker({ maxConnectionsPerSubmitter: 2 })
    const first = await rawSubmitter(it, 'one')
    await rawSubmitter(it, 'two')
    await rawSubmitter(it, 'one')
    await first.closed()
    const third = await it.raw()
    third.send(connectPacket({ clientId: 'three', username: 'acme', password: TOKEN }))
    expect([...(await third.closed())]).toEqual([0x20, 2, 0, 5])
    expect(it.counts()).toEqual({ 'connect:too_many_of_submitter': 1, 'connection:taken_over': 1 })
  })
})

describe('abuse', () => {
  test('200 MB announced before CONNECT is refused at its header', async () => {
    await using it = await startTestBroker()
    const raw = await it.raw()
    raw.send(Uint8Array.of(0x10, 0x80, 0x88, 0xaf, 0x5f))
    expect(await raw.closed()).toHaveLength(0)
    expect(it.counts()).toEqual({ 'packet:packet_too_large': 1 })
  })

  test('so is a large packet after it', async () => {
    await using it = await startTestBroker()
    const raw = await rawDevice(it)
    raw.send(Uint8Array.of(0x30, 0x80, 0x88, 0xaf, 0x5f))
    await raw.closed()
    expect(it.counts()).toEqual({ 'packet:packet_too_large': 1 })
  })

  test('MQTT 5 is refused in words that every client understands', async () => {
    await using it = await startTestBroker()
    await expect(it.client({ ...submitterOptions('acme'), protocolVersion: 5 })).rejects.toThrow('protocol version')
    const raw = await it.raw()
    raw.send(connectPacket({ level: 5 }))
    expect([...(await raw.closed())]).toEqual([0x20, 2, 0, 1])
    expect(it.counts()).toEqual({ 'packet:bad_version': 2 })
  })

  const REFUSED: [name: string, bytes: Uint8Array, reason: string][] = [
    [
      'a spoofed control message',
      publishPacket({ topic: '$SYS/x/new/clients', payload: OTHER.id }),
      'publish:dollar_topic',
    ],
    ["another's uplink", publishPacket({ topic: OTHER.up('status'), payload: 'x' }), 'publish:foreign_topic'],
    [
      'its own downlink',
      publishPacket({ topic: PI.filter.replace('+', 'lease'), payload: 'x' }),
      'publish:foreign_topic',
    ],
    [
      'an uplink to be retained [TOPIC-3.1]',
      publishPacket({ topic: PI.up('status'), retain: true }),
      'publish:retained',
    ],
    ['an uplink at QoS 2 [TOPIC-3.1]', publishPacket({ topic: PI.up('status'), qos: 2 }), 'publish:qos2'],
    ['a topic with a wildcard', publishPacket({ topic: '#' }), 'packet:malformed'],
    ['a topic of a hundred levels', publishPacket({ topic: '/'.repeat(100) }), 'packet:malformed'],
    ['a SUBSCRIBE with a wildcard out of place', subscribePacket(['aa#']), 'packet:malformed'],
    ['a second CONNECT', connectPacket({ clientId: 'x' }), 'packet:unexpected_packet'],
  ]
  for (const [name, bytes, reason] of REFUSED) {
    test(`${name} ends the connection, and only that`, async () => {
      await using it = await startTestBroker()
      const victim = await rawDevice(it, OTHER)
      const raw = await rawDevice(it, PI)
      raw.send(bytes, publishPacket({ topic: PI.up('status') }))
      await raw.closed()
      victim.send(PINGREQ)
      await victim.received(6)
      expect(it.counts()).toEqual({ [reason]: 1 })
      expect(it.uplinks).toEqual([])
      expect(it.broker.connectionCount()).toBe(1)
    })
  }

  test('filters that reach others are refused one by one, and the client stays', async () => {
    await using it = await startTestBroker()
    const raw = await rawDevice(it)
    const filters = ['#', '+/+/+/+/+/+/+', OTHER.filter, '$SYS/#', PI.filter, '$share/x/#']
    raw.send(subscribePacket(filters, 1, 3))
    expect([...(await raw.received(14))].slice(4)).toEqual([0x90, 8, 0, 3, 128, 128, 128, 128, 1, 128])
    expect(it.counts()).toEqual({ 'subscribe:dollar_topic': 2, 'subscribe:foreign_topic': 3 })
  })

  test('a will is refused, whatever its topic [TOPIC-3.1]', async () => {
    await using it = await startTestBroker()
    for (const [i, topic] of [OTHER.up('status'), PI.up('status')].entries()) {
      const raw = await it.raw()
      const will = { topic, payload: 'x' }
      raw.send(connectPacket({ clientId: PI.id, username: 'device', password: PI.password(i), will }))
      expect([...(await raw.closed())]).toEqual([0x20, 2, 0, 5])
    }
    expect(it.counts()).toEqual({ 'connect:will': 2 })
    expect(it.uplinks).toEqual([])
    expect(it.events).toEqual([])
  })

  test('acknowledgements and goodbyes for things that never were do no harm', async () => {
    await using it = await startTestBroker()
    const raw = await rawDevice(it)
    raw.send(pubackPacket(0), pubackPacket(77), unsubscribePacket(['never', '__proto__'], 5), PINGREQ)
    expect([...(await raw.received(10))].slice(4)).toEqual([0xb0, 2, 0, 5, 0xd0, 0])
    expect(it.counts()).toEqual({})
  })

  test('connections are capped, for each address too, and room is made again', async () => {
    await using it = await startTestBroker({ maxConnections: 3, maxConnectionsPerAddress: 2 })
    const first = await it.raw()
    await rawDevice(it)
    const third = await it.raw()
    await third.closed()
    expect(it.counts()).toEqual({ 'connection:too_many_from_address': 1 })
    expect(it.broker.connectionCount()).toBe(2)
    first.send(PINGREQ)
    await first.closed()
    await rawDevice(it, OTHER)
  })
})

describe('frozen readers', () => {
  test('are dropped, and a healthy reader beside them gets everything', async () => {
    await using it = await startTestBroker()
    const topic = jobTopic(REGION, ACME, JOB, 'progress')
    const healthy = await it.client(submitterOptions('acme', 'healthy'))
    await healthy.subscribeAsync(topic, { qos: 1 })
    const frozen = await Promise.all(Array.from({ length: 5 }, (_, i) => rawSubmitter(it, `frozen-${i}`)))
    for (const raw of frozen) {
      raw.send(subscribePacket(['hr/1/north/jobs/acme/#']))
      await raw.received(9)
      raw.socket.pause()
    }

    const payload = new Uint8Array(16_384)
    const total = 2_000
    let sent = 0
    let arrived = 0
    const all = new Promise<void>(resolve =>
      healthy.on('message', () => {
        if (++arrived === total) resolve()
        else if (sent < total) send()
      }),
    )
    const send = () => {
      sent++
      it.broker.publishToSubmitter(topic, payload)
    }
    for (let i = 0; i < 8; i++) send()
    await all
    expect(arrived).toBe(total)
    expect(it.counts()).toEqual({ slow_reader: 5 })
    expect(it.broker.connectionCount()).toBe(1)
  })

  test('among devices are dropped too, while the others receive all of theirs', async () => {
    await using it = await startTestBroker()
    const frozen = [testDevice('frozen 1'), testDevice('frozen 2')]
    for (const device of frozen) {
      const raw = await rawDevice(it, device)
      raw.send(subscribePacket([device.filter]))
      await raw.received(9)
      raw.socket.pause()
    }
    const healthy = await it.client(deviceOptions(PI, 1))
    await healthy.subscribeAsync(PI.filter, { qos: 1 })

    const payload = new Uint8Array(60_000)
    const total = 600
    let arrived = 0
    const all = new Promise<void>(resolve =>
      healthy.on('message', () => {
        if (++arrived === total) resolve()
        else send()
      }),
    )
    const send = () => {
      for (const { id } of [...frozen, PI]) it.broker.publishToDevice(id, 'lease', payload)
    }
    send()
    await all
    expect(it.events.filter(event => event.startsWith('disconnected')).sort()).toEqual(
      frozen.map(({ id }) => `disconnected ${id}`).sort(),
    )
    expect(it.counts()).toMatchObject({ slow_reader: 2 })
    expect(healthy.connected).toBe(true)
  })

  test('that keep asking are asked to wait, so that their unread answers cannot fill the memory', async () => {
    await using it = await startTestBroker()
    const raw = await rawDevice(it)
    raw.socket.pause()
    const pings = Buffer.concat(Array.from({ length: 32_768 }, () => PINGREQ))
    const flood = () => {
      if (!raw.socket.destroyed) raw.socket.write(pings, () => setImmediate(flood))
    }
    flood()
    await it.until(() => (it.counts().throttled ?? 0) >= 2)
    const healthy = testDevice('healthy')
    const client = await it.client(deviceOptions(healthy, 1))
    for (let i = 0; i < 20; i++) await client.publishAsync(healthy.up('status'), `${i}`, { qos: 1 })
    expect(it.uplinks.map(({ payload }) => Buffer.from(payload).toString())).toEqual(
      Array.from({ length: 20 }, (_, i) => `${i}`),
    )
    raw.socket.destroy()
  })
})

describe('a client that sends too fast', () => {
  /** Time passes only while somebody waits for it, so that a slow machine sends too fast as well. */
  function waitingClock(): Clock {
    let nowMs = 0
    const setTimeout: Clock['setTimeout'] = (fn, delayMs) =>
      systemClock.setTimeout(() => {
        nowMs += delayMs
        fn()
      }, 0)
    return { ...systemClock, monotonicMs: () => nowMs, setTimeout }
  }

  test('is read as fast as anybody may send, and loses nothing', async () => {
    await using it = await startTestBroker({}, waitingClock())
    const device = testDevice('fast')
    const client = await it.client(deviceOptions(device, 1))
    // A token each, and one more for each 4 KiB: half as much again as the burst.
    const count = Math.ceil((1.5 * LIMITS.packetsBurstMax) / (1 + 16_384 / LIMITS.packetCountedBytes))
    const payload = Buffer.alloc(16_384)
    for (let i = 0; i < count; i++) {
      payload.writeUInt32BE(i)
      client.publish(device.up('result'), Buffer.from(payload), { qos: 0 })
    }
    await it.until(() => it.uplinks.length === count)
    expect(it.counts()).toMatchObject({ throttled: expect.any(Number) })
    const numbers = it.uplinks.map(({ payload: bytes }) => Buffer.from(bytes).readUInt32BE())
    expect(numbers).toEqual(Array.from({ length: count }, (_, i) => i))
    expect(client.connected).toBe(true)
  })
})

describe('the port', () => {
  const nothing = () => undefined
  const components = { clock: systemClock, log: { info: nothing, warn: nothing }, count: nothing }
  const hooks = {
    authenticateDevice: () => 'closed',
    authenticateSubmitter: () => false,
    onUplink: nothing,
    onSubmitter: nothing,
    onConnected: nothing,
    onDisconnected: nothing,
  }

  async function occupied() {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    return { port, [Symbol.asyncDispose]: () => new Promise<void>(resolve => server.close(() => resolve())) }
  }

  test('when taken is a failure that says what to do', async () => {
    await using other = await occupied()
    const started = createBroker(components, { region: REGION, host: '127.0.0.1', port: other.port }, hooks)
    await expect(started).rejects.toThrow(TransportError)
    await expect(started).rejects.toMatchObject({ info: { code: 'port_taken', address: `127.0.0.1:${other.port}` } })
    await expect(started).rejects.toThrow(/another program has the port/)
  })

  test('when taken can be another one', async () => {
    await using other = await occupied()
    const init = { region: REGION, host: '127.0.0.1', port: other.port, fallback: true }
    const broker = await createBroker(components, init, hooks)
    expect(broker.port).not.toBe(other.port)
    await broker.close()
  })

  test('on an address that is not of this machine is a failure', async () => {
    const started = createBroker(components, { region: REGION, host: '192.0.2.1', port: 0 }, hooks)
    await expect(started).rejects.toMatchObject({ info: { code: 'refused', reason: 'EADDRNOTAVAIL' } })
  })

  test('is free again after close, with clients in every state', async () => {
    const it = await startTestBroker()
    const silent = await it.raw()
    const half = await it.raw()
    half.send(connectPacket({ clientId: 'x' }).subarray(0, 9))
    const client = await it.client(deviceOptions(PI, 1))
    await client.subscribeAsync(PI.filter)
    const { port } = it.broker
    await it.broker.close()
    await Promise.all([silent.closed(), half.closed()])
    expect(it.events).toEqual([`connected ${PI.id}`, `disconnected ${PI.id}`])
    expect(it.broker.connectionCount()).toBe(0)
    const next = await createBroker(components, { region: REGION, host: '127.0.0.1', port }, hooks)
    expect(next.port).toBe(port)
    await next.close()
    await it.broker.close()
  })
})
