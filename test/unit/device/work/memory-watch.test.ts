import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { residentBytes } from '../../../../device/work/kernel-tools.ts'
import { watchMemory } from '../../../../device/work/memory-watch.ts'
import { manualClock } from '../../../support/manual-clock.ts'

const PERIOD_MS = 100
const hasProc = existsSync('/proc/self/status')
if (!hasProc) console.warn('SKIPPED: the memory watch, since there is no /proc here.')

describe.skipIf(!hasProc)('the memory watch', () => {
  test('reports a process over its ceiling once', async () => {
    const clock = manualClock()
    const { promise, resolve } = Promise.withResolvers<number>()
    watchMemory(clock, process.pid, 1_048_576, resolve)
    await clock.fire(PERIOD_MS)
    expect(await promise).toBeGreaterThan(1_048_576)
  })

  test('keeps looking at one below it', async () => {
    const clock = manualClock()
    const stop = watchMemory(clock, process.pid, Number.MAX_SAFE_INTEGER, () => expect.unreachable())
    for (let look = 0; look < 3; look++) await clock.fire(PERIOD_MS)
    stop()
  })

  test('knows nothing of a process that is not there', async () => {
    expect(await residentBytes(2 ** 30)).toBeNull()
  })
})
