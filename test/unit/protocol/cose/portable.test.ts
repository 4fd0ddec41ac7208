import { expect, test } from 'vitest'
import { toHex } from '../../../../protocol/bytes.ts'
import { portableSigner, portableVerifier } from '../../../../protocol/cose/index.ts'
import { nodeSigner, nodeVerifier } from '../../../../protocol/node/index.ts'
import { seededRandom } from '../../../../protocol/random.ts'

test('agrees with Node on keys, signatures and verdicts', () => {
  const random = seededRandom('agree')
  const [portable, node] = [portableVerifier(), nodeVerifier()]
  for (let i = 0; i < 25; i++) {
    const seed = random.bytes(32)
    const [mine, theirs] = [portableSigner(seed), nodeSigner(seed)]
    const message = random.bytes(i * 11)
    const signature = mine.sign(message)
    expect(toHex(mine.publicKey)).toBe(toHex(theirs.publicKey))
    expect(toHex(signature)).toBe(toHex(theirs.sign(message)))
    const changed = Uint8Array.from(signature)
    const at = Math.floor(random.uniform() * 64)
    changed[at] = (changed[at] ?? 0) ^ (1 << Math.floor(random.uniform() * 8))
    for (const verifier of [portable, node]) {
      expect(verifier.verify(mine.publicKey, message, signature)).toBe(true)
      expect(verifier.verify(mine.publicKey, message, changed)).toBe(false)
    }
  }
})

test('whatever is malformed is invalid, not an error', () => {
  const signer = portableSigner(new Uint8Array(32).fill(1))
  const signature = signer.sign(new Uint8Array(0))
  for (const verifier of [portableVerifier(), nodeVerifier()]) {
    for (const key of [new Uint8Array(0), new Uint8Array(31), new Uint8Array(33), new Uint8Array(32).fill(255)]) {
      expect(verifier.verify(key, new Uint8Array(0), signature)).toBe(false)
    }
    for (const length of [0, 63, 65, 128]) {
      expect(verifier.verify(signer.publicKey, new Uint8Array(0), new Uint8Array(length))).toBe(false)
    }
    const overflowing = Uint8Array.from(signature).fill(255, 32)
    expect(verifier.verify(signer.publicKey, new Uint8Array(0), overflowing)).toBe(false)
  }
})

test('a signer keeps its own copy of the seed', () => {
  const seed = new Uint8Array(32).fill(5)
  const signer = portableSigner(seed)
  const before = signer.sign(seed.subarray(0, 4))
  seed.fill(0)
  expect(portableSigner(new Uint8Array(32).fill(5)).sign(new Uint8Array(4).fill(5))).toEqual(before)
  expect(
    portableVerifier().verify(signer.publicKey, new Uint8Array(4).fill(5), signer.sign(new Uint8Array(4).fill(5))),
  ).toBe(true)
})
