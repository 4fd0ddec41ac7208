import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as bytes from '../../../protocol/bytes.ts'
import { ProtocolError } from '../../../protocol/errors.ts'

const forms = [
  ['hex', bytes.toHex, bytes.fromHex],
  ['base32', bytes.toBase32, bytes.fromBase32],
  ['base64', bytes.toBase64, bytes.fromBase64],
  ['base64url', bytes.toBase64Url, bytes.fromBase64],
] as const

describe.each(forms)('%s', (_name, write, read) => {
  test('reads back what it writes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), data => bytes.equalBytes(read(write(data)), data)))
  })

  test('large input', () => {
    const data = new Uint8Array(200_000).map((_, i) => i * 7)
    expect(bytes.equalBytes(read(write(data)), data)).toBe(true)
  })
})

// RFC 4648 §10, with this protocol's lower case and without padding.
test.each([
  ['', '', ''],
  ['f', 'my', 'Zg'],
  ['fo', 'mzxq', 'Zm8'],
  ['foo', 'mzxw6', 'Zm9v'],
  ['foob', 'mzxw6yq', 'Zm9vYg'],
  ['fooba', 'mzxw6ytb', 'Zm9vYmE'],
  ['foobar', 'mzxw6ytboi', 'Zm9vYmFy'],
])('RFC 4648 forms of %j', (text, base32, base64Url) => {
  expect(bytes.toBase32(bytes.utf8(text))).toBe(base32)
  expect(bytes.toBase64Url(bytes.utf8(text))).toBe(base64Url)
})

test.each([
  ['hex', 'abc', bytes.fromHex],
  ['hex', 'zz', bytes.fromHex],
  ['base32 alphabet', 'm1', bytes.fromBase32],
  ['base32 upper case', 'MY', bytes.fromBase32],
  ['base32 impossible length', 'm', bytes.fromBase32],
  ['base32 impossible length of 3', 'mzx', bytes.fromBase32],
  ['base32 leftover bits', 'mz', bytes.fromBase32],
  ['base64 alphabet', 'a*b=', bytes.fromBase64],
  ['base64 length', 'a', bytes.fromBase64],
])('refuses bad %s: %j', (_what, text, read) => {
  expect(() => read(text)).toThrow(ProtocolError)
})

test('text: strict UTF-8, a byte order mark is kept', () => {
  expect(bytes.fromUtf8(bytes.utf8('水\ufeff𐅑'))).toBe('水\ufeff𐅑')
  expect(bytes.fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa')
  expect(() => bytes.fromUtf8(Uint8Array.of(0xc0, 0xae))).toThrow(ProtocolError)
  expect(() => bytes.fromUtf8(Uint8Array.of(0xed, 0xa0, 0x80))).toThrow(ProtocolError)
})

test('concatBytes and equalBytes', () => {
  const joined = bytes.concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))
  expect(joined).toEqual(Uint8Array.of(1, 2, 3))
  expect(bytes.equalBytes(joined, Uint8Array.of(1, 2, 4))).toBe(false)
  expect(bytes.equalBytes(joined, Uint8Array.of(1, 2))).toBe(false)
})
