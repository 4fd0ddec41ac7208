import { expect, test } from 'vitest'
import { crash } from '../crash/engine.ts'

/** A busy machine takes a minute for what takes ten seconds otherwise. */
const TIMEOUT_MS = 240_000

test(
  '[STORE-1.2] a coordinator and devices are killed three times and nothing of value is lost',
  async () => {
    const seed = `test-${Date.now()}`
    const { problems, coordinatorKills, deviceKills, jobs, log } = await crash({ kills: 3, seed, say: () => {} })
    expect(problems, `seed ${seed}`).toEqual([])
    expect(coordinatorKills + deviceKills).toBeGreaterThanOrEqual(3)
    expect(jobs).toBeGreaterThan(0)
    expect(log.entries).toBeGreaterThan(jobs)
    expect(log.checkpointsSeen).toBeGreaterThan(0)
  },
  TIMEOUT_MS,
)
