import { expect, test } from 'vitest'
import { tokenInAddress } from '../../../../dashboard/api/token-address.ts'

test.each([
  ['#token=abc', 'abc'],
  ['#/token=a-B_9.~+/=', 'a-B_9.~+/='],
  ['#/devices', null],
  ['#/devices?token=abc', null],
  ['#token=', null],
  ['#token=a b', null],
  [`#token=${'a'.repeat(513)}`, null],
  ['', null],
])('%s holds the token %s', (hash, token) => {
  expect(tokenInAddress(hash)).toBe(token)
})
