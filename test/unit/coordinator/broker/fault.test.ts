import { expect, test } from 'vitest'
import { faultOf } from '../../../../coordinator/broker/fault.ts'

test('the errors of the library and of the system have names of ours', () => {
  expect(faultOf(new Error('connect did not arrive in time'))).toBe('connection:connect_timeout')
  expect(faultOf(new Error('keep alive timeout'))).toBe('connection:keepalive_timeout')
  expect(faultOf(new Error('drain timeout'))).toBe('slow_reader')
  expect(faultOf(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))).toBe('connection:lost')
  expect(faultOf(new Error('Cannot parse topic'))).toBe('packet:malformed')
  expect(faultOf(new Error('toString'))).toBe('packet:malformed')
})
