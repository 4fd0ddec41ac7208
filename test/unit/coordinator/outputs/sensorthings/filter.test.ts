import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ApiError } from '../../../../../coordinator/http/index.ts'
import { isTrue } from '../../../../../coordinator/outputs/sensorthings/filter/evaluate.ts'
import type { Value } from '../../../../../coordinator/outputs/sensorthings/filter/expression.ts'
import { parseFilter } from '../../../../../coordinator/outputs/sensorthings/filter/parse-filter.ts'
import { timeOf } from '../../../../../coordinator/outputs/sensorthings/filter/time.ts'

const WORLD = { wallMs: () => Date.UTC(2026, 10, 21, 8) }

const VALUES = new Map<string, readonly Value[]>(
  Object.entries({
    result: [12.5],
    name: ["Greta's shed"],
    phenomenonTime: [new Date(Date.UTC(2026, 10, 21, 8, 15, 30, 250))],
    nothing: [null],
    'Datastream/id': ['a1-pm2.5'],
    'Datastreams/name': ['warm', 'cold'],
    'Datastreams/none': [],
  }),
)

const answer = (filter: string) => isTrue(parseFilter(filter), path => VALUES.get(path.join('/')) ?? [], WORLD)

describe('a filter', () => {
  test.each([
    // The examples of OGC 18-088 §9.3.3.5, with our values.
    ['result eq 12.5', true],
    ['result ne 12.5', false],
    ['result gt 12', true],
    ['result ge 12.5', true],
    ['result lt 12.5', false],
    ['result le 12.5', true],
    ['result le 20 and result gt 3.5', true],
    ['result gt 20 or result le 13', true],
    ['not endswith(name,"', null],
    ["not endswith(name,'milk')", true],
    ['result add 5 gt 17', true],
    ['result sub 5 gt 10', false],
    ['result mul 2 gt 20', true],
    ['result div 2 lt 7', true],
    ['result mod 2 eq 0.5', true],
    ['(result sub 5) gt 7', true],
    // Strength of binding.
    ['result eq 1 and result eq 1 or result eq 12.5', true],
    ['result eq 12.5 or result eq 1 and result eq 1', true],
    ['(result eq 12.5 or result eq 1) and result eq 1', false],
    ['2 add 3 mul 4 eq 14', true],
    ['not result eq 12.5', false],
    ['not not result eq 12.5', true],
    ['20 sub 5 sub 5 eq 10', true],
    ['-1 lt result', true],
    ['result lt 1.3e1', true],
    // Times, with and without what may be left out.
    ['phenomenonTime gt 2026-11-21T08:15:00Z', true],
    ['phenomenonTime eq 2026-11-21T08:15:30.250Z', true],
    ['phenomenonTime eq 2026-11-21T09:15:30.25+01:00', true],
    ['phenomenonTime eq 2026-11-21T09:15:30.25 01:00', true],
    ['phenomenonTime lt 2026-11-22', true],
    ["phenomenonTime gt '2026-11-21T08:00:00Z'", true],
    ['phenomenonTime gt now()', true],
    ['year(phenomenonTime) eq 2026 and month(phenomenonTime) eq 11 and day(phenomenonTime) eq 21', true],
    ['hour(phenomenonTime) eq 8 and minute(phenomenonTime) eq 15 and second(phenomenonTime) eq 30', true],
    ['fractionalseconds(phenomenonTime) eq 0.25', true],
    ["date(phenomenonTime) eq '2026-11-21' and time(phenomenonTime) eq '08:15:30.250'", true],
    ['phenomenonTime gt mindatetime() and phenomenonTime lt maxdatetime()', true],
    ['totaloffsetminutes(phenomenonTime) eq 0', true],
    // Texts.
    ["name eq 'Greta''s shed'", true],
    ["substringof('shed', name)", true],
    ["startswith(tolower(name), 'greta')", true],
    ["endswith(toupper(name), 'SHED')", true],
    ["indexof(name, 'shed') eq 8 and length(name) eq 12", true],
    ["substring(name, 8) eq 'shed' and substring(name, 0, 5) eq 'Greta'", true],
    ["concat(trim('  a '), 'b') eq 'ab'", true],
    ["contains(name, 'shed')", true],
    // Numbers.
    ['round(result) eq 13 and floor(result) eq 12 and ceiling(result) eq 13', true],
    // Links to one and to many: any of many may be the one.
    ["Datastream/id eq 'a1-pm2.5'", true],
    ["Datastreams/name eq 'cold'", true],
    ["Datastreams/name eq 'hot'", false],
    ["Datastreams/none eq 'x'", false],
    // What is not there, and what cannot be compared.
    ['nothing eq null', true],
    ['nothing ne null', false],
    ['nothing gt 5', false],
    ['not (nothing gt 5)', true],
    ["result eq 'warm'", false],
    ["result gt 'warm'", false],
    ["result eq '12.5'", true],
    ['length(nothing) eq 0', false],
    ['result add name eq 5', false],
    ['true', true],
    ['constructor eq 1', false],
    ['toString', false],
    ['result', false],
  ])('%s', (filter, expected) => {
    if (expected === null) expect(() => parseFilter(filter)).toThrow(ApiError)
    else expect(answer(filter)).toBe(expected)
  })

  test.each([
    ['', 'at character 1: expected a property'],
    ['result gt', 'at character 10: expected a property'],
    ['result gt 5 and', 'at character 16: expected a property'],
    ['result gt 5 6', "at character 13: expected 'and', 'or' or the end"],
    ['result > 5', "at character 8: '>' has no meaning there"],
    ['(result gt 5', "at character 13: expected ')'"],
    ['result gt 5)', "at character 12: expected 'and', 'or' or the end"],
    ["name eq 'shed", 'at character 9: a text begins here and is never closed'],
    ['1 lt result lt 5', 'two comparisons must be joined'],
    ['nonsense(result) eq 1', 'at character 1: there is no function nonsense: there are substringof'],
    ["st_within(location, geography'POINT (1 1)')", 'there is no function st_within'],
    ['substringof(name)', 'substringof takes 2 arguments, not 1'],
    ['substring(name)', 'substring takes 2 or 3 arguments, not 1'],
    ['phenomenonTime gt 2026-13-45T00:00:00Z', "'2026-13-45T00:00:00Z' is no time"],
    ['Datastream/5 eq 5', "expected a name after '/'"],
    ['a/b/c/d/e/f/g eq 5', 'a path has at most 6 names'],
    [`${'('.repeat(40)}1${')'.repeat(40)} eq 1`, 'nested more than 32 deep'],
    [`${'not '.repeat(40)} result eq 1`, 'nested more than 32 deep'],
    [Array.from({ length: 200 }, () => 'result eq 1').join(' or '), 'more than 400 words'],
    ["name eq 'x'; DROP TABLE frame; --'", "at character 12: ';' has no meaning there"],
    ['name eq `x`', "'`' has no meaning there"],
    ['__proto__(1) eq 1', 'there is no function __proto__'],
  ])('%s is refused: %s', (filter, message) => {
    expect(() => parseFilter(filter)).toThrow(message)
  })

  test('whatever it is, is read or refused in a sentence', () => {
    const words = [
      'result',
      'eq',
      'and',
      'or',
      'not',
      '(',
      ')',
      ',',
      '/',
      "'a'",
      '5',
      '2026-01-01',
      'round',
      'add',
      "'",
      '-',
    ]
    const filters = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom(...words), { maxLength: 30 }).map(parts => parts.join(' ')),
    )
    fc.assert(
      fc.property(filters, filter => {
        try {
          expect(typeof answer(filter)).toBe('boolean')
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError)
          expect((error as ApiError).status).toBe(400)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

test.each([
  ['2026-11-21', Date.UTC(2026, 10, 21)],
  ['2026-11-21T08:15', Date.UTC(2026, 10, 21, 8, 15)],
  ['2026-11-21T08:15:30,5Z', Date.UTC(2026, 10, 21, 8, 15, 30, 500)],
  ['2026-11-21T08:15:30.123456789-0130', Date.UTC(2026, 10, 21, 9, 45, 30, 123)],
  ['21.11.2026', null],
  ['2026-02-30T00:00:00Z', Date.UTC(2026, 2, 2)],
])('the time %s', (text, expected) => {
  expect(timeOf(text)?.getTime() ?? null).toBe(expected)
})
