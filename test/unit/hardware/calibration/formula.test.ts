import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseFormula } from '../../../../hardware/formula.ts'
import { LIMITS } from '../../../../protocol/index.ts'

function evaluated(text: string, x = 0): number {
  const formula = parseFormula(text)
  if (!formula.ok) throw new Error(formula.reason)
  return formula.evaluate(x)
}

/** An expression as its text, and the function that it must be. */
interface Known {
  readonly text: string
  readonly evaluate: (x: number) => number
}

const BINARY: readonly [string, (a: number, b: number) => number][] = [
  ['+', (a, b) => a + b],
  ['-', (a, b) => a - b],
  ['*', (a, b) => a * b],
  ['/', (a, b) => a / b],
  ['^', (a, b) => a ** b],
]
const CALLS: readonly [string, (a: number) => number][] = [
  ['abs', Math.abs],
  ['sqrt', Math.sqrt],
  ['log', Math.log],
  ['exp', Math.exp],
]

/** Expressions with every pair in parentheses, so that only arithmetic decides their value. */
const { known } = fc.letrec<{ known: Known }>(tie => ({
  known: fc.oneof(
    { maxDepth: 3 },
    fc.constant<Known>({ text: 'x', evaluate: x => x }),
    fc.integer({ min: 0, max: 999 }).map<Known>(n => ({ text: `${n}`, evaluate: () => n })),
    fc.tuple(tie('known'), tie('known'), fc.constantFrom(...BINARY)).map<Known>(([a, b, [sign, apply]]) => ({
      text: `(${a.text})${sign} (${b.text})`,
      evaluate: x => apply(a.evaluate(x), b.evaluate(x)),
    })),
    fc.tuple(tie('known'), fc.constantFrom(...CALLS)).map<Known>(([a, [name, apply]]) => ({
      text: `${name}(${a.text})`,
      evaluate: x => apply(a.evaluate(x)),
    })),
    fc.tuple(tie('known'), tie('known')).map<Known>(([a, b]) => ({
      text: `max(${a.text} , min(${b.text},x))`,
      evaluate: x => Math.max(a.evaluate(x), Math.min(b.evaluate(x), x)),
    })),
    tie('known').map<Known>(a => ({ text: `-(${a.text})`, evaluate: x => -a.evaluate(x) })),
  ),
}))

describe('a formula', () => {
  test.each<[string, number, number]>([
    ['x', 7, 7],
    ['(x - 210) / 3.1', 520, 100],
    ['1 + 2 * 3', 0, 7],
    ['10 - 4 - 3', 0, 3],
    ['64 / 8 / 2', 0, 4],
    ['2 ^ 3 ^ 2', 0, 512],
    ['-x^2', 3, -9],
    ['(-x)^2', 3, 9],
    ['2^-1', 0, 0.5],
    ['--x', 3, 3],
    ['+x - -1', 3, 4],
    ['-2 * -x', 3, 6],
    ['min(x, 3, 1)', 2, 1],
    ['max(0, x)', -5, 0],
    ['pow(x, 2) + abs(-1)', 3, 10],
    ['sqrt(x)', 81, 9],
    ['log(exp(x))', 1, 1],
    ['1.5e2 + .5 + 1.', 0, 151.5],
    ['  ( x )  ', 4, 4],
    ['x*x*x', 2, 8],
  ])('%s of %d is %d', (text, x, value) => {
    expect(evaluated(text, x)).toBe(value)
  })

  test.each([
    ['', 'at character 1, where it ends'],
    ['x +', 'at character 4, where it ends'],
    ['(x', "must have ')' at character 3"],
    ['x)', "must have an operator or the end at character 2, where there is ')'"],
    ['2x', "at character 2, where there is 'x'"],
    ['y', "at character 1, where there is 'y'"],
    ['x; x', "at character 2, where there is ';'"],
    ['x ** 2', "at character 4, where there is '*'"],
    ['sin(x)', 'one of min, max, abs'],
    ['abs', "'(' after abs"],
    ['abs(1, 2)', 'gives abs at character 1 2 arguments, where it takes 1'],
    ['pow(x)', 'gives pow at character 1 1 arguments, where it takes 2'],
    ['min()', 'at character 5'],
    ['constructor', "where there is 'constructor'"],
    ['x.constructor', "at character 2, where there is '.'"],
    ['1_000', "where there is '_000'"],
    ['0x10', "where there is 'x10'"],
    ['$x', 'at character 1'],
    ['"x"', 'at character 1'],
  ])('%s is refused: %s', (text, reason) => {
    const formula = parseFormula(text)
    expect(formula).toMatchObject({ ok: false })
    expect(formula).toHaveProperty('reason', expect.stringContaining(reason))
  })

  test('has at most the bytes that travel', () => {
    expect(parseFormula(`x${' '.repeat(LIMITS.formulaBytesMax)}`)).toMatchObject({ ok: false })
    expect(parseFormula(`x${' '.repeat(LIMITS.formulaBytesMax - 1)}`)).toMatchObject({ ok: true })
    expect(parseFormula('('.repeat(LIMITS.formulaBytesMax))).toMatchObject({ ok: false })
  })

  test('has the value that its parts give', () => {
    fc.assert(
      fc.property(known, fc.integer({ min: -1_000, max: 1_000 }), ({ text, evaluate }, x) => {
        fc.pre(text.length <= LIMITS.formulaBytesMax)
        expect(evaluated(text, x)).toBe(evaluate(x))
      }),
      { numRuns: 1_000 },
    )
  })

  test('binds as JavaScript does, but for signs before a power', () => {
    const flat = fc.array(fc.tuple(fc.constantFrom('+', '-', '*', '/'), fc.integer({ min: 1, max: 99 })), {
      maxLength: 12,
    })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), flat, (first, rest) => {
        const text = `${first}${rest.map(([sign, number]) => ` ${sign} ${number}`).join('')}`
        expect(evaluated(text)).toBe(runInNewContext(text))
      }),
    )
  })

  test('never throws, whatever is written', () => {
    const soup = fc.array(
      fc.constantFrom('x', '1', '.', 'e', '+', '-', '*', '/', '^', '(', ')', ',', ' ', 'min', 'log', 'é', '_'),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          soup.map(parts => parts.join('')),
        ),
        text => {
          const formula = parseFormula(text)
          if (formula.ok) expect(typeof formula.evaluate(1)).toBe('number')
          else expect(formula.reason).toMatch(/^(must|gives) /)
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
