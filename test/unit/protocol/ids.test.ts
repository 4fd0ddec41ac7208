import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../../protocol/errors.ts'
import * as ids from '../../../protocol/ids.ts'

const thumbprint = 'abcdefghijklmnopqrstuvw234'
const hash = '0123456789abcdef'.repeat(4)

describe.each([
  [
    'device id',
    ids.deviceId,
    [thumbprint],
    ['', thumbprint.slice(1), `${thumbprint}a`, thumbprint.toUpperCase(), thumbprint.replace('2', '1')],
  ],
  ['region id', ids.regionId, [thumbprint], [`${thumbprint}\n`, ` ${thumbprint.slice(1)}`]],
  [
    'region name',
    ids.regionName,
    ['a', 'north-7', 'x'.repeat(32)],
    ['', 'x'.repeat(33), 'North', 'a/b', 'a+', '#', 'a b', 'ä'],
  ],
  ['submitter name', ids.submitterName, ['lab-1'], ['lab_1', '$sys']],
  ['owner name', ids.ownerName, ['0'], ['a.b']],
  ['job id', ids.jobId, ['abcdefghijklmn27'], ['abcdefghijklmn2', 'abcdefghijklmn278', 'abcdefghijklmn01']],
  ['SHA-256', ids.sha256Hex, [hash], [hash.slice(1), `${hash}0`, hash.toUpperCase(), hash.replace('0', 'g')]],
] as const)('%s', (kind, make, good, bad) => {
  test.each(good)('takes %j', text => {
    expect(make(text)).toBe(text)
  })

  test.each(bad)('refuses %j', text => {
    expect(() => make(text)).toThrow(
      expect.objectContaining({ name: 'ProtocolError', info: { code: 'bad_id', kind, value: text.slice(0, 64) } }),
    )
  })
})

test('a value that is no text is refused, not passed through', () => {
  expect(() => ids.deviceId(undefined as unknown as string)).toThrow(ProtocolError)
})

test('a job id is its 10 bytes', () => {
  const bytes = Uint8Array.of(0, 1, 2, 3, 4, 250, 251, 252, 253, 254)
  expect(ids.jobIdBytes(ids.jobIdFromBytes(bytes))).toEqual(bytes)
  expect(() => ids.jobIdFromBytes(bytes.subarray(1))).toThrow(ProtocolError)
  expect(() => ids.jobIdFromBytes(new Uint8Array(11))).toThrow(ProtocolError)
})
