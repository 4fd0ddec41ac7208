import { describe, expect, test } from 'vitest'
import { parseRange } from '../../../../coordinator/http/ranges.ts'

describe('a Range header', () => {
  test.each<[string | undefined, number, ReturnType<typeof parseRange>]>([
    [undefined, 10, null],
    ['bytes=0-0', 10, { start: 0, end: 0 }],
    ['bytes=0-9', 10, { start: 0, end: 9 }],
    ['bytes=3-', 10, { start: 3, end: 9 }],
    ['bytes=3-99', 10, { start: 3, end: 9 }],
    ['bytes=9-', 10, { start: 9, end: 9 }],
    ['bytes=-3', 10, { start: 7, end: 9 }],
    ['bytes=-99', 10, { start: 0, end: 9 }],
    ['BYTES=1-2', 10, { start: 1, end: 2 }],
    ['bytes= 1-2 ', 10, { start: 1, end: 2 }],
    ['bytes=0-99999999999999999999999', 10, { start: 0, end: 9 }],
    ['bytes=10-', 10, 'unsatisfiable'],
    ['bytes=99999999999999999999999-', 10, 'unsatisfiable'],
    ['bytes=-0', 10, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=-5', 0, null],
    ['bytes=5-4', 10, null],
    ['bytes=-', 10, null],
    ['bytes=', 10, null],
    ['bytes=a-b', 10, null],
    ['bytes=1', 10, null],
    ['bytes=--1', 10, null],
    ['bytes=1-2-3', 10, null],
    ['bytes 1-2', 10, null],
    ['items=1-2', 10, null],
    ['bytes=0-1,3-4', 10, null],
    ['', 10, null],
  ])('%j of %i bytes asks for %j', (header, size, expected) => {
    expect(parseRange(header, size)).toEqual(expected)
  })
})
