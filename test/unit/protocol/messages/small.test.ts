import { describe, expect, test } from 'vitest'
import { decode, encode } from '../../../../protocol/cbor/index.ts'
import {
  ABIS,
  decodeConnect,
  decodeHello,
  decodeWelcome,
  encodeConnect,
  encodeHello,
  encodeWelcome,
  type Hello,
  STANDINGS,
  TRAP_KINDS,
  type Welcome,
} from '../../../../protocol/messages/index.ts'

const hello: Hello = {
  session: 1,
  seq: 0,
  label: '',
  software: '',
  arch: '',
  cores: 1,
  memoryMiB: 1,
  slots: 1,
  creditLeases: 1,
  abis: ['reactor', 'wasi'],
  metering: [1],
}

test('a hello names its calling conventions in the order of their numbers [WIRE-2.3]', () => {
  const reversed = encodeHello(hello)
  expect(reversed).toEqual(encodeHello({ ...hello, abis: ['wasi', 'reactor'] }))
  expect(decodeHello(reversed).abis).toEqual(['wasi', 'reactor'])
})

test('a hello names its metering versions ascending, each once [SESSION-2.4]', () => {
  expect(decodeHello(encodeHello({ ...hello, metering: [24, 2, 255] })).metering).toEqual([2, 24, 255])
  const several = (metering: number[]) => () => decodeHello(encodeHello({ ...hello, metering }))
  expect(several([1, 2, 3, 4, 5, 6, 7, 8])().metering).toHaveLength(8)
  expect(several([1, 2, 3, 4, 5, 6, 7, 8, 9])).toThrow('its metering must be an array of 1 to 8 elements')
  expect(several([])).toThrow('its metering must be an array of 1 to 8 elements')
  expect(several([3, 3])).toThrow('its metering[1] must be larger than the element before it')
  expect(several([0])).toThrow('its metering[0] must be an integer of 1 to 255')
})

test('a connect is of this version [SESSION-1.3]', () => {
  const connect = { counter: 12, publicKey: new Uint8Array(32) }
  expect(decode(encodeConnect(connect))).toEqual(['hr/1', 12, connect.publicKey])
  expect(() => decodeConnect(encode(['hr/2', 12, connect.publicKey]))).toThrow("its version must be 'hr/1'")
})

describe('numbers on the wire stay what they are', () => {
  test('standings [JOIN-2.1]', () => {
    expect(STANDINGS).toEqual([
      'joined',
      'claim_unknown',
      'claim_used',
      'claim_expired',
      'not_enrolled',
      'revoked',
      'caught',
      'region_full',
    ])
    const fixed = { session: 1, coordinatorWallMs: 2, regionKey: new Uint8Array(32), blobUrl: '', heartbeatMs: 3 }
    STANDINGS.forEach((standing, number) => {
      const welcome: Welcome = { ...fixed, standing, reason: '' }
      const bytes = encodeWelcome(welcome)
      expect(decode(bytes)).toEqual([1, 2, fixed.regionKey, number, '', 3, ''])
      expect(decodeWelcome(bytes)).toEqual(welcome)
    })
  })

  test('calling conventions and traps, none of them for what only one engine knows [OUT-1.1] [OUT-1.5]', () => {
    expect(ABIS).toEqual(['wasi', 'reactor'])
    expect(TRAP_KINDS).toEqual([
      'unreachable',
      'memory_out_of_bounds',
      'divide_by_zero',
      'integer_overflow',
      'table_or_call',
      'stack_exhausted',
      'output_too_large',
      'bad_output',
    ])
  })
})
