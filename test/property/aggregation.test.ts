import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAggregator } from '../../coordinator/aggregation/index.ts'
import { equalBytes, utf8 } from '../../protocol/bytes.ts'
import { decode } from '../../protocol/cbor/index.ts'
import { TaskError } from '../../protocol/errors.ts'
import type { AggregateSpec } from '../../protocol/jobs/index.ts'
import { aggregateBytes, aggregateText } from '../support/aggregate.ts'

/** A number as text, with its exact value as a count of 10^-40. */
const number = fc
  .record({
    digits: fc.oneof(
      fc.bigInt(-1000n, 1000n),
      fc.bigInt(-(10n ** 16n), 10n ** 16n),
      fc.bigInt(-(10n ** 40n), 10n ** 40n),
    ),
    places: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20 })),
    exponent: fc.oneof(fc.constant(0), fc.integer({ min: -20, max: 20 })),
  })
  .map(({ digits, places, exponent }) => {
    const sign = digits < 0n ? '-' : ''
    const text = String(digits < 0n ? -digits : digits).padStart(places + 1, '0')
    const point = text.length - places
    const plain = places === 0 ? text : `${text.slice(0, point)}.${text.slice(point)}`
    return {
      text: `${sign}${plain}${exponent === 0 ? '' : `e${exponent}`}`,
      value: digits * 10n ** BigInt(40 - places + exponent),
    }
  })
const units = fc.array(fc.array(number, { maxLength: 6 }), { minLength: 1, maxLength: 12 })
const textOf = (unit: readonly { text: string }[]) => unit.map(({ text }) => text).join(' ')

/** Plain text as a count of 10^-scale. */
function parsed(text: string, scale: number): bigint {
  const [whole = '', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(scale, '0'))
}

test('sum, min and max are those of the numbers, exactly', () => {
  fc.assert(
    fc.property(units, numbers => {
      const outputs = numbers.map(textOf)
      const values = numbers.flat().map(({ value }) => value)
      const sum = values.reduce((total, value) => total + value, 0n)
      expect(parsed(aggregateText({ kind: 'sum' }, outputs), 40)).toBe(sum)
      fc.pre(values.length > 0)
      const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
      expect(parsed(aggregateText({ kind: 'min' }, outputs), 40)).toBe(sorted[0])
      expect(parsed(aggregateText({ kind: 'max' }, outputs), 40)).toBe(sorted.at(-1))
    }),
    { numRuns: 1_000 },
  )
})

test('a mean is off by half a unit of its 18th digit at most, and never in its whole digits', () => {
  fc.assert(
    fc.property(units, numbers => {
      const values = numbers.flat().map(({ value }) => value)
      fc.pre(values.length > 0)
      const text = aggregateText({ kind: 'mean' }, numbers.map(textOf))
      const sum = values.reduce((total, value) => total + value, 0n)
      const scale = 80
      const error = parsed(text, scale) * BigInt(values.length) - sum * 10n ** BigInt(scale - 40)
      const size = error < 0n ? -error : error
      const magnitude = sum < 0n ? -sum : sum
      // |error| ≤ max(|mean| · 10^-17, 1) / 2, everything multiplied by the count and 10^80.
      const digits = magnitude * 10n ** BigInt(scale - 40 - 17)
      const whole = 10n ** BigInt(scale) * BigInt(values.length)
      const bound = digits < whole ? digits : whole
      expect(size * 2n <= bound).toBe(true)
    }),
    { numRuns: 1_000 },
  )
})

test('a histogram counts each number in the bin whose edges hold it', () => {
  const spec = fc.record({
    from: fc.integer({ min: -50, max: 0 }),
    width: fc.integer({ min: 1, max: 100 }),
    bins: fc.integer({ min: 1, max: 12 }),
  })
  const tenths = fc.array(fc.array(fc.integer({ min: -800, max: 1_200 }), { maxLength: 8 }), {
    minLength: 1,
    maxLength: 8,
  })
  fc.assert(
    fc.property(spec, tenths, ({ from, width, bins }, numbers) => {
      const outputs = numbers.map(unit => unit.map(n => `${n}e-1`).join('\n'))
      const histogram = JSON.parse(aggregateText({ kind: 'histogram', from, to: from + width, bins }, outputs))
      const inBin = (n: number, bin: number) => {
        // from + bin·width/bins ≤ n/10 < from + (bin+1)·width/bins, in whole numbers.
        const place = (n - from * 10) * bins
        return place >= bin * width * 10 && place < (bin + 1) * width * 10
      }
      const all = numbers.flat()
      expect(histogram.bins).toEqual(Array.from({ length: bins }, (_, bin) => all.filter(n => inBin(n, bin)).length))
      expect(histogram.below).toBe(all.filter(n => n < from * 10).length)
      expect(histogram.count).toBe(all.length)
      expect(histogram.above).toBe(all.filter(n => n >= (from + width) * 10).length)
    }),
    { numRuns: 1_000 },
  )
})

