import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { afterAll, describe, expect, test } from 'vitest'
import { concatBytes, fromHex, toHex, utf8 } from '../../protocol/bytes.ts'
import { portableVerifier } from '../../protocol/cose/index.ts'
import { nodeVerifier, startVerifyWorkers } from '../../protocol/node/index.ts'
import { describeVectors, vectorText } from '../support/vectors.ts'

const workers = startVerifyWorkers(2)
afterAll(() => workers.close())
const nodeChecks = nodeVerifier()
const portableChecks = portableVerifier()

/** Every way to check a signature here. */
const verifiers: readonly [
  name: string,
  verify: (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>,
][] = [
  ['node', async (...check) => nodeChecks.verify(...check)],
  ['portable', async (...check) => portableChecks.verify(...check)],
  ['background', (...check) => new Promise(resolve => workers.verify(...check, resolve))],
]

interface Wycheproof {
  numberOfTests: number
  testGroups: {
    publicKey: { pk: string }
    tests: { tcId: number; msg: string; sig: string; result: 'valid' | 'invalid' }[]
  }[]
}

const wycheproof = 'ed25519/wycheproof-ed25519.json'
describeVectors('Wycheproof Ed25519', [wycheproof], () => {
  const suite: Wycheproof = JSON.parse(vectorText(wycheproof))

  test.each(verifiers)('every verdict of the %s verifier', async (_name, verify) => {
    let count = 0
    const wrong: number[] = []
    for (const { publicKey, tests } of suite.testGroups) {
      for (const { tcId, msg, sig, result } of tests) {
        count += 1
        const valid = await verify(fromHex(publicKey.pk), fromHex(msg), fromHex(sig))
        if (valid !== (result === 'valid')) wrong.push(tcId)
      }
    }
    expect(wrong).toEqual([])
    expect(count).toBe(suite.numberOfTests)
    expect(count).toBe(151)
  })
})

// The twelve classes of edge cases of "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko, SSR 2020), made here with our own
// keys. Each is checked first against two laxer rules, so a case that is merely malformed would be noticed. OpenSSL alone is
// no yardstick: 3.0 accepts keys and R of small order, 3.5 does not, and both accept keys with a torsion part.
const { Point } = ed25519
const L = Point.Fn.ORDER
const B = Point.BASE
const T = Point.fromBytes(fromHex(ED25519_TORSION_SUBGROUP[1] ?? ''), true)
const a = 0x1234_5678_9abc_def0n
const r = 0xfedc_ba98_7654_3210n

interface Case {
  key: Uint8Array
  message: Uint8Array
  signature: Uint8Array
}

const littleEndian = (value: bigint) => fromHex(value.toString(16).padStart(64, '0')).reverse()
const numberOf = (bytes: Uint8Array) => BigInt(`0x${toHex(Uint8Array.from(bytes).reverse())}`)
const challenge = (R: Uint8Array, key: Uint8Array, message: Uint8Array) =>
  numberOf(sha512(concatBytes(R, key, message))) % L

/** Tries messages until the challenge fits the wanted residue, since torsion parts see it modulo 8 only. */
function craft(key: Uint8Array, R: Uint8Array, scalarOf: (k: bigint) => bigint, fits: (k: bigint) => boolean): Case {
  for (let i = 0; ; i++) {
    const message = utf8(`message ${i}`)
    const k = challenge(R, key, message)
    if (fits(k)) return { key, message, signature: concatBytes(R, littleEndian(scalarOf(k))) }
  }
}

const small = T.toBytes()
const mixed = B.multiply(a).add(T).toBytes()
const honest = B.multiply(a).toBytes()
const R = B.multiply(r)
const response = (k: bigint) => (r + k * a) % L
const identity = fromHex(`01${'00'.repeat(31)}`)
const identityPlusP = fromHex(`ee${'ff'.repeat(30)}7f`)
const minusOnePlusSign = fromHex(`ec${'ff'.repeat(31)}`)

const cases: [name: string, made: Case, plainAccepts: boolean, zip215Accepts: boolean][] = [
  [
    'small A, small R, S = 0',
    craft(
      small,
      T.negate().toBytes(),
      () => 0n,
      k => k % 8n === 1n,
    ),
    true,
    true,
  ],
  [
    'small A, mixed R',
    craft(
      small,
      R.subtract(T).toBytes(),
      () => r,
      k => k % 8n === 1n,
    ),
    true,
    true,
  ],
  [
    'mixed A, small R',
    craft(
      mixed,
      T.negate().toBytes(),
      k => (k * a) % L,
      k => k % 8n === 1n,
    ),
    true,
    true,
  ],
  ['mixed A, mixed R', craft(mixed, R.subtract(T).toBytes(), response, k => k % 8n === 1n), true, true],
  ['mixed A and R, cofactored only', craft(mixed, R.add(T).toBytes(), response, k => k % 8n === 1n), false, true],
  ['mixed A, cofactored only', craft(mixed, R.toBytes(), response, k => k % 8n === 1n), false, true],
  ['honest A, R with torsion', craft(honest, R.add(T).toBytes(), response, () => true), false, true],
  [
    'S + L',
    craft(
      honest,
      R.toBytes(),
      k => response(k) + L,
      () => true,
    ),
    false,
    false,
  ],
  [
    'S far above L',
    craft(
      honest,
      R.toBytes(),
      k => response(k) + 8n * L,
      () => true,
    ),
    false,
    false,
  ],
  [
    'non-canonical R',
    craft(
      honest,
      identityPlusP,
      k => (k * a) % L,
      () => true,
    ),
    true,
    true,
  ],
  [
    'non-canonical small A',
    craft(
      identityPlusP,
      R.toBytes(),
      () => r,
      () => true,
    ),
    true,
    true,
  ],
  [
    'small A with x = 0 and its sign set',
    craft(
      minusOnePlusSign,
      R.toBytes(),
      () => r,
      k => k % 2n === 0n,
    ),
    true,
    true,
  ],
  [
    'A = identity, any message',
    craft(
      identity,
      identity,
      () => 0n,
      () => true,
    ),
    true,
    true,
  ],
  [
    'honest A, R = identity',
    craft(
      honest,
      identity,
      k => (k * a) % L,
      () => true,
    ),
    true,
    true,
  ],
]

/** The plain equation S·B = R + k·A with lenient decoding, and nothing checked beforehand but S < L. */
function cofactorless({ key, message, signature }: Case): boolean {
  const r = signature.subarray(0, 32)
  const s = numberOf(signature.subarray(32))
  const k = challenge(r, key, message)
  const right = Point.fromBytes(r, true).add(Point.fromBytes(key, true).multiplyUnsafe(k))
  return s < L && B.multiplyUnsafe(s).equals(right)
}

describe('edge cases on which verifiers disagree', () => {
  test.each(cases)('%s', async (_name, made, plainAccepts, zip215Accepts) => {
    expect(cofactorless(made)).toBe(plainAccepts)
    expect(ed25519.verify(made.signature, made.message, made.key)).toBe(zip215Accepts)
    for (const [, verify] of verifiers) expect(await verify(made.key, made.message, made.signature)).toBe(false)
  })

  test('the same construction without an edge is accepted', async () => {
    const made = craft(honest, R.toBytes(), response, () => true)
    expect(cofactorless(made)).toBe(true)
    for (const [, verify] of verifiers) expect(await verify(made.key, made.message, made.signature)).toBe(true)
  })
})
