import { describe, expect, test } from 'vitest'
import { runCampaign } from './campaign.ts'
import { FUEL } from './rules.ts'

/** Another each day, so that every day's tests meet other modules, and printed, so that they can be met again. */
const seed = Math.floor(Date.now() / 86_400_000)
console.info(`Random modules of seed ${seed}; many more with node test/differential/main.ts --seed ${seed}`)

/** Ten times what it takes, for a busy machine. */
const TIMEOUT_MS = 200_000

describe('random modules', { timeout: TIMEOUT_MS }, () => {
  test('cost what the rules say and do what they do unmetered [FUEL-1.1] [FUEL-1.2] [FUEL-5.2] [NAN-1.1] [END-1.2] [END-1.3]', async () => {
    const { failure, endings, executed } = await runCampaign({ kind: 'generated', seed, count: 2_000 })
    expect(failure).toBeNull()
    // They are worth something: most run to their end, every instruction runs, and every ending is met.
    expect(endings.ok).toBeGreaterThan(1_000)
    expect([...FUEL.keys()].filter(opcode => !executed.includes(opcode))).toEqual([])
    expect(Object.keys(endings).sort()).toEqual(
      expect.arrayContaining([
        'divide_by_zero',
        'exit',
        'integer_overflow',
        'memory_out_of_bounds',
        'out_of_fuel',
        'table_or_call',
        'unreachable',
      ]),
    )
  })

  test('that recur without end exhaust the stack at the same call [STACK-1.1] [STACK-1.2]', async () => {
    const { failure, endings } = await runCampaign({ kind: 'recursive', seed, count: 120 })
    expect(failure).toBeNull()
    expect(endings.stack_exhausted).toBeGreaterThan(50)
  })

  test("of Binaryen's generator cost and do the same [FUEL-1.1] [NAN-1.1]", async () => {
    const { failure, endings } = await runCampaign({ kind: 'binaryen', seed, count: 300 })
    expect(failure).toBeNull()
    expect((endings.ok ?? 0) + (endings.unreachable ?? 0)).toBeGreaterThan(200)
  })
})
