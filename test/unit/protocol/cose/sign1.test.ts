import { describe, expect, test } from 'vitest'
import { concatBytes, fromHex, toHex } from '../../../../protocol/bytes.ts'
import { encode } from '../../../../protocol/cbor/index.ts'
import {
  openSign1,
  peekSign1,
  portableSigner,
  portableVerifier,
  sign1,
  sigStructure,
} from '../../../../protocol/cose/index.ts'
import { nodeSigner, nodeVerifier } from '../../../../protocol/node/index.ts'

const seed = fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
const aad = encode(['hr/1', 'somewhere'])
const protectedHeader = fromHex('a10132')

const paths = [
  ['node', nodeSigner(seed), nodeVerifier()],
  ['portable', portableSigner(seed), portableVerifier()],
] as const

describe.each(paths)('%s', (_name, signer, verifier) => {
  test.each([0, 1, 23, 24, 255, 256, 65_400])('a payload of %i bytes comes back as a view of the frame', length => {
    const payload = new Uint8Array(length).fill(9)
    const frame = sign1(payload, aad, signer)
    const opened = openSign1(frame, aad, signer.publicKey, verifier)
    expect(opened).toEqual(payload)
    expect(opened.buffer).toBe(frame.buffer)
  })

  test('any changed bit of the frame is refused', () => {
    const frame = sign1(encode([1, 'two']), aad, signer)
    for (let bit = 0; bit < frame.length * 8; bit++) {
      const changed = Uint8Array.from(frame)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(() => openSign1(changed, aad, signer.publicKey, verifier)).toThrow(
        expect.objectContaining({ name: 'ProtocolError' }),
      )
    }
  })

  test('another place or another key is refused', () => {
    const frame = sign1(encode(1), aad, signer)
    const bad = expect.objectContaining({ info: { code: 'bad_signature' } })
    expect(() => openSign1(frame, encode(['hr/1', 'elsewhere']), signer.publicKey, verifier)).toThrow(bad)
    expect(() => openSign1(frame, aad, signer.publicKey.subarray(1), verifier)).toThrow(bad)
    expect(() => openSign1(frame, aad, new Uint8Array(32), verifier)).toThrow(bad)
    expect(() => openSign1(frame, aad, portableSigner(new Uint8Array(32)).publicKey, verifier)).toThrow(bad)
  })
})

test('both paths make the same frame, and its bytes are those of RFC 9052', () => {
  const payload = encode('This is the content.')
  const [node, portable] = paths.map(([, signer]) => sign1(payload, aad, signer))
  expect(node).toEqual(portable)
  const signature = paths[0][1].sign(encode(['Signature1', protectedHeader, aad, payload]))
  expect(node).toEqual(encode([protectedHeader, new Map(), payload, signature]))
})

test('sigStructure is the deterministic CBOR of RFC 9052 §4.4', () => {
  for (const length of [0, 23, 24, 300, 70_000]) {
    const payload = new Uint8Array(length)
    expect(sigStructure(protectedHeader, aad, payload)).toEqual(encode(['Signature1', protectedHeader, aad, payload]))
  }
})

describe('peekSign1', () => {
  const signature = new Uint8Array(64).fill(3)
  const payload = encode([1])
  const good = encode([protectedHeader, new Map(), payload, signature])

  test('gives the parts without any key', () => {
    expect(peekSign1(good)).toEqual({ payload, signature })
  })

  test.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'untagged array of four'],
    ['the tagged form', concatBytes(Uint8Array.of(0xd2), good), 'untagged array of four'],
    ['an array of three', encode([protectedHeader, new Map(), payload]), 'untagged array of four'],
    ['an array of five', encode([protectedHeader, new Map(), payload, signature, 0]), 'untagged array of four'],
    ['a text', encode('frame'), 'untagged array of four'],
    [
      'a header that is no string',
      encode([new Map([[1, -19]]), new Map(), payload, signature]),
      'protected header is not',
    ],
    [
      'a header that is no CBOR',
      encode([fromHex('ff'), new Map(), payload, signature]),
      'protected header is not CBOR',
    ],
    ['an empty header', encode([new Uint8Array(0), new Map(), payload, signature]), 'protected header is not CBOR'],
    ['an empty header map', encode([fromHex('a0'), new Map(), payload, signature]), 'more or less'],
    ['a header with more', encode([fromHex('a201320300'), new Map(), payload, signature]), 'more or less'],
    ['a header with crit', encode([fromHex('a20132028103'), new Map(), payload, signature]), 'more or less'],
    [
      'a kid outside the signature',
      encode([protectedHeader, new Map([[4, 1]]), payload, signature]),
      'unprotected header',
    ],
    ['a detached payload', encode([protectedHeader, new Map(), null, signature]), 'payload is not'],
    ['a short signature', encode([protectedHeader, new Map(), payload, signature.subarray(1)]), '64 bytes'],
    ['a long payload head', fromHex(`8443a10132a05801f65840${'03'.repeat(64)}`), 'payload is not'],
    ['bytes after it', concatBytes(good, Uint8Array.of(0)), 'bytes follow'],
    ['its beginning alone', good.subarray(0, good.length - 1), 'signature is not'],
  ])('refuses %s', (_what, frame, reason) => {
    expect(() => peekSign1(frame)).toThrow(
      expect.objectContaining({
        name: 'ProtocolError',
        info: { code: 'bad_frame', reason: expect.stringContaining(reason) },
      }),
    )
  })

  test.each([
    ['EdDSA (-8)', 'a10127'],
    ['ES256 (-7)', 'a10126'],
    ['Ed448 (-53)', 'a1013834'],
    ['a text', 'a10167756e6b6e6f776e'],
  ])('names another algorithm: %s', (_what, header) => {
    expect(() => peekSign1(encode([fromHex(header), new Map(), payload, signature]))).toThrow(
      expect.objectContaining({ info: { code: 'bad_algorithm' } }),
    )
  })

  test('hostile headers cost no more than their skim', () => {
    const bignum = concatBytes(fromHex('c25a00008000'), new Uint8Array(0x8000))
    expect(() => peekSign1(encode([bignum, new Map(), payload, signature]))).toThrow('not CBOR')
  })
})

test('a frame costs 74 bytes around a short payload', () => {
  const frame = sign1(Uint8Array.of(1), aad, paths[0][1])
  expect(toHex(frame).startsWith('8443a10132a0')).toBe(true)
  expect(frame.length).toBe(1 + 73)
})
