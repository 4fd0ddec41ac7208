/** The same unit gives the same answer and the same fuel, and randomness follows from the job and the unit. */
import { describe, expect, test } from 'vitest'
import { utf8 } from '../../../../protocol/bytes.ts'
import { composeScript } from '../../../../protocol/script/index.ts'
import { evaluate, JAVASCRIPT_ENGINE, runScript, scriptTask } from '../../../support/javascript.ts'
import { runUnit, taskOf } from '../../../support/run-task.ts'

const numbers = (number: number) =>
  JSON.parse(evaluate('Array.from({ length: 1_000 }, Math.random)', { number }).text ?? '') as number[]

describe('Math.random', () => {
  test('gives the same numbers to the same unit, and others to others', () => {
    expect(numbers(3)).toEqual(numbers(3))
    expect(numbers(3)).not.toEqual(numbers(4))
    expect(new Set([0, 1, 2, 3, 4, 5, 6, 7].map(unit => numbers(unit)[0])).size).toBe(8)
  })

  test('is spread over [0, 1)', () => {
    const drawn = [0, 1, 2, 3].flatMap(numbers)
    expect(drawn.every(number => number >= 0 && number < 1)).toBe(true)
    const mean = drawn.reduce((sum, number) => sum + number) / drawn.length
    expect(mean).toBeGreaterThan(0.47)
    expect(mean).toBeLessThan(0.53)
  })
})

test('the clock stands still at the beginning of 1970, in UTC', () => {
  const run = evaluate(
    '[Date.now(), new Date().toISOString(), performance.now(), new Date(2024, 5, 1).toString(), new Date(0).getTimezoneOffset()]',
  )
  expect(run.text).toBe('[0,"1970-01-01T00:00:00.000Z",0,"Sat Jun 01 2024 00:00:00 GMT+0000",0]')
})

test('output and fuel are equal in new instances and in one that was set back, for all kinds of work', () => {
  const source = `export default input => {
    const words = new Map()
    for (const word of input.text.split(/[^a-z]+/i)) words.set(word.toLowerCase(), (words.get(word.toLowerCase()) ?? 0) + 1)
    const sorted = [...words].sort(([a], [b]) => (a < b ? -1 : 1))
    const weak = new WeakMap(sorted.map(pair => [pair, Math.sin(pair[1]) ** 0.5]))
    return { sorted, json: JSON.parse(JSON.stringify(sorted)), pi: Math.PI.toString(3), random: Math.random(), weak: sorted.map(pair => weak.get(pair)) }
  }`
  const module = composeScript(JAVASCRIPT_ENGINE, utf8(source))
  const input = utf8('It was the best of times, it was the worst of times. '.repeat(50))
  const kept = taskOf(module, 256)
  const fresh = taskOf(module, 256, { fresh: true })
  const first = runUnit(kept, input)
  expect(first.kind).toBe('ok')
  expect(runUnit(kept, utf8('another unit'))).not.toEqual(first)
  expect([runUnit(kept, input), runUnit(fresh, input), runUnit(fresh, input)]).toEqual([first, first, first])
})

test('what one unit writes into globals and prototypes is gone in the next', () => {
  const task = scriptTask(`export default input => {
    const before = [typeof globalThis.left, typeof [].left, Math.random.left]
    globalThis.left = Array.prototype.left = Math.random.left = 1
    return before
  }`)
  const first = runScript(task)
  expect(first.text).toBe('["undefined","undefined",null]')
  expect(runScript(task)).toEqual(first)
})

test('NaNs have one form however they came about', () => {
  const { outcome } = evaluate('new Float64Array([NaN, -NaN, 0 / 0, Math.sqrt(-1), Infinity - Infinity, Number("x")])')
  expect(outcome.kind).toBe('ok')
  const bytes = outcome.kind === 'ok' ? outcome.bytes : new Uint8Array(0)
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const forms = new Set(Array.from({ length: 6 }, (_, index) => view.getBigUint64(index * 8, true)))
  expect([...forms]).toEqual([0x7ff8000000000000n])
})