const key = fc.string({ unit: 'binary', maxLength: 6 }).map(text => text.replaceAll(/[\t\n]/g, '.'))
const count = fc.oneof(fc.integer().map(BigInt), fc.bigInt(-(10n ** 30n), 10n ** 30n))
const counts = fc.array(fc.array(fc.tuple(key, count), { maxLength: 8 }), { minLength: 1, maxLength: 8 })

test('a merge-map has each key once with its sum, in the order of bytes', () => {
  fc.assert(
    fc.property(counts, entries => {
      const outputs = entries.map(unit => unit.map(([name, n]) => `${name}\t${n}\n`).join(''))
      const sums = new Map<string, bigint>()
      for (const [name, n] of entries.flat()) sums.set(name, (sums.get(name) ?? 0n) + n)
      const expected = [...sums].toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      expect(aggregateText({ kind: 'merge-map' }, outputs)).toBe(
        expected.map(([name, n]) => `${name}\t${n}\n`).join(''),
      )
    }),
    { numRuns: 1_000 },
  )
})

test('the answers that promise it do not depend on the order of the units', () => {
  const specs: AggregateSpec[] = [
    { kind: 'sum' },
    { kind: 'mean' },
    { kind: 'min' },
    { kind: 'max' },
    { kind: 'histogram', from: -1, to: 1, bins: 3 },
  ]
  const inOrder = (spec: AggregateSpec, outputs: readonly string[], order: readonly number[]) => {
    const aggregator = createAggregator(spec, outputs.length, () => {})
    for (const unit of order) aggregator.add(unit, utf8(outputs[unit] ?? ''))
    return new TextDecoder().decode(aggregator.finish().bytes)
  }
  const shuffled = (length: number) => fc.shuffledSubarray([...Array(length).keys()], { minLength: length })
  const withOrder = <T>(list: fc.Arbitrary<T[]>) =>
    list.chain(entries => fc.tuple(fc.constant(entries), shuffled(entries.length)))
  fc.assert(
    fc.property(withOrder(units), withOrder(counts), ([numbers, order], [entries, entriesOrder]) => {
      const outputs = numbers.map(textOf)
      for (const spec of specs) expect(inOrder(spec, outputs, order)).toBe(aggregateText(spec, outputs))
      const lines = entries.map(unit => unit.map(([name, n]) => `${name}\t${n}\n`).join(''))
      expect(inOrder({ kind: 'merge-map' }, lines, entriesOrder)).toBe(aggregateText({ kind: 'merge-map' }, lines))
    }),
    { numRuns: 500 },
  )
})

test('collect reads back as the outputs', () => {
  const outputs = fc.array(fc.option(fc.uint8Array({ maxLength: 300 })), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(outputs, given => {
      const read = decode(aggregateBytes({ kind: 'collect' }, given))
      const equal = (a: unknown, b: Uint8Array | null) =>
        a === b || (a instanceof Uint8Array && b !== null && equalBytes(a, b))
      expect(
        Array.isArray(read) && read.length === given.length && read.every((a, i) => equal(a, given[i] ?? null)),
      ).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('any bytes are either taken or refused by the name of their unit', () => {
  const specs: AggregateSpec[] = [
    { kind: 'sum' },
    { kind: 'max' },
    { kind: 'histogram', from: 0, to: 1, bins: 2 },
    { kind: 'merge-map' },
  ]
  const almost = fc.array(fc.constantFrom('1', '-', '.', 'e', ' ', '\n', '\t', '9', '+', 'a', '\u0000'), {
    maxLength: 12,
  })
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    almost.map(pieces => utf8(pieces.join(''))),
  )
  fc.assert(
    fc.property(bytes, output => {
      for (const spec of specs) {
        try {
          aggregateBytes(spec, [output])
        } catch (error) {
          if (!(error instanceof TaskError)) throw error
          expect(error.info).toMatchObject({ code: 'bad_output', unit: 0 })
        }
      }
    }),
    { numRuns: 3_000 },
  )
})
