/** What owners with 40 % of the capacity who act as one can do to the price: lift it to a fifth above what honest owners ask, and no more. */
import { describe, expect, test } from 'vitest'
import { HONEST_FLOOR, OUSTING, runCartel, STRATEGIES, STRUCTURES } from './pricing/cartel.ts'

const BOUND = (HONEST_FLOOR * 12n) / 10n

const highest = (path: readonly bigint[]): bigint => path.reduce((a, b) => (a > b ? a : b))
const lowest = (path: readonly bigint[]): bigint => path.reduce((a, b) => (a < b ? a : b))

const cases = STRUCTURES.flatMap(structure => STRATEGIES.map(strategy => ({ structure, strategy })))
/** Without a majority in at least one of the three counts that are left where nothing is checked. */
const uncheckedCases = cases.filter(
  ({ structure, strategy }) => !strategy.isAtChecks && !(strategy.feigns && structure.isMany),
)
/** Of which the second has most devices under most names. */
const TWO_STRUCTURES = [STRUCTURES[0], STRUCTURES[2]] as (typeof STRUCTURES)[number][]

describe('a cartel of 40 % of the capacity cannot push the price above the honest floor plus 20 % [PRICE-1.3]', () => {
  test.each(cases)('$structure.name: $strategy.name', ({ structure, strategy }) => {
    expect(highest(runCartel(structure, strategy, 'equal', 'cartel').path)).toBeLessThanOrEqual(BOUND)
  })

  test.each(STRATEGIES)(
    'nor where honest owners ask nothing, and so count with the starting price: $name',
    strategy => {
      for (const structure of TWO_STRUCTURES) {
        expect(highest(runCartel(structure, strategy, 'silent', 'cartel').path)).toBeLessThanOrEqual(BOUND)
      }
    },
  )

  test.each(STRATEGIES)('nor above the dearest of them where their floors differ: $name', strategy => {
    for (const structure of TWO_STRUCTURES) {
      expect(highest(runCartel(structure, strategy, 'spread', 'cartel').path)).toBeLessThanOrEqual(BOUND)
    }
  })

  test.each(['1', '2', '3', '4'])('nor by chance (%s)', seed => {
    const strategy = STRATEGIES.at(-1) as (typeof STRATEGIES)[number]
    for (const structure of STRUCTURES) {
      expect(highest(runCartel(structure, strategy, 'equal', seed).path)).toBeLessThanOrEqual(BOUND)
    }
  })

  test.each(uncheckedCases)('nor where the region checks nothing: $structure.name: $strategy.name', one => {
    const { path } = runCartel(one.structure, one.strategy, 'equal', 'cartel', false)
    expect(highest(path)).toBeLessThanOrEqual(BOUND)
  })
})

describe('nor can it press the price below what honest owners ask, so that they have no work [PRICE-1.3]', () => {
  test.each(STRUCTURES.flatMap(structure => OUSTING.map(strategy => ({ structure, strategy }))))(
    '$structure.name: $strategy.name',
    ({ structure, strategy }) => {
      expect(lowest(runCartel(structure, strategy, 'equal', 'cartel').path.slice(1))).toBeGreaterThanOrEqual(
        HONEST_FLOOR,
      )
    },
  )
})

test('the cartels do try: without the bound demand would carry the price higher', () => {
  const [structure] = STRUCTURES as [(typeof STRUCTURES)[number]]
  const reached = STRATEGIES.map(strategy => highest(runCartel(structure, strategy, 'equal', 'cartel').path))
  expect(reached.filter(price => price === BOUND).length).toBeGreaterThan(STRATEGIES.length / 2)
})

test('known limit: where nothing is checked, most devices under most names and feigned work are a majority in every count', () => {
  const structure = STRUCTURES.find(({ isMany }) => isMany) as (typeof STRUCTURES)[number]
  const strategy = STRATEGIES.find(({ feigns }) => feigns) as (typeof STRATEGIES)[number]
  expect(highest(runCartel(structure, strategy, 'equal', 'cartel', false).path)).toBeGreaterThan(BOUND)
})
