/**
 * The functions of filters (OGC 18-088 §9.3.3.5.2). Geometry is not among them.
 * Each takes values of any kind: what cannot be made of them is null, and null in means null out.
 */

import type { Value } from './expression.ts'
import { timeOf } from './time.ts'

/** What functions may ask of the world. */
export interface FunctionWorld {
  wallMs(): number
}

export interface FilterFunction {
  readonly argsMin: number
  readonly argsMax: number
  run(args: readonly Value[], world: FunctionWorld): Value
}

const LAST_TIME_MS = 8.64e15

export const FUNCTIONS: ReadonlyMap<string, FilterFunction> = new Map([
  ['substringof', texts(2, (part, whole) => whole.includes(part))],
  ['contains', texts(2, (whole, part) => whole.includes(part))],
  ['startswith', texts(2, (whole, part) => whole.startsWith(part))],
  ['endswith', texts(2, (whole, part) => whole.endsWith(part))],
  ['indexof', texts(2, (whole, part) => whole.indexOf(part))],
  ['concat', texts(2, (first, second) => first + second)],
  ['length', texts(1, text => text.length)],
  ['tolower', texts(1, text => text.toLowerCase())],
  ['toupper', texts(1, text => text.toUpperCase())],
  ['trim', texts(1, text => text.trim())],
  ['substring', { argsMin: 2, argsMax: 3, run: substring }],
  ['year', times(time => time.getUTCFullYear())],
  ['month', times(time => time.getUTCMonth() + 1)],
  ['day', times(time => time.getUTCDate())],
  ['hour', times(time => time.getUTCHours())],
  ['minute', times(time => time.getUTCMinutes())],
  ['second', times(time => time.getUTCSeconds())],
  ['fractionalseconds', times(time => time.getUTCMilliseconds() / 1_000)],
  ['date', times(time => time.toISOString().slice(0, 10))],
  ['time', times(time => time.toISOString().slice(11, 23))],
  ['totaloffsetminutes', times(() => 0)],
  ['now', { argsMin: 0, argsMax: 0, run: (_, { wallMs }) => new Date(Math.round(wallMs())) }],
  ['mindatetime', { argsMin: 0, argsMax: 0, run: () => new Date(-LAST_TIME_MS) }],
  ['maxdatetime', { argsMin: 0, argsMax: 0, run: () => new Date(LAST_TIME_MS) }],
  ['round', numbers(Math.round)],
  ['floor', numbers(Math.floor)],
  ['ceiling', numbers(Math.ceil)],
])

function texts(count: 1 | 2, run: (first: string, second: string) => Value): FilterFunction {
  return {
    argsMin: count,
    argsMax: count,
    run: args => (args.includes(null) ? null : run(textOf(args[0]), textOf(args[1]))),
  }
}

function times(run: (time: Date) => Value): FilterFunction {
  return {
    argsMin: 1,
    argsMax: 1,
    run: ([value]) => {
      const time = value instanceof Date ? value : typeof value === 'string' ? timeOf(value) : null
      return time === null ? null : run(time)
    },
  }
}

function numbers(run: (value: number) => number): FilterFunction {
  return { argsMin: 1, argsMax: 1, run: ([value]) => (typeof value === 'number' ? run(value) : null) }
}

function substring([text, from, count]: readonly Value[]): Value {
  if (text === null || typeof from !== 'number') return null
  const end = typeof count === 'number' ? from + count : undefined
  return textOf(text).slice(Math.max(0, from), end)
}

function textOf(value: Value | undefined): string {
  return value instanceof Date ? value.toISOString() : String(value ?? '')
}
