import { describe, expect, test } from 'vitest'
import { createCounters, createGate } from '../../../../coordinator/gate/index.ts'
import type { DeviceStanding } from '../../../../coordinator/store/rows.ts'
import {
  concatBytes,
  type DeviceId,
  deviceIdOf,
  encode,
  encodeConnect,
  encodeHello,
  encodeJoin,
  encodeResult,
  encodeStatus,
  type FrameClass,
  frameAad,
  fromHex,
  type Hello,
  type LeaseResult,
  LIMITS,
  type RegionId,
  regionIdOf,
  type Signer,
  seededRandom,
  sign1,
  type Verifier,
} from '../../../../protocol/index.ts'
import { nodeSigner, nodeVerifier } from '../../../../protocol/node/index.ts'

const REGION_ID = regionIdOf(nodeSigner(seed('region')).publicKey)
const ELSEWHERE = regionIdOf(nodeSigner(seed('elsewhere')).publicKey)
const HELLO: Omit<Hello, 'session' | 'seq'> = {
  label: 'attic',
  software: 'hedgerow/0.1.0',
  arch: 'arm64',
  cores: 4,
  memoryMiB: 1_024,
  slots: 2,
  creditLeases: 4,
  abis: ['wasi'],
  metering: [1],
}

function seed(name: string): Uint8Array {
  return seededRandom(name).bytes(32)
}

const NOTHING_CAME: LeaseResult = {
  leaseId: 1,
  outcome: 'none',
  digest: null,
  outputs: null,
  elapsedMs: 5,
  detail: 'timed out',
  metering: 1,
}

/** A device, and how it signs. */
function device(name: string) {
  const signer = nodeSigner(seed(name))
  const id = deviceIdOf(signer.publicKey)
  const frame = (of: FrameClass, payload: Uint8Array, regionId: RegionId = REGION_ID, direction: 'up' | 'dn' = 'up') =>
    sign1(payload, frameAad({ regionId, direction, device: id, class: of }), signer)
  return {
    id,
    publicKey: signer.publicKey,
    frame,
    connect: (counter: number, signedBy: Signer = signer) =>
      sign1(
        encodeConnect({ counter, publicKey: signer.publicKey }),
        frameAad({ regionId: REGION_ID, direction: 'up', device: id, class: 'connect' }),
        signedBy,
      ),
    hello: (session: number, seq: number) => frame('hello', encodeHello({ session, seq, ...HELLO })),
    status: (session: number, seq: number) =>
      frame('status', encodeStatus({ session, seq, creditLeases: 1, runningLeases: 0, reason: '' })),
    result: (session: number, seq: number) => frame('result', encodeResult({ session, seq, results: [NOTHING_CAME] })),
    join: (session: number) =>
      frame('join', encodeJoin({ session, claimId: new Uint8Array(8), proof: new Uint8Array(32), label: 'attic' })),
  }
}

const PI = device('pi')
const OTHER = device('other')

interface Enrolled {
  publicKey: Uint8Array
  standing: DeviceStanding
}

/** A gate, with the pi enrolled and connected in session 7 unless told otherwise. */
function setUp(
  enrolled: Map<DeviceId, Enrolled> = new Map([[PI.id, { publicKey: PI.publicKey, standing: 'joined' }]]),
) {
  const counters = createCounters()
  const verified: number[] = []
  const strict = nodeVerifier()
  const verifier: Verifier = {
    verify(publicKey, message, signature) {
      verified.push(message.length)
      return strict.verify(publicKey, message, signature)
    },
  }
  const keys = {
    publicKeyOf: (id: DeviceId) => enrolled.get(id)?.publicKey ?? null,
    standingOf: (id: DeviceId) => enrolled.get(id)?.standing ?? null,
  }
  const charged: string[] = []
  const time = { nowMs: 0 }
  const gate = createGate(
    {
      verifier,
      keys,
      count: counters.count,
      charge: (id, offence) => charged.push(`${id === PI.id ? 'pi' : id} ${offence}`),
      monotonicMs: () => time.nowMs,
    },
    { regionId: REGION_ID },
  )
  gate.opened(PI.id, 7, PI.publicKey)
  return { gate, enrolled, verified, charged, time, counts: () => counters.snapshot() }
}

