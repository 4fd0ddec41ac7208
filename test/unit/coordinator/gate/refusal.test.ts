import { expect, test } from 'vitest'
import { refusalOf } from '../../../../coordinator/gate/refusal.ts'
import { AssertionError, ProtocolError } from '../../../../protocol/index.ts'

test('names the kind of field at fault, not which one of them', () => {
  const info = { code: 'bad_message', message: 'result', field: 'results[17].digest', reason: 'x' } as const
  expect(refusalOf(new ProtocolError(info, 'x'))).toBe('bad_message:result.results.digest')
})

test('a decoder that fails in a way of its own is a refusal too', () => {
  expect(refusalOf(new RangeError('Maximum call stack size exceeded'))).toBe('unreadable')
  expect(refusalOf('text')).toBe('unreadable')
})

test('a broken invariant of ours is not', () => {
  const bug = new AssertionError('what must hold')
  expect(() => refusalOf(bug)).toThrow(bug)
})
