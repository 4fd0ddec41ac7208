import { expect, test } from 'vitest'
import { createArrivals } from '../../../../coordinator/gate/arrivals.ts'
import { createCounters, createGate } from '../../../../coordinator/gate/index.ts'
import {
  type BackgroundVerifier,
  type DeviceId,
  deviceIdOf,
  encodeStatus,
  frameAad,
  regionIdOf,
  seededRandom,
  sign1,
} from '../../../../protocol/index.ts'
import { nodeSigner, nodeVerifier, startVerifyWorkers } from '../../../../protocol/node/index.ts'

const REGION_ID = regionIdOf(nodeSigner(seededRandom('region').bytes(32)).publicKey)
const SESSION = 7

function device(name: string) {
  const signer = nodeSigner(seededRandom(name).bytes(32))
  const id = deviceIdOf(signer.publicKey)
  const aad = frameAad({ regionId: REGION_ID, direction: 'up', device: id, class: 'status' })
  const status = (seq: number): Uint8Array =>
    sign1(encodeStatus({ session: SESSION, seq, creditLeases: 1, runningLeases: 0, reason: '' }), aad, signer)
  const forged = (seq: number): Uint8Array => {
    const frame = status(seq)
    frame[frame.length - 1] = (frame.at(-1) ?? 0) ^ 1
    return frame
  }
  return { id, publicKey: signer.publicKey, status, forged }
}

const PI = device('pi')
const OTHER = device('other')

/** A gate with both devices connected, and what came through it as `device seq`. */
function setUp(background: BackgroundVerifier | null) {
  const counters = createCounters()
  const verifier = nodeVerifier()
  // A second a frame: a device may send as many.
  let nowMs = 0
  const monotonicMs = () => {
    nowMs += 1_000
    return nowMs
  }
  const keys = { publicKeyOf: () => null, standingOf: () => 'joined' as const }
  const gate = createGate(
    { verifier, keys, count: counters.count, charge: () => {}, monotonicMs },
    { regionId: REGION_ID },
  )
  for (const { id, publicKey } of [PI, OTHER]) gate.opened(id, SESSION, publicKey)
  const arrivals = createArrivals({ gate, verifier, background })
  const taken: string[] = []
  const open = ({ id }: { id: DeviceId }, frame: Uint8Array): void =>
    arrivals.open(id, 'status', frame, uplink => {
      taken.push(`${id === PI.id ? 'pi' : 'other'} ${'seq' in uplink ? uplink.seq : '-'}`)
    })
  return { gate, open, taken, counts: () => counters.snapshot() }
}

/** Checks that are answered when the test says so. */
function heldVerifier() {
  const held: (() => void)[] = []
  const verifier = nodeVerifier()
  const background: BackgroundVerifier = {
    verify: (key, message, signature, done) => held.push(() => done(verifier.verify(key, message, signature))),
  }
  return { background, held, answer: (index: number) => held[index]?.() }
}

test('a frame is opened at once when there is no other thread', () => {
  const { open, taken, counts } = setUp(null)
  open(PI, PI.status(0))
  open(PI, PI.forged(1))
  open(PI, PI.status(0))
  expect(taken).toEqual(['pi 0'])
  expect(counts()).toEqual({ bad_signature: 1, replayed: 1 })
})

test("a device's frames keep their order however their checks end, and wait for no other device's", () => {
  const { background, answer } = heldVerifier()
  const { open, taken, counts } = setUp(background)
  open(PI, PI.status(0))
  open(PI, PI.forged(1))
  open(PI, PI.status(2))
  open(OTHER, OTHER.status(5))
  answer(2)
  answer(1)
  expect(taken).toEqual([])
  answer(3)
  expect(taken).toEqual(['other 5'])
  answer(0)
  expect(taken).toEqual(['other 5', 'pi 0', 'pi 2'])
  expect(counts()).toEqual({ bad_signature: 1 })
})

test('a frame of a device that goes, or comes again, while it is checked is refused', () => {
  const { background, answer } = heldVerifier()
  const { gate, open, taken, counts } = setUp(background)
  open(PI, PI.status(0))
  open(OTHER, OTHER.status(0))
  gate.closed(PI.id)
  gate.opened(OTHER.id, SESSION + 1, OTHER.publicKey)
  answer(0)
  answer(1)
  expect(taken).toEqual([])
  expect(counts()).toEqual({ not_connected: 2 })
})

test('past so many checks under way the next ones are made at once, in their turn', () => {
  const { background, held, answer } = heldVerifier()
  const { open, taken } = setUp(background)
  for (let seq = 0; seq < 520; seq++) open(PI, PI.status(seq))
  expect(held).toHaveLength(512)
  expect(taken).toEqual([])
  for (let index = 0; index < held.length; index++) answer(index)
  expect(taken).toEqual(Array.from({ length: 520 }, (_, seq) => `pi ${seq}`))
})

test('real threads give the verdicts that one thread gives', async () => {
  const workers = startVerifyWorkers(2)
  const { open, taken, counts } = setUp(workers)
  for (let seq = 0; seq < 200; seq++) {
    open(PI, PI.status(2 * seq))
    if (seq < 199) open(PI, PI.forged(2 * seq + 1))
  }
  await expect.poll(() => taken.length).toBe(200)
  expect(taken).toEqual(Array.from({ length: 200 }, (_, seq) => `pi ${2 * seq}`))
  expect(counts()).toEqual({ bad_signature: 199 })
  await workers.close()
})