describe('a CONNECT', () => {
  test('gives its counter and key, and whether the device is enrolled', () => {
    const { gate } = setUp()
    expect(gate.connect(PI.id, PI.connect(8), 7)).toEqual({
      ok: true,
      publicKey: PI.publicKey,
      counter: 8,
      enrolled: true,
    })
    expect(gate.connect(OTHER.id, OTHER.connect(0), null)).toMatchObject({ ok: true, counter: 0, enrolled: false })
  })

  const PI_CONNECT = PI.connect(8)
  const REFUSED: [name: string, id: DeviceId, frame: Uint8Array, lastCounter: number | null, reason: string][] = [
    ['with the counter used last [SESSION-1.2]', PI.id, PI.connect(7), 7, 'stale_counter'],
    ['with an older counter [SESSION-1.2]', PI.id, PI.connect(6), 7, 'stale_counter'],
    ["under another device's name [SESSION-1.1]", OTHER.id, PI_CONNECT, null, 'wrong_key'],
    ['signed by another [SESSION-1.1]', PI.id, PI.connect(8, nodeSigner(seed('other'))), 7, 'bad_signature'],
    ['for another region', PI.id, PI.frame('connect', connectPayload(), ELSEWHERE), 7, 'bad_signature'],
    ['made for the other direction', PI.id, PI.frame('connect', connectPayload(), REGION_ID, 'dn'), 7, 'bad_signature'],
    ['made of another class [SESSION-1.1]', PI.id, PI.frame('hello', connectPayload()), 7, 'bad_signature'],
    ['cut short', PI.id, PI_CONNECT.subarray(0, 60), 7, 'bad_frame'],
    ['of nothing', PI.id, new Uint8Array(), 7, 'bad_frame'],
    ['too large', PI.id, new Uint8Array(LIMITS.connectFrameBytesMax + 1), 7, 'too_large'],
    [
      'of another version',
      PI.id,
      PI.frame('connect', encode(['hr/2', 8, PI.publicKey])),
      7,
      'bad_message:connect.version',
    ],
    [
      'of other fields',
      PI.id,
      PI.frame('connect', encode(['hr/1', -1, PI.publicKey])),
      7,
      'bad_message:connect.counter',
    ],
    ['of no CBOR', PI.id, PI.frame('connect', Uint8Array.of(0xff)), 7, 'bad_cbor'],
    ['of another algorithm', PI.id, fromHex('8443a10126a0405840'.concat('00'.repeat(64))), 7, 'bad_algorithm'],
  ]
  for (const [name, id, frame, lastCounter, reason] of REFUSED) {
    test(`${name} is refused: ${reason}`, () => {
      const { gate, counts } = setUp()
      expect(gate.connect(id, frame, lastCounter)).toEqual({ ok: false, reason })
      expect(counts()).toEqual({})
    })
  }

  test('of a revoked device is refused before its signature costs anything [SESSION-1.4]', () => {
    const { gate, verified } = setUp(new Map([[PI.id, { publicKey: PI.publicKey, standing: 'revoked' }]]))
    expect(gate.connect(PI.id, PI.connect(8), 7)).toEqual({ ok: false, reason: 'revoked' })
    expect(verified).toEqual([])
  })

  test('of a caught device is taken, so that it can be told', () => {
    const { gate } = setUp(new Map([[PI.id, { publicKey: PI.publicKey, standing: 'caught' }]]))
    expect(gate.connect(PI.id, PI.connect(8), 7)).toMatchObject({ ok: true, enrolled: true })
  })

  test('under the id of an enrolled device needs the whole enrolled key', () => {
    const { gate } = setUp(new Map([[PI.id, { publicKey: OTHER.publicKey, standing: 'joined' }]]))
    expect(gate.connect(PI.id, PI.connect(8), 7)).toEqual({ ok: false, reason: 'wrong_key' })
  })

  test('under a key of small order, which one signature fits for any message, is refused', () => {
    // The neutral point is its own signature of everything: R = A = identity, S = 0.
    const publicKey = concatBytes(Uint8Array.of(1), new Uint8Array(31))
    const id = deviceIdOf(publicKey)
    const everything: Signer = { publicKey, sign: () => concatBytes(publicKey, new Uint8Array(32)) }
    const aad = frameAad({ regionId: REGION_ID, direction: 'up', device: id, class: 'connect' })
    const { gate } = setUp()
    const verdict = gate.connect(id, sign1(encodeConnect({ counter: 1, publicKey }), aad, everything), null)
    expect(verdict).toEqual({ ok: false, reason: 'bad_signature' })
  })

  test('leaves no view of the frame behind', () => {
    const { gate } = setUp()
    const frame = PI.connect(8)
    const verdict = gate.connect(PI.id, frame, 7)
    frame.fill(0)
    expect(verdict).toMatchObject({ ok: true, publicKey: PI.publicKey })
  })
})

