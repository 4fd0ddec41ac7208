/** What owners with 40 % of the capacity who act as one can do to the price: lift it to a fifth above what honest owners ask, and no more. */
import { describe, expect, test } from 'vitest'
import { HONEST_FLOOR, runCartel, STRATEGIES, STRUCTURES } from './pricing/cartel.ts'

const BOUND = (HONEST_FLOOR * 12n) / 10n

const highest = (path: readonly bigint[]): bigint => path.reduce((a, b) => (a > b ? a : b))

/** Without a majority in at least one of the three counts. */
const cases = STRUCTURES.flatMap(structure =>
  STRATEGIES.filter(({ feigns }) => !(feigns && structure.isMany)).map(strategy => ({ structure, strategy })),
)

describe('a cartel of 40 % of the capacity cannot push the price above the honest floor plus 20 % [PRICE-1.3]', () => {
  test.each(cases)('$structure.name: $strategy.name', ({ structure, strategy }) => {
    expect(highest(runCartel(structure, strategy, 'equal', 'cartel').path)).toBeLessThanOrEqual(BOUND)
  })

  test.each(STRATEGIES)(
    'nor where honest owners ask nothing, and so count with the starting price: $name',
    strategy => {
      const [structure] = STRUCTURES as [(typeof STRUCTURES)[number]]
      expect(highest(runCartel(structure, strategy, 'silent', 'cartel').path)).toBeLessThanOrEqual(BOUND)
    },
  )

  test.each(STRATEGIES)('nor above the dearest of them where their floors differ: $name', strategy => {
    const structure = STRUCTURES[1] as (typeof STRUCTURES)[number]
    expect(highest(runCartel(structure, strategy, 'spread', 'cartel').path)).toBeLessThanOrEqual(BOUND)
  })

  test.each(['1', '2', '3', '4'])('nor by chance (%s)', seed => {
    const strategy = STRATEGIES.at(-1) as (typeof STRATEGIES)[number]
    for (const structure of STRUCTURES.filter(({ isMany }) => !isMany)) {
      expect(highest(runCartel(structure, strategy, 'equal', seed).path)).toBeLessThanOrEqual(BOUND)
    }
  })
})

test('the cartels do try: without the bound demand would carry the price higher', () => {
  const [structure] = STRUCTURES as [(typeof STRUCTURES)[number]]
  const reached = STRATEGIES.map(strategy => highest(runCartel(structure, strategy, 'equal', 'cartel').path))
  expect(reached.filter(price => price === BOUND).length).toBeGreaterThan(STRATEGIES.length / 2)
})

test('known limit: most devices under most names, and work that is feigned, are a majority in every count', () => {
  const structure = STRUCTURES.find(({ isMany }) => isMany) as (typeof STRUCTURES)[number]
  const strategy = STRATEGIES.find(({ feigns }) => feigns) as (typeof STRATEGIES)[number]
  expect(highest(runCartel(structure, strategy, 'equal', 'cartel').path)).toBeGreaterThan(BOUND)
})
