import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UnitRanges } from '../../../../coordinator/jobs/unit-ranges.ts'

type Move = { do: 'add' | 'remove'; first: number; count: number } | { do: 'take'; count: number }

const span = { first: fc.nat(60), count: fc.nat(12) }
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('add' as const), ...span }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), ...span }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('take' as const), count: fc.integer({ min: 1, max: 12 }) }) },
)

/** The longest ranges of consecutive numbers in a set, in order. */
function rangesOf(units: ReadonlySet<number>): { first: number; count: number }[] {
  const ranges: { first: number; count: number }[] = []
  for (const unit of [...units].sort((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last && last.first + last.count === unit) last.count++
    else ranges.push({ first: unit, count: 1 })
  }
  return ranges
}

const numbers = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i)

/** Does the same to both. */
function play(model: Set<number>, ranges: UnitRanges, step: Move): void {
  if (step.do === 'take') {
    const front = rangesOf(model)[0]
    const taken = ranges.take(step.count)
    expect(taken).toEqual(front ? { first: front.first, count: Math.min(front.count, step.count) } : null)
    for (const unit of taken ? numbers(taken.first, taken.count) : []) model.delete(unit)
  } else if (step.do === 'remove') {
    ranges.remove(step.first, step.count)
    for (const unit of numbers(step.first, step.count)) model.delete(unit)
  } else {
    const units = numbers(step.first, step.count)
    // Adding what is there already is a bug of the caller.
    if (units.some(unit => model.has(unit))) return
    ranges.add(step.first, step.count)
    for (const unit of units) model.add(unit)
  }
}

describe('unit ranges', () => {
  it('are a set of numbers, kept in the fewest ranges', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60 }), moves => {
        const model = new Set<number>()
        const ranges = new UnitRanges()
        for (const step of moves) {
          play(model, ranges, step)
          expect([...ranges]).toEqual(rangesOf(model))
          expect(ranges.units).toBe(model.size)
          expect(ranges.isEmpty).toBe(model.size === 0)
          expect(ranges.peek()).toEqual(rangesOf(model)[0] ?? null)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('hold ten million units in one range', () => {
    const ranges = new UnitRanges()
    ranges.add(0, 10_000_000)
    expect(ranges.take(65_536)).toEqual({ first: 0, count: 65_536 })
    expect(ranges.units).toBe(10_000_000 - 65_536)
    ranges.add(0, 65_536)
    expect([...ranges]).toEqual([{ first: 0, count: 10_000_000 }])
  })
})
