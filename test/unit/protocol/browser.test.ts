import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { beforeAll, expect, test } from 'vitest'

let bundle = ''

beforeAll(async () => {
  const result = await build({
    entryPoints: ['protocol/index.ts'],
    absWorkingDir: new URL('../../..', import.meta.url).pathname,
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'protocol',
    target: 'es2022',
    logLevel: 'silent',
  })
  bundle = result.outputFiles[0]?.text ?? ''
})

/** A realm with what every browser has and nothing of Node. */
function browserRealm(): object {
  const context = createContext({
    hostEncoder: new TextEncoder(),
    hostDecoder: TextDecoder,
    atob,
    btoa,
    randomValues: (bytes: Uint8Array) => crypto.getRandomValues(bytes),
  })
  // Its own Uint8Array, as in a page: what the encoder of another realm returns would not be one.
  runInContext(
    `globalThis.TextEncoder = class { encode(text) { return new Uint8Array(hostEncoder.encode(text)) } }
     globalThis.TextDecoder = hostDecoder
     globalThis.crypto = { getRandomValues: randomValues }`,
    context,
  )
  return context
}

test('the protocol runs in a browser: sign, open, decode, refuse', () => {
  const context = browserRealm()
  const outcome = runInContext(
    `${bundle}
    const { sign1, openSign1, portableSigner, portableVerifier, frameAad, encode, decode, deviceIdOf, regionIdOf, toHex } = protocol
    const signer = portableSigner(new Uint8Array(32).fill(7))
    const context = { regionId: regionIdOf(signer.publicKey), device: deviceIdOf(signer.publicKey), direction: 'up', class: 'result' }
    const frame = sign1(encode([1, 'ü', new Uint8Array([1, 2]), 2n ** 60n, new Map([[1, null]])]), frameAad(context), signer)
    const verifier = portableVerifier()
    const open = aad => openSign1(frame, aad, signer.publicKey, verifier)
    const [number, text, bytes, large, map] = decode(open(frameAad(context)))
    let refusal = 'none'
    try { open(frameAad({ ...context, class: 'hello' })) } catch (error) { refusal = error.code }
    JSON.stringify({
      number, text, hex: toHex(bytes), large: String(large), map: [...map],
      refusal, device: context.device, nodeGlobals: typeof process + typeof Buffer + typeof require,
    })`,
    context,
  )
  expect(JSON.parse(outcome)).toEqual({
    number: 1,
    text: 'ü',
    hex: '0102',
    large: '1152921504606846976',
    map: [[1, null]],
    refusal: 'bad_signature',
    device: expect.stringMatching(/^[a-z2-7]{26}$/),
    nodeGlobals: 'undefinedundefinedundefined',
  })
})

test('the bundle names no module of Node and compiles no code from text', () => {
  expect(bundle).not.toMatch(/["']node:/)
  expect(bundle).not.toMatch(/new Function\(/)
})
