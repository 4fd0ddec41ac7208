import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concatBytes, equalBytes, fromUtf8, utf8 } from '../../protocol/bytes.ts'
import { sha256Hex } from '../../protocol/ids.ts'
import type { BlobSplit } from '../../protocol/jobs/index.ts'
import { BlobIndexer, cutOf, cutRun, planSplit, type SplitPlan, type SplitSpec } from '../../protocol/jobs/index.ts'

const source = { sha256: sha256Hex('00'.repeat(32)) }

/** Lengths of runs, repeated until the job is covered. */
const runLengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 })

/** Texts in which delimiters, parts of them and overlaps of them are common. */
const text = fc
  .array(fc.constantFrom('a', 'b', '\n', '\n\n', 'ab', 'aab', 'ü', '\r\n'), { minLength: 1, maxLength: 80 })
  .map(pieces => pieces.join(''))

const cuts = fc.oneof(
  fc.record({ by: fc.constantFrom('bytes' as const, 'lines' as const), size: fc.integer({ min: 1, max: 7 }) }),
  fc.record({
    by: fc.constant('records' as const),
    size: fc.integer({ min: 1, max: 4 }),
    delimiter: fc.constantFrom('\n\n', 'a', 'aa', 'aab', 'abab', 'ü', '\r\n'),
  }),
)

/** Unit inputs by way of the runs, as devices see them. */
function byRuns(plan: SplitPlan, lengths: readonly number[], blob: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = []
  for (let first = 0, run = 0; first < plan.units; run++) {
    const count = Math.min(lengths[run % lengths.length] ?? 1, plan.units - first)
    const input = plan.runInput(first, count)
    const bytes = input?.kind === 'range' ? blob.subarray(input.offset, input.offset + input.length) : input?.bytes
    expect(plan.runInputBytes(first, count)).toBe(bytes?.length ?? 0)
    units.push(...cutRun(plan.cut, first, count, bytes ?? null))
    first += count
  }
  expect(units.length).toBe(plan.units)
  return units
}

function indexed(split: BlobSplit, blob: Uint8Array, pieceBytes: number) {
  const indexer = new BlobIndexer(cutOf(split))
  for (let at = 0; at < blob.length; at += pieceBytes) indexer.push(blob.subarray(at, at + pieceBytes))
  return indexer.finish()
}

const equalUnits = (a: readonly Uint8Array[], b: readonly Uint8Array[]) =>
  a.length === b.length && a.every((unit, index) => equalBytes(unit, b[index] ?? new Uint8Array()))

test('the units of a blob are the blob, however it is read, indexed and leased', () => {
  fc.assert(
    fc.property(text, cuts, runLengths, fc.integer({ min: 1, max: 9 }), (content, cut, lengths, pieceBytes) => {
      const blob = utf8(content)
      const split = { kind: 'blob', source, ...cut } as const
      const plan = planSplit(split, indexed(split, blob, pieceBytes))
      const units = byRuns(plan, lengths, blob)
      expect(equalBytes(concatBytes(...units), blob)).toBe(true)
      expect(equalUnits(units, byRuns(plan, [1], blob))).toBe(true)
      expect(equalUnits(units, byRuns(planSplit(split, indexed(split, blob, blob.length)), [plan.units], blob))).toBe(
        true,
      )
    }),
    { numRuns: 2_000 },
  )
})

test('the units of a text hold as many records as was asked, the last perhaps fewer', () => {
  fc.assert(
    fc.property(text, cuts, (content, cut) => {
      fc.pre(cut.by !== 'bytes')
      const delimiter = 'delimiter' in cut ? cut.delimiter : '\n'
      const blob = utf8(content)
      const split = { kind: 'blob', source, ...cut } as const
      const units = byRuns(planSplit(split, indexed(split, blob, blob.length)), [3], blob).map(fromUtf8)
      const records = units.map(unit => unit.split(delimiter))
      for (const pieces of records.slice(0, -1)) {
        expect(pieces.length - 1).toBe(cut.size)
        expect(pieces.at(-1)).toBe('')
      }
      const last = records.at(-1) ?? []
      expect(last.length - (last.at(-1) === '' ? 1 : 0)).toBeLessThanOrEqual(cut.size)
    }),
    { numRuns: 2_000 },
  )
})

test('the units of a range are the range', () => {
  const start = fc.oneof(fc.integer({ min: -50, max: 50 }), fc.maxSafeInteger())
  const length = fc.integer({ min: 1, max: 200 })
  fc.assert(
    fc.property(start, length, fc.integer({ min: 1, max: 300 }), runLengths, (from, count, chunk, lengths) => {
      fc.pre(from + count <= Number.MAX_SAFE_INTEGER)
      const plan = planSplit({ kind: 'range', from, to: from + count, chunk })
      let next = from
      for (const unit of byRuns(plan, lengths, new Uint8Array())) {
        const [first, end] = fromUtf8(unit).trimEnd().split(' ').map(Number)
        expect(first).toBe(next)
        expect(end).toBeGreaterThan(next)
        next = end ?? next
      }
      expect(next).toBe(from + count)
    }),
    { numRuns: 1_000 },
  )
})

const item = fc.string({ unit: 'binary', maxLength: 300 })
const gridValues = fc.array(fc.oneof(fc.integer(), fc.boolean(), fc.string({ unit: 'binary', maxLength: 12 })), {
  minLength: 1,
  maxLength: 5,
})
const inlineSplit: fc.Arbitrary<SplitSpec> = fc.oneof(
  fc.record({ kind: fc.constant('items' as const), items: fc.array(item, { minLength: 1, maxLength: 40 }) }),
  fc.record({
    kind: fc.constant('grid' as const),
    parameters: fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_-]{0,5}$/), gridValues, { minKeys: 1, maxKeys: 4 }),
  }),
)

/** The inputs that the definition of a split asks for, made in the plainest way. */
function expectedInputs(split: SplitSpec): string[] {
  if (split.kind === 'items') return [...split.items]
  if (split.kind !== 'grid') throw new Error('not an inline split')
  let combinations: Record<string, unknown>[] = [{}]
  for (const [name, values] of Object.entries(split.parameters)) {
    combinations = combinations.flatMap(before => values.map(value => ({ ...before, [name]: value })))
  }
  return combinations.map(combination => JSON.stringify(combination))
}

test('items and combinations reach their units, however they are leased', () => {
  fc.assert(
    fc.property(inlineSplit, runLengths, (split, lengths) => {
      const plan = planSplit(split)
      expect(byRuns(plan, lengths, new Uint8Array()).map(fromUtf8)).toEqual(expectedInputs(split))
    }),
    { numRuns: 1_000 },
  )
})

test('as many units as fit a bound are the most that fit it', () => {
  fc.assert(
    fc.property(inlineSplit, fc.nat(), fc.nat({ max: 40 }), fc.nat({ max: 2_000 }), (split, at, countMax, bytesMax) => {
      const plan = planSplit(split)
      const first = at % plan.units
      const room = Math.max(1, Math.min(countMax, plan.units - first))
      const count = plan.unitsWithin(first, countMax, bytesMax)
      expect(count).toBeGreaterThanOrEqual(1)
      expect(count).toBeLessThanOrEqual(room)
      if (count > 1) expect(plan.runInputBytes(first, count)).toBeLessThanOrEqual(bytesMax)
      if (count < room) expect(plan.runInputBytes(first, count + 1)).toBeGreaterThan(bytesMax)
    }),
    { numRuns: 1_000 },
  )
})
