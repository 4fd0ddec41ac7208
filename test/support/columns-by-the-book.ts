/**
 * Columns as the clauses [READ-3.2] to [READ-3.8] state them, written a second time and as slowly as they read: bits are text, numbers are
 * bigint, and nothing is shared with the protocol.
 */
const CLAMP = 2n ** 48n
const MISS_MAX = 2n ** 44n
const ZEROS_MAX = 20n

/** The bytes of columns; null stands for a missing value. */
export function packByTheBook(columns: readonly (readonly (number | null)[])[], statistics: boolean): Uint8Array {
  if ((columns[0]?.length ?? 0) === 0) return new Uint8Array()
  let text = ''
  for (let at = 0; at < columns.length; at += statistics ? 4 : 1) {
    const first = columns[at] ?? []
    text += presence(first)
    const values = statistics ? statisticsColumns(columns.slice(at, at + 4)) : [first]
    for (const column of values) text += series(column.flatMap(value => (value === null ? [] : [BigInt(value)])))
  }
  const bytes = text.padEnd(Math.ceil(text.length / 8) * 8, '0').match(/.{8}/g) ?? []
  return Uint8Array.from(bytes, byte => Number.parseInt(byte, 2))
}

function statisticsColumns(columns: readonly (readonly (number | null)[])[]): (number | null)[][] {
  const [mean = [], least = [], greatest = [], samples = []] = columns
  const minus = (a: readonly (number | null)[], b: readonly (number | null)[]) =>
    a.map((value, i) => (value === null ? null : value - (b[i] ?? 0)))
  return [[...mean], minus(mean, least), minus(greatest, mean), [...samples]]
}

function presence(column: readonly (number | null)[]): string {
  if (!column.includes(null)) return '0'
  const runs =
    column
      .map(value => (value === null ? 'm' : 'p'))
      .join('')
      .match(/m+|p+/g) ?? []
  return `1${column[0] === null ? 1 : 0}${runs.map(run => gamma(BigInt(run.length))).join('')}`
}

function series(values: readonly bigint[]): string {
  const [first, ...rest] = values
  if (first === undefined) return ''
  let text = number(fold(first))
  const state = { last: first, before: first, m: 16n * first, misses: [0n, 0n, 0n], n: 1n, s: 4n, equal: 1 }
  const forecasts = () => [state.last, floor(state.m + 8n, 16n), clamp(2n * state.last - state.before)]
  const chosen = () => {
    const least = state.misses.reduce((a, b) => (b < a ? b : a))
    return forecasts()[state.misses.indexOf(least)] ?? 0n
  }
  const learn = (value: bigint) => {
    const miss = size(value - chosen())
    state.misses = forecasts().map((f, i) => {
      const before = state.misses[i] ?? 0n
      return before + size(value - f) - before / 16n
    })
    state.m = floor(state.m + 16n * value, 2n)
    state.n += 1n
    state.s += miss
    if (state.n === 32n) [state.n, state.s] = [16n, state.s / 2n]
    state.equal = value === state.last ? state.equal + 1 : 1
    state.before = state.last
    state.last = value
  }
  for (let i = 0; i < rest.length; i++) {
    let value = rest[i] ?? 0n
    if (state.equal < 3) text += rice(fold(value - chosen()), state)
    else {
      let further = 0
      while (i + further < rest.length && rest[i + further] === state.last) further++
      text += gamma(BigInt(further) + 1n)
      for (let k = 0; k < further; k++) learn(state.last)
      i += further
      if (i === rest.length) break
      value = rest[i] ?? 0n
      text += rice(fold(value - state.last) - 1n, state)
    }
    learn(value)
  }
  return text
}

function rice(u: bigint, { n, s }: { n: bigint; s: bigint }): string {
  let k = 0n
  while (n * 2n ** k < s) k++
  const quotient = u / 2n ** k
  if (quotient >= ZEROS_MAX) return '0'.repeat(Number(ZEROS_MAX)) + number(u - ZEROS_MAX * 2n ** k)
  return `${'0'.repeat(Number(quotient))}1${k === 0n ? '' : binary(u % 2n ** k).padStart(Number(k), '0')}`
}

function number(n: bigint): string {
  const digits = binary(n + 1n).slice(1)
  return binary(BigInt(digits.length)).padStart(6, '0') + digits
}

function gamma(value: bigint): string {
  const digits = binary(value)
  return '0'.repeat(digits.length - 1) + digits
}

const binary = (value: bigint): string => value.toString(2)
const fold = (value: bigint): bigint => (value < 0n ? -2n * value - 1n : 2n * value)
const size = (value: bigint): bigint => {
  const positive = value < 0n ? -value : value
  return positive > MISS_MAX ? MISS_MAX : positive
}
const clamp = (value: bigint): bigint => (value > CLAMP ? CLAMP : value < -CLAMP ? -CLAMP : value)
const floor = (value: bigint, by: bigint): bigint => (value >= 0n ? value / by : -((-value + by - 1n) / by))
