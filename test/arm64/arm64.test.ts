import { beforeAll, describe, expect, test } from 'vitest'
import { corpus } from './corpus.ts'
import { arm64Machine, HOST, type Machine } from './machine.ts'
import { type CorpusResult, meteredOf, resultsOn } from './results.ts'

/** An emulated processor on a busy machine. */
const TIMEOUT_MS = 300_000

const arm64 = arm64Machine()
if (typeof arm64 === 'string') console.warn(`SKIPPED: the comparison with arm64, since ${arm64}.`)

describe('a corpus of kernels, examples, NaN probes and random modules', () => {
  const cases = corpus()
  let x64: readonly CorpusResult[] = []

  beforeAll(async () => {
    x64 = await resultsOn(HOST, cases, AbortSignal.timeout(TIMEOUT_MS))
  }, TIMEOUT_MS)

  test('costs and answers the same in a fresh process [FUEL-1.2] [END-1.1]', async ({ signal }) => {
    expect(x64.map(({ name }) => name)).toEqual(cases.map(({ name }) => name))
    expect(await resultsOn(HOST, cases, signal)).toEqual(x64)
    // The shapes agree, and the corpus is worth something.
    expect(x64.filter(({ metered, exact }) => JSON.stringify(metered) !== JSON.stringify(exact))).toEqual([])
    const endings = new Set(x64.map(({ metered }) => metered.ending))
    expect([...endings]).toEqual(expect.arrayContaining(['ok', 'out_of_fuel', 'stack_exhausted', 'table_or_call']))
    expect(x64.filter(({ name, metered }) => /^(kernel|example)/.test(name) && metered.ending !== 'ok')).toEqual([])
  })

  test.skipIf(typeof arm64 === 'string')(
    'costs and answers the same on arm64, NaNs included, where plain modules differ [NAN-1.1]',
    async ({ signal }) => {
      const other = await resultsOn(arm64 as Machine, cases, signal)
      expect(meteredOf(other)).toEqual(meteredOf(x64))
      // Without metering, 0 / 0 alone tells one processor from the other.
      const different = x64.filter(({ plain }, index) => plain?.digest !== other[index]?.plain?.digest)
      expect(different.map(({ name }) => name)).toContain('NaN: 0 / 0')
    },
    TIMEOUT_MS,
  )
})