function connectPayload(): Uint8Array {
  return encodeConnect({ counter: 8, publicKey: nodeSigner(seed('pi')).publicKey })
}

describe('an uplink frame', () => {
  test('becomes the message of its class', () => {
    const { gate, counts } = setUp()
    expect(gate.open(PI.id, 'hello', PI.hello(7, 0))).toEqual({ class: 'hello', session: 7, seq: 0, ...HELLO })
    expect(gate.open(PI.id, 'status', PI.status(7, 1))).toMatchObject({ class: 'status', seq: 1, creditLeases: 1 })
    expect(gate.open(PI.id, 'result', PI.result(7, 90))).toEqual({
      class: 'result',
      session: 7,
      seq: 90,
      results: [NOTHING_CAME],
    })
    expect(gate.open(PI.id, 'join', PI.join(7))).toMatchObject({ class: 'join', session: 7, label: 'attic' })
    expect(counts()).toEqual({})
  })

  const { id } = PI
  const REFUSED: [name: string, id: DeviceId, on: string, frame: Uint8Array, reason: string][] = [
    ['of a device that is not connected', OTHER.id, 'hello', OTHER.hello(7, 0), 'not_connected'],
    ['of a class that goes down', id, 'lease', PI.frame('lease', encode([])), 'wrong_class'],
    ['that is a CONNECT', id, 'connect', PI.connect(8), 'wrong_class'],
    ['too large', id, 'hello', new Uint8Array(LIMITS.frameBytesMax + 1), 'too_large'],
    ['that is none', id, 'hello', new Uint8Array(200), 'bad_frame'],
    ['on the topic of another class', id, 'status', PI.hello(7, 0), 'bad_signature'],
    ['of another device', id, 'hello', OTHER.hello(7, 0), 'bad_signature'],
    [
      'for another region',
      id,
      'hello',
      PI.frame('hello', encodeHello({ session: 7, seq: 0, ...HELLO }), ELSEWHERE),
      'bad_signature',
    ],
    ['of no CBOR', id, 'hello', PI.frame('hello', Uint8Array.of(0x1c)), 'bad_cbor'],
    [
      'with a field out of bounds',
      id,
      'hello',
      PI.frame('hello', encode([7, 0, '', '', '', 0, 1, 1, 1, [], []])),
      'bad_message:hello.cores',
    ],
    [
      'with a bad element',
      id,
      'result',
      PI.frame('result', encode([7, 1, [[1, 9, null, null, 0, '', 1]]])),
      'bad_message:result.results.outcome',
    ],
    ['of an older session [SESSION-2.1]', id, 'hello', PI.hello(6, 0), 'stale_session'],
    ['of a session to come [SESSION-2.1]', id, 'status', PI.status(8, 0), 'stale_session'],
    ['a join of an older session [JOIN-1.1]', id, 'join', PI.join(6), 'stale_session'],
    ['a result of a session to come', id, 'result', PI.result(8, 0), 'stale_session'],
  ]
  for (const [name, from, on, frame, reason] of REFUSED) {
    test(`${name} is refused and counted: ${reason}`, () => {
      const { gate, counts } = setUp()
      expect(gate.open(from, on, frame)).toBeNull()
      expect(counts()).toEqual({ [reason]: 1 })
    })
  }

  test('of hello and status is taken once, and only in order [SESSION-2.1]', () => {
    const { gate, counts } = setUp()
    const hello = PI.hello(7, 3)
    expect(gate.open(PI.id, 'hello', hello)).not.toBeNull()
    expect(gate.open(PI.id, 'hello', hello)).toBeNull()
    expect(gate.open(PI.id, 'status', PI.status(7, 3))).toBeNull()
    expect(gate.open(PI.id, 'status', PI.status(7, 2))).toBeNull()
    expect(gate.open(PI.id, 'status', PI.status(7, 4))).not.toBeNull()
    expect(counts()).toEqual({ replayed: 3 })
  })

  test('that was refused does not use up its sequence number', () => {
    const { gate } = setUp()
    const damaged = PI.status(7, 5)
    damaged[damaged.length - 1] = (damaged[damaged.length - 1] ?? 0) ^ 1
    expect(gate.open(PI.id, 'status', damaged)).toBeNull()
    expect(gate.open(PI.id, 'status', PI.status(7, 5))).not.toBeNull()
  })

  test('of results may come again, and from a session before', () => {
    const { gate } = setUp()
    const old = PI.result(6, 1)
    expect(gate.open(PI.id, 'result', old)).not.toBeNull()
    expect(gate.open(PI.id, 'result', old)).not.toBeNull()
    expect(gate.open(PI.id, 'result', PI.result(7, 0))).not.toBeNull()
  })

  test('of a stranger is only ever a join [SESSION-2.2]', () => {
    const { gate, counts, verified } = setUp(new Map())
    for (const [on, frame] of Object.entries({
      hello: PI.hello(7, 0),
      status: PI.status(7, 0),
      result: PI.result(7, 0),
    })) {
      expect(gate.open(PI.id, on, frame)).toBeNull()
    }
    expect(verified).toEqual([])
    expect(counts()).toEqual({ not_enrolled: 3 })
    expect(gate.open(PI.id, 'join', PI.join(7))).not.toBeNull()
  })

  test('counts at once for a device that has just been enrolled', () => {
    const { gate, enrolled } = setUp(new Map())
    expect(gate.open(PI.id, 'hello', PI.hello(7, 0))).toBeNull()
    enrolled.set(PI.id, { publicKey: PI.publicKey, standing: 'joined' })
    expect(gate.open(PI.id, 'hello', PI.hello(7, 0))).not.toBeNull()
  })

  test('of a device revoked while connected is refused, a join too', () => {
    const { gate, enrolled, counts } = setUp()
    enrolled.set(PI.id, { publicKey: PI.publicKey, standing: 'revoked' })
    expect(gate.open(PI.id, 'status', PI.status(7, 0))).toBeNull()
    expect(gate.open(PI.id, 'join', PI.join(7))).toBeNull()
    expect(counts()).toEqual({ revoked: 2 })
  })

  test('of a caught device is still read', () => {
    const { gate } = setUp(new Map([[PI.id, { publicKey: PI.publicKey, standing: 'caught' }]]))
    expect(gate.open(PI.id, 'result', PI.result(7, 0))).not.toBeNull()
  })

  test('follows the session: a new one starts its sequence again, none takes nothing', () => {
    const { gate, counts } = setUp()
    expect(gate.open(PI.id, 'hello', PI.hello(7, 9))).not.toBeNull()
    gate.opened(PI.id, 8, PI.publicKey)
    expect(gate.open(PI.id, 'hello', PI.hello(8, 0))).not.toBeNull()
    expect(gate.open(PI.id, 'status', PI.status(7, 10))).toBeNull()
    gate.closed(PI.id)
    expect(gate.open(PI.id, 'status', PI.status(8, 1))).toBeNull()
    expect(counts()).toEqual({ stale_session: 1, not_connected: 1 })
  })

  test('costs its device something when it was of no use, and nothing when it was', () => {
    const { gate, charged } = setUp()
    gate.open(PI.id, 'hello', PI.hello(7, 0))
    gate.open(PI.id, 'result', PI.result(6, 1))
    expect(charged).toEqual([])
    gate.open(PI.id, 'hello', new Uint8Array(200))
    gate.open(PI.id, 'status', PI.frame('status', encode([])))
    gate.open(PI.id, 'hello', new Uint8Array(LIMITS.frameBytesMax + 1))
    gate.open(PI.id, 'status', PI.status(7, 0))
    gate.open(PI.id, 'status', PI.status(6, 9))
    expect(charged).toEqual(['pi garbage', 'pi garbage', 'pi garbage', 'pi late', 'pi late'])
    // Nobody connected can be blamed for it.
    gate.open(OTHER.id, 'hello', new Uint8Array(200))
    expect(charged).toHaveLength(5)
  })

  test('above what a device needs is refused before its signature is checked, and results are not', () => {
    const { gate, charged, counts, time, verified } = setUp()
    const statuses = Array.from({ length: LIMITS.controlFramesBurstMax + 5 }, (_, i) => PI.status(7, i))
    const opened = statuses.filter(frame => gate.open(PI.id, 'status', frame) !== null)
    expect(opened).toHaveLength(LIMITS.controlFramesBurstMax)
    const before = verified.length
    expect(gate.open(PI.id, 'hello', PI.hello(7, 9_999))).toBeNull()
    expect(verified).toHaveLength(before)
    expect(counts()).toEqual({ 'too_many:status': 5, 'too_many:hello': 1 })
    expect(charged).toEqual(Array(6).fill('pi excess'))
    for (let i = 0; i < 20; i++) expect(gate.open(PI.id, 'result', PI.result(7, i))).not.toBeNull()
    time.nowMs += 1_000
    expect(gate.open(PI.id, 'hello', PI.hello(7, 10_000))).not.toBeNull()
  })
})
