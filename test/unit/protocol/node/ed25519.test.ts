import { expect, test } from 'vitest'
import { fromHex, toHex } from '../../../../protocol/bytes.ts'
import { generateSeed, nodeSigner, nodeVerifier } from '../../../../protocol/node/index.ts'
import { seededRandom } from '../../../../protocol/random.ts'

test('signs as RFC 8032 §7.1 test 2 says', () => {
  const signer = nodeSigner(fromHex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'))
  expect(toHex(signer.publicKey)).toBe('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
  const signature = signer.sign(Uint8Array.of(0x72))
  expect(Object.getPrototypeOf(signature)).toBe(Uint8Array.prototype)
  expect(toHex(signature)).toBe(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  )
})

test('a seed comes from the given randomness, and must have 32 bytes', () => {
  expect(generateSeed(seededRandom(1))).toEqual(generateSeed(seededRandom(1)))
  expect(generateSeed(seededRandom(1))).toHaveLength(32)
  expect(() => nodeSigner(new Uint8Array(31))).toThrow('32 bytes')
})

test('more keys than it remembers change no verdict', () => {
  const random = seededRandom('many')
  const verifier = nodeVerifier(3)
  const message = Uint8Array.of(1, 2, 3)
  const signers = Array.from({ length: 8 }, () => nodeSigner(generateSeed(random)))
  const signatures = signers.map(signer => signer.sign(message))
  for (let round = 0; round < 3; round++) {
    for (const [i, signer] of signers.entries()) {
      for (const [j, signature] of signatures.entries()) {
        expect(verifier.verify(signer.publicKey, message, signature)).toBe(i === j)
      }
    }
  }
})

test('a key that changes in place after its first use is another key', () => {
  const verifier = nodeVerifier()
  const signer = nodeSigner(new Uint8Array(32).fill(1))
  const key = Uint8Array.from(signer.publicKey)
  const signature = signer.sign(key)
  const message = Uint8Array.from(key)
  expect(verifier.verify(key, message, signature)).toBe(true)
  key[0] = (key[0] ?? 0) ^ 1
  expect(verifier.verify(key, message, signature)).toBe(false)
})
