import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js'
import { expect, test } from 'vitest'
import { fromHex, toBase32 } from '../../../../protocol/bytes.ts'
import { encode } from '../../../../protocol/cbor/index.ts'
import { assertStrictKey, deviceIdOf, didKey, keyThumbprint, regionIdOf } from '../../../../protocol/cose/index.ts'
import { seededRandom } from '../../../../protocol/random.ts'

// The first key of RFC 8032 §7.1.
const key = fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')

test('the thumbprint covers the deterministic COSE_Key with only the required members', async () => {
  const coseKey = encode(
    new Map<number, number | Uint8Array>([
      [1, 1],
      [-1, 6],
      [-2, key],
    ]),
  )
  expect(keyThumbprint(key)).toEqual(new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(coseKey))))
})

test('ids are 26 characters of its first 16 bytes', () => {
  const id = deviceIdOf(key)
  expect(id).toBe(toBase32(keyThumbprint(key).subarray(0, 16)))
  expect(id).toHaveLength(26)
  expect(regionIdOf(key)).toBe(id)
})

test('did:key', () => {
  // Example of the did:key method, W3C CCG §3.1.1 test vectors for Ed25519.
  const example = fromHex('3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29')
  expect(didKey(example)).toBe('did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp')
})

test('ordinary keys are accepted', () => {
  const random = seededRandom('keys')
  for (let i = 0; i < 20; i++) expect(() => assertStrictKey(ed25519.getPublicKey(random.bytes(32)))).not.toThrow()
})

const torsion = ED25519_TORSION_SUBGROUP.map(hex => fromHex(hex))
const mixed = torsion
  .slice(1)
  .map(bytes => ed25519.Point.BASE.multiply(5n).add(ed25519.Point.fromBytes(bytes, true)).toBytes())
const field = (last: number, first: number) => {
  const bytes = new Uint8Array(32).fill(0xff)
  bytes[0] = first
  bytes[31] = last
  return bytes
}

test.each([
  ...torsion.map(bytes => ['small_order', bytes] as const),
  ...mixed.map(bytes => ['torsion', bytes] as const),
  ['length', key.subarray(1)],
  ['length', new Uint8Array(33)],
  ['length', new Uint8Array(0)],
  ['non_canonical', field(0x7f, 0xed)],
  ['non_canonical', field(0x7f, 0xee)],
  ['non_canonical', field(0xff, 0xee)],
  ['non_canonical', field(0xff, 0xff)],
  // y = 1 with the sign of x set, and a y that belongs to no point.
  ['non_canonical', fromHex(`01${'00'.repeat(30)}80`)],
  ['non_canonical', fromHex(`02${'00'.repeat(31)}`)],
] as const)('%s: %o is refused', (reason, bytes) => {
  expect(() => assertStrictKey(bytes)).toThrow(
    expect.objectContaining({ name: 'ProtocolError', info: { code: 'bad_key', reason } }),
  )
})

test('names of something that has not 32 bytes are refused', () => {
  for (const name of [keyThumbprint, deviceIdOf, regionIdOf, didKey]) {
    expect(() => name(key.subarray(1))).toThrow('32 bytes')
  }
})
