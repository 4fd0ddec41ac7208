import { describe, expect, test } from 'vitest'
import { utf8 } from '../../../../protocol/bytes.ts'
import { TaskError } from '../../../../protocol/errors.ts'
import { cutRun } from '../../../../protocol/jobs/index.ts'
import type { Cut } from '../../../../protocol/messages/lease.ts'

const range: Cut = { kind: 'range', from: 0, to: 10, chunk: 4 }
const lines: Cut = { kind: 'lines', lines: 1 }
const bytes: Cut = { kind: 'bytes', bytes: 2 }
const items: Cut = { kind: 'items' }

test('inputs are views of the run, not copies', () => {
  const input = utf8('a\nb\n')
  expect(cutRun(lines, 0, 2, input).every(unit => unit.buffer === input.buffer)).toBe(true)
})

describe('refuses what the split does not promise', () => {
  test.each<[string, Cut, number, number, Uint8Array | null, string]>([
    ['a range with an input', range, 0, 1, utf8(''), 'a range has no input'],
    ['units behind the end of a range', range, 2, 2, null, 'no units 2 to 3'],
    ['lines without an input', lines, 0, 1, null, 'without its input'],
    ['too few lines', lines, 0, 3, utf8('a\nb\n'), 'fewer than the 3 units'],
    ['too many lines', lines, 0, 1, utf8('a\nb\nc\nd\n'), 'more than the 1 units'],
    ['a line too many without its end', lines, 0, 1, utf8('a\nb'), 'more than the 1 units'],
    ['no lines', lines, 0, 1, utf8(''), 'fewer'],
    ['too few bytes', bytes, 0, 2, utf8('ab'), 'fewer'],
    ['too many bytes', bytes, 0, 2, utf8('abcde'), 'more'],
    ['far too many bytes', bytes, 0, 2, new Uint8Array(1_000_000), 'more'],
    ['no bytes', bytes, 0, 1, utf8(''), 'fewer'],
    ['too few items', items, 0, 2, Uint8Array.of(0x41, 0x61), 'fewer'],
    ['too many items', items, 0, 1, Uint8Array.of(0x40, 0x40), 'more'],
    ['half an item', items, 0, 1, Uint8Array.of(0x42, 0x61), 'not a CBOR sequence of byte strings'],
    ['an item that is a number', items, 0, 1, Uint8Array.of(0x01), 'not a CBOR sequence of byte strings'],
  ])('%s', (_, cut, first, count, input, reason) => {
    const act = () => cutRun(cut, first, count, input)
    expect(act).toThrow(TaskError)
    expect(act).toThrow(
      expect.objectContaining({ info: { code: 'bad_input', reason: expect.stringContaining(reason) } }),
    )
  })
})
