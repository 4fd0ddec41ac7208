import { expect, test } from 'vitest'
import { equalBytes, fromHex, toHex, utf8 } from '../../protocol/bytes.ts'
import { type CborValue, decode, encode } from '../../protocol/cbor/index.ts'
import { openSign1, peekSign1, portableVerifier, sigStructure } from '../../protocol/cose/index.ts'
import { nodeSigner, nodeVerifier } from '../../protocol/node/index.ts'
import { describeVectors, vectorText } from '../support/vectors.ts'

interface Example {
  title: string
  fail?: boolean
  input: {
    sign0: { key: { kty: string; crv: string; x_hex?: string; d_hex?: string }; external?: string }
    failures?: Record<string, unknown>
  }
  intermediates: { ToBeSign_hex: string }
  output: { cbor: string }
}

const names = [
  ...['eddsa-sig-01', 'eddsa-sig-02', 'sign-pass-01', 'sign-pass-02', 'sign-pass-03'],
  ...['sign-fail-01', 'sign-fail-02', 'sign-fail-03', 'sign-fail-04', 'sign-fail-06', 'sign-fail-07'],
]
/** Those whose published message no longer is what was signed. */
const changed = new Set(['sign-fail-02', 'sign-fail-03', 'sign-fail-04', 'sign-fail-06', 'sign-fail-07'])
const pathOf = (name: string) => `cose/${name}.json`

/** The array inside the examples' tag, which this protocol's frames do not have. */
function partsOf(message: Uint8Array): [Uint8Array, CborValue, Uint8Array, Uint8Array] {
  const start = message[0] === 0xd2 ? 1 : message[0] === 0xd9 ? 3 : 0
  return decode(message.subarray(start)) as [Uint8Array, CborValue, Uint8Array, Uint8Array]
}

describeVectors('COSE working group examples', names.map(pathOf), () => {
  const examples = names.map((name): [string, Example] => [name, JSON.parse(vectorText(pathOf(name)))])

  test.each(examples)('%s: the bytes to sign', (name, { input, intermediates, output }) => {
    const [header, , payload] = partsOf(fromHex(output.cbor))
    // RFC 9052 §3: an empty protected map is signed as a zero-length string.
    const signed = toHex(header) === 'a0' ? new Uint8Array(0) : header
    const made = sigStructure(signed, fromHex(input.sign0.external ?? ''), payload)
    expect(equalBytes(made, fromHex(intermediates.ToBeSign_hex))).toBe(!changed.has(name))
  })

  test.each(examples)('%s: is no frame of this protocol, which has one algorithm and no tag', (name, { output }) => {
    const info =
      name === 'sign-pass-03'
        ? { code: 'bad_algorithm' }
        : { code: 'bad_frame', reason: 'it is not an untagged array of four' }
    expect(() => peekSign1(fromHex(output.cbor))).toThrow(expect.objectContaining({ info }))
  })

  const eddsa = examples.filter(([name]) => name === 'eddsa-sig-01')
  test.each(eddsa)('%s: both verifiers accept its signature, and the same key makes it', (_name, example) => {
    const { input, intermediates, output } = example
    const [, , payload, signature] = partsOf(fromHex(output.cbor))
    const key = fromHex(input.sign0.key.x_hex ?? '')
    const message = fromHex(intermediates.ToBeSign_hex)
    expect(payload).toEqual(utf8('This is the content.'))
    for (const verifier of [nodeVerifier(), portableVerifier()]) {
      expect(verifier.verify(key, message, signature)).toBe(true)
      expect(verifier.verify(key, message.subarray(1), signature)).toBe(false)
    }
    expect(nodeSigner(fromHex(input.sign0.key.d_hex ?? '')).sign(message)).toEqual(signature)
  })
})

test('RFC 9679 §6: the thumbprint of its EC2 key, so the order of COSE_Key members is right', async () => {
  const key = new Map<number, CborValue>([
    [-3, fromHex('1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c')],
    [-2, fromHex('65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d')],
    [-1, 1],
    [1, 2],
  ])
  const digest = await crypto.subtle.digest('SHA-256', Uint8Array.from(encode(key)))
  expect(toHex(new Uint8Array(digest))).toBe('496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec')
})

test('a frame signed with a key of RFC 8032 §7.1, byte for byte', () => {
  const signer = nodeSigner(fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'))
  const payload = utf8('This is the content.')
  const signature = signer.sign(fromHex(`846a5369676e61747572653143a101324054${toHex(payload)}`))
  const frame = fromHex(`8443a10132a054${toHex(payload)}5840${toHex(signature)}`)
  expect(openSign1(frame, new Uint8Array(0), signer.publicKey, portableVerifier())).toEqual(payload)
})
