import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CHECKED, COUNTS, medianFloor, type Voice } from '../../../../coordinator/pricing/median-floor.ts'
import { ownerName } from '../../../../protocol/index.ts'

const voice = (owner: string, floor: number, capacity: number): Voice => ({
  owner: ownerName(owner),
  floorMicro: BigInt(floor),
  capacity: BigInt(capacity),
})
const many = (count: number, make: (index: number) => Voice): Voice[] =>
  Array.from({ length: count }, (_, i) => make(i))

const HONEST = 100
const CARTEL = 1_000
/** The count that is left out gets the cartel through; all three together do not. */
const ATTACKS: readonly [what: string, needed: number, voices: Voice[]][] = [
  [
    'many small devices under many names, against few large ones of one owner',
    0,
    [...many(6, () => voice('ann', HONEST, 10)), ...many(40, i => voice(`name-${i}`, CARTEL, 1))],
  ],
  [
    'one owner with most devices, that feigns capacity',
    1,
    [...many(20, i => voice(`o-${i % 5}`, HONEST, 3)), ...many(40, () => voice('mob', CARTEL, 1_000))],
  ],
  [
    'many names that feign capacity',
    2,
    [...many(60, i => voice(`o-${i % 6}`, HONEST, 1)), ...many(40, i => voice(`name-${i}`, CARTEL, 1_000))],
  ],
]

describe('by checked capacity [PRICE-1.3]', () => {
  test('whoever has less than half moves the median neither above nor below what the others ask', () => {
    const floors = fc.array(fc.tuple(fc.integer({ min: 80, max: 120 }), fc.integer({ min: 1, max: 50 })), {
      minLength: 1,
    })
    const cartel = fc.array(fc.tuple(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 50 })))
    fc.assert(
      fc.property(floors, cartel, (honest, mob) => {
        const capacityOf = (voices: readonly (readonly [number, number])[]) =>
          voices.reduce((sum, [, capacity]) => sum + capacity, 0)
        fc.pre(capacityOf(mob) < capacityOf(honest))
        const voices = [...honest, ...mob].map(([floor, capacity], i) => voice(`o-${i}`, floor, capacity))
        const median = medianFloor(voices, CHECKED) ?? 0n
        expect(median >= BigInt(Math.min(...honest.map(([floor]) => floor)))).toBe(true)
        expect(median <= BigInt(Math.max(...honest.map(([floor]) => floor)))).toBe(true)
      }),
    )
  })
})

describe('the median of what owners ask where nothing is checked [PRICE-1.3]', () => {
  test('of nobody is unknown', () => {
    expect(medianFloor([])).toBeNull()
  })

  test('counts devices while none has proven anything', () => {
    expect(medianFloor([voice('a', 3, 0), voice('b', 1, 0), voice('c', 2, 0)])).toBe(2n)
  })

  test('is weighed by capacity', () => {
    const voices = [voice('a', 1, 1), voice('b', 2, 1), voice('c', 3, 1), voice('d', 1, 2), voice('e', 1, 2)]
    expect(medianFloor(voices)).toBe(1n)
  })

  test('is not lifted by exactly half', () => {
    expect(medianFloor([voice('a', 1, 5), voice('b', 9, 5)])).toBe(1n)
  })

  test('two large owners do not outvote four small ones', () => {
    const large = [voice('a', 9, 1_000), voice('b', 9, 1_000)]
    expect(medianFloor([...large, ...many(4, i => voice(`s-${i}`, 1, 1))])).toBe(1n)
  })

  test('owners who have proven nothing do not make the others count for nothing', () => {
    const [, byOwner] = COUNTS
    const idle = many(3, i => voice(`idle-${i}`, 1, 0))
    const weights = byOwner?.([voice('a', 1, 700), voice('b', 1, 200), ...idle]) ?? []
    expect(weights[0]).toBe(weights[1])
    expect(weights[0]).toBeGreaterThan(0n)
    expect(weights.slice(2)).toEqual([0n, 0n, 0n])
  })

  test('of so few owners that each has more than its share gives each the same', () => {
    const [, byOwner] = COUNTS
    const weights = byOwner?.([voice('a', 1, 700), voice('b', 1, 200), voice('c', 1, 100)]) ?? []
    expect(new Set(weights).size).toBe(1)
  })

  test.each([1, 2, 5, 17])(
    'an owner weighs at most a quarter when there are five or more (%d times the others)',
    factor => {
      const [, byOwner] = COUNTS
      const voices = [voice('a', 1, 100 * factor), voice('a', 1, 50 * factor), ...many(6, i => voice(`s-${i}`, 1, 100))]
      const weights = byOwner?.(voices) ?? []
      const total = weights.reduce((a, b) => a + b, 0n)
      expect(Number((weights[0] ?? 0n) + (weights[1] ?? 0n)) / Number(total)).toBeLessThanOrEqual(0.25)
    },
  )

  test.each(ATTACKS)('holds against %s, for which count %d is needed', (_what, needed, voices) => {
    expect(medianFloor(voices)).toBe(BigInt(HONEST))
    expect(
      medianFloor(
        voices,
        COUNTS.filter((_, index) => index !== needed),
      ),
    ).toBe(BigInt(CARTEL))
  })

  test('never exceeds the dearest floor of a group with half of the devices, whatever the others claim', () => {
    const capacity = fc.bigInt(0n, 10n ** 18n)
    const owner = fc.integer({ min: 0, max: 30 }).map(i => ownerName(`o-${i}`))
    const honest = fc.record({ owner, floorMicro: fc.bigInt(1n, 1_000n), capacity })
    const cartel = fc.record({ owner, floorMicro: fc.bigInt(1_001n, 10n ** 12n), capacity })
    const sides = fc.array(fc.tuple(honest, cartel), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(sides, pairs => {
        expect((medianFloor(pairs.flat()) ?? 0n) <= 1_000n).toBe(true)
      }),
    )
  })

  test('never exceeds the dearest floor of a group with half of the capacity, however many the others are', () => {
    const honest = fc.array(
      fc.record({ floor: fc.integer({ min: 1, max: 1_000 }), capacity: fc.integer({ min: 1, max: 1_000 }) }),
      { minLength: 1, maxLength: 8 },
    )
    const count = fc.integer({ min: 1, max: 200 })
    fc.assert(
      fc.property(honest, count, (group, others) => {
        const total = group.reduce((sum, { capacity }) => sum + capacity, 0)
        const mine = group.map(({ floor, capacity }) => voice('ann', floor, capacity * others))
        const theirs = many(others, i => voice(`n-${i}`, 5_000, total))
        expect((medianFloor([...mine, ...theirs]) ?? 0n) <= 1_000n).toBe(true)
      }),
    )
  })
})
