import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addressOfKey,
  checksummed,
  openPayoutKey,
  parseAddress,
  rootDigest,
  rootSignerOf,
  signDigest,
  signerOf,
  signerOfRoot,
} from '../../../../../coordinator/payout/chain/index.ts'
import { keccak256 } from '../../../../../coordinator/payout/chain/keccak.ts'
import { PayoutConfig } from '../../../../../coordinator/payout/index.ts'
import { concatBytes, fromHex, seededRandom, toHex, utf8 } from '../../../../../protocol/index.ts'
import { addressOf, CHAIN, keyOf, OWN } from '../../../../support/payout-world.ts'
import { tempDirs } from '../../../../support/temp-dir.ts'

const makeTempDir = tempDirs()
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

describe('keys and addresses', () => {
  test('of well-known secrets are the well-known ones', () => {
    expect(toHex(keccak256(new Uint8Array()))).toBe('c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470')
    const one = fromHex('01'.padStart(64, '0'))
    expect(checksummed(addressOfKey(one))).toBe('0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf')
    // The example of EIP-155 and of many libraries' documentation.
    expect(checksummed(addressOfKey(fromHex('46'.repeat(32))))).toBe('0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F')
  })

  test.each([
    '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
    '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
    '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
    '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
  ])('in mixed case carry a checksum (EIP-55): %s', text => {
    expect(checksummed(text.toLowerCase())).toBe(text)
    expect(parseAddress(text)).toBe(text.toLowerCase())
    expect(parseAddress(text.toLowerCase())).toBe(text.toLowerCase())
    const mistyped = text.replace(/[A-F]/, letter => letter.toLowerCase())
    expect(() => parseAddress(mistyped)).toThrow('checksum')
  })

  test.each(['', '0x', '5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', `0x${'1'.repeat(41)}`, `0x${'g'.repeat(40)}`])(
    'of another form are refused: %j',
    text => {
      expect(() => parseAddress(text)).toThrow('40 hexadecimal digits')
    },
  )
})

describe('a signature', () => {
  test('names its signer, and another digest, another v or the high s does not [PAY-8.3]', () => {
    const digests = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(digests, fc.string(), fc.nat(31), (digest, name, at) => {
        const key = keyOf(name)
        const signature = signDigest(digest, key)
        expect(signature).toHaveLength(65)
        expect(signerOf(digest, signature)).toBe(addressOfKey(key))
        const other = Uint8Array.from(digest)
        other[at] = (other[at] ?? 0) ^ 1
        expect(signerOf(other, signature)).not.toBe(addressOfKey(key))
        const s = ORDER - BigInt(`0x${toHex(signature.subarray(32, 64))}`)
        const high = concatBytes(
          signature.subarray(0, 32),
          fromHex(s.toString(16).padStart(64, '0')),
          Uint8Array.of(signature[64] === 27 ? 28 : 27),
        )
        expect(signerOf(digest, high)).toBeNull()
        expect(signerOf(digest, concatBytes(signature.subarray(0, 64), Uint8Array.of(29)))).toBeNull()
      }),
      { numRuns: 30 },
    )
  })

  test('that is none has no signer', () => {
    const digest = keccak256(utf8('digest'))
    for (const bytes of [new Uint8Array(), new Uint8Array(64), new Uint8Array(65), new Uint8Array(65).fill(255)]) {
      expect(signerOf(digest, bytes)).toBeNull()
    }
    expect(signerOf(digest, concatBytes(new Uint8Array(64), Uint8Array.of(27)))).toBeNull()
  })

  test('over a root is bound to chain, contract, epoch and total [PAY-8.3]', () => {
    const terms = PayoutConfig({ method: 'chain', chain: CHAIN }).chain
    if (terms === null) throw new Error('it is a chain')
    const message = { root: keccak256(utf8('root')), epoch: 7, total: 12n }
    const signature = `0x${toHex(signDigest(rootDigest(terms, message), keyOf(OWN)))}`
    expect(signerOfRoot(terms, message, signature)).toBe(addressOf(OWN))
    expect(signerOfRoot(terms, message, signature.toUpperCase().replace('X', 'x'))).toBe(addressOf(OWN))
    const others = [
      signerOfRoot({ ...terms, chainId: 2 }, message, signature),
      signerOfRoot({ ...terms, contract: addressOf('elsewhere') }, message, signature),
      signerOfRoot(terms, { ...message, epoch: 8 }, signature),
      signerOfRoot(terms, { ...message, total: 13n }, signature),
      signerOfRoot(terms, { ...message, root: keccak256(utf8('another')) }, signature),
    ]
    expect(others).not.toContain(addressOf(OWN))
    for (const text of ['', '0x', '0x12', signature.slice(2), `${signature}00`, signature.replace('0x', '0y')]) {
      expect(signerOfRoot(terms, message, text)).toBeNull()
    }
  })
})

describe('the key file of a coordinator', () => {
  const terms = () => {
    const { chain } = PayoutConfig({ method: 'chain', chain: CHAIN })
    if (chain === null) throw new Error('it is a chain')
    return chain
  }

  test('is made once and stays', () => {
    const path = join(makeTempDir(), 'payout.key')
    const { address } = openPayoutKey(path, seededRandom('first'))
    expect(openPayoutKey(path, seededRandom('second')).address).toBe(address)
  })

  test('that holds no key of the curve is damaged', () => {
    const path = join(makeTempDir(), 'payout.key')
    writeFileSync(path, new Uint8Array(32), { mode: 0o600 })
    expect(() => openPayoutKey(path, seededRandom('x'))).toThrow('secp256k1')
  })

  test('must be one of the signers', () => {
    const key = openPayoutKey(join(makeTempDir(), 'payout.key'), seededRandom('x'))
    expect(() => rootSignerOf(terms(), key)).toThrow(checksummed(key.address))
    expect(rootSignerOf({ ...terms(), signers: [key.address] }, key).address).toBe(key.address)
  })
})
