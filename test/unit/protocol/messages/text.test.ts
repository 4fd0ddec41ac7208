import { describe, expect, test } from 'vitest'
import { utf8 } from '../../../../protocol/bytes.ts'
import { encode } from '../../../../protocol/cbor/index.ts'
import { LIMITS } from '../../../../protocol/limits.ts'
import {
  clipText,
  decodeHello,
  decodeJoin,
  decodeNotice,
  decodeResult,
  decodeStatus,
  decodeWelcome,
  encodeHello,
  encodeJoin,
  encodeNotice,
  encodeResult,
  encodeStatus,
  encodeWelcome,
} from '../../../../protocol/messages/index.ts'
import { fitsBytes } from '../../../../protocol/messages/text.ts'

describe('clipText', () => {
  test.each([
    ['', 0, ''],
    ['plain', 5, 'plain'],
    ['plain', 4, 'plai'],
    ['é', 1, ''],
    ['aéb', 2, 'a'],
    ['aéb', 3, 'aé'],
    ['a🍓b', 4, 'a'],
    ['a🍓b', 5, 'a🍓'],
    ['\uFEFFmark', 64, 'mark'],
    ['\uFEFF\uFEFFmark', 64, 'mark'],
    ['a\ud800b', 64, 'a\ufffdb'],
  ])('%j within %i bytes is %j [WIRE-2.6]', (text, bytesMax, clipped) => {
    expect(clipText(text, bytesMax)).toBe(clipped)
    expect(utf8(clipped).length).toBeLessThanOrEqual(bytesMax)
    encode(clipped)
  })
})

test.each([
  ['', 0, true],
  ['abc', 3, true],
  ['abcd', 3, false],
  ['é', 2, true],
  ['é', 1, false],
  ['🍓', 4, true],
  ['🍓', 3, false],
])('%j fits %i bytes: %s [WIRE-2.5]', (text, bytesMax, fits) => {
  expect(fitsBytes(text, bytesMax)).toBe(fits)
})

describe('texts for people that are too long arrive cut [WIRE-2.6]', () => {
  const long = '🍓'.repeat(200)
  const name = '🍓'.repeat(LIMITS.labelBytesMax / 4)
  const sentence = '🍓'.repeat(LIMITS.reasonBytesMax / 4)

  test('join and hello', () => {
    const join = { session: 1, claimId: new Uint8Array(8), proof: new Uint8Array(32), label: long }
    expect(decodeJoin(encodeJoin(join)).label).toBe(name)
    const numbers = {
      session: 1,
      seq: 1,
      cores: 4,
      memoryMiB: 1_024,
      slots: 1,
      creditLeases: 2,
      abis: ['wasi'] as const,
      metering: [1],
    }
    const hello = decodeHello(encodeHello({ ...numbers, label: long, software: long, arch: long }))
    expect([hello.label, hello.software, hello.arch]).toEqual([name, name, name])
  })

  test('status, result, welcome and notice', () => {
    const status = { session: 1, seq: 1, creditLeases: 0, runningLeases: 0, reason: long }
    expect(decodeStatus(encodeStatus(status)).reason).toBe(sentence)
    const nothing = { outcome: 'none', digest: null, outputs: null } as const
    const none = { leaseId: 1, ...nothing, elapsedMs: 0, detail: long, metering: 1 }
    const result = { session: 1, seq: 1, results: [none] }
    expect(decodeResult(encodeResult(result)).results[0]?.detail).toBe(sentence)
    const key = new Uint8Array(32)
    const fixed = { session: 1, coordinatorWallMs: 0, regionKey: key, blobUrl: '', heartbeatMs: 1 }
    expect(decodeWelcome(encodeWelcome({ ...fixed, standing: 'revoked', reason: long })).reason).toBe(sentence)
    expect(decodeNotice(encodeNotice({ session: 1, standing: 'caught', text: long })).text).toBe(sentence)
  })
})
