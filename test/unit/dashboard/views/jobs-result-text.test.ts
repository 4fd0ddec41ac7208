import { expect, test } from 'vitest'
import { fileEndingOf, readResult } from '../../../../dashboard/views/jobs-result-text.ts'
import { utf8 } from '../../../../protocol/index.ts'

test.each([
  [
    '{"a":1,"b":2.5}',
    'application/json',
    {
      kind: 'bars',
      bars: [
        ['b', 2.5],
        ['a', 1],
      ],
      more: 0,
    },
  ],
  [
    'the\t4\nand\t7\n',
    'text/plain',
    {
      kind: 'bars',
      bars: [
        ['and', 7],
        ['the', 4],
      ],
      more: 0,
    },
  ],
  ['42', 'application/json', { kind: 'value', text: '42' }],
  ['42\n', 'text/plain', { kind: 'value', text: '42' }],
  ['[1,{"a":"x"}]', 'application/json', { kind: 'text', text: '[\n  1,\n  {\n    "a": "x"\n  }\n]' }],
  ['{broken', 'application/json', { kind: 'value', text: '{broken' }],
  ['one\ntwo', 'text/plain', { kind: 'text', text: 'one\ntwo' }],
  ['', 'text/plain', { kind: 'nothing' }],
])('%j as %s', (text, mediaType, shown) => {
  expect(readResult(utf8(text), mediaType)).toEqual(shown)
})

test('bytes that are no text are not shown as if they were', () => {
  expect(readResult(Uint8Array.of(0xff, 0xfe), 'text/plain')).toEqual({ kind: 'bytes' })
  expect(readResult(Uint8Array.of(1, 2, 3), 'application/octet-stream')).toEqual({ kind: 'bytes' })
})

test('long answers are cut, many counts are the greatest of them', () => {
  const long = readResult(utf8('word '.repeat(10_000)), 'text/plain')
  expect(long.kind === 'text' && long.text.length).toBe(20_002)
  const many = readResult(
    utf8(JSON.stringify(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`k${i}`, i])))),
    'application/json',
  )
  expect(many.kind === 'bars' && [many.bars.length, many.bars[0], many.more]).toEqual([20, ['k29', 29], 10])
})

test.each([
  ['application/json', 'json'],
  ['text/csv; charset=utf-8', 'csv'],
  ['text/plain', 'txt'],
  ['application/octet-stream', 'bin'],
])('%s is kept as .%s', (mediaType, ending) => expect(fileEndingOf(mediaType)).toBe(ending))
