import { expect, it } from 'vitest'
import { plausibleElapsedMs } from '../../../../coordinator/scheduling/elapsed.ts'

it.each<[what: string, claimedMs: number, turnaroundMs: number, queuedMs: number, elapsedMs: number]>([
  ['a device that is believed', 900, 1_000, 0, 900],
  ['one that waited for its other work first', 100, 2_100, 2_000, 100],
  ['one behind a slow line', 100, 700, 0, 100],
  ['one that claims no time at all', 0, 4_000, 0, 500],
  ['one that claims no time, while it says it was busy otherwise', 0, 4_000, 2_400, 200],
  ['one that took less than was expected of its other work', 0, 100, 2_000, 0],
])('[SCHED-1.6] of %s', (_what, claimedMs, turnaroundMs, queuedMs, elapsedMs) => {
  expect(plausibleElapsedMs(claimedMs, turnaroundMs, queuedMs)).toBe(elapsedMs)
})
