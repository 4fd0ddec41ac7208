import { describe, expect, it } from 'vitest'
import { CommitPace } from '../../../coordinator/commit-pace.ts'

/** Steps come without a pause: each commit as soon as it may. @returns when each began */
function underLoad(
  pace: CommitPace,
  { fromMs = 0, commitMs, count }: { fromMs?: number; commitMs: number; count: number },
) {
  const starts: number[] = []
  for (let nowMs = fromMs; starts.length < count; nowMs += commitMs) {
    nowMs += pace.waitMs(nowMs)
    starts.push(nowMs)
    pace.committed(nowMs, nowMs + commitMs)
  }
  return starts
}

describe('the pace of commits', () => {
  it('lets four come at once, and keeps 2 ms from the end of one to the next after that', () => {
    const starts = underLoad(new CommitPace(), { commitMs: 1, count: 7 })
    expect(starts).toEqual([0, 1, 2, 3, 6, 9, 12])
  })

  it('keeps that distance under load for as long as it lasts, however slow the disk', () => {
    for (const commitMs of [0.5, 1, 30]) {
      const starts = underLoad(new CommitPace(), { commitMs, count: 1_000 })
      const distances = starts.slice(5).map((start, index) => start - (starts[index + 4] ?? 0))
      expect(Math.min(...distances)).toBeCloseTo(commitMs + 2, 6)
    }
  })

  it('earns one for every 10 ms of quiet, and no more than four', () => {
    const atOnceAfter = (quietMs: number) => {
      const pace = new CommitPace()
      const tiredMs = underLoad(pace, { commitMs: 0, count: 50 }).at(-1) ?? 0
      const starts = underLoad(pace, { fromMs: tiredMs + quietMs, commitMs: 0, count: 10 })
      return starts.filter(start => start === tiredMs + quietMs).length
    }
    expect([20, 30, 50, 10_000].map(atOnceAfter)).toEqual([2, 3, 4, 4])
  })

  it('waits no longer than what is left of the distance', () => {
    const pace = new CommitPace()
    underLoad(pace, { commitMs: 0, count: 4 })
    expect(pace.waitMs(0)).toBe(2)
    expect(pace.waitMs(1.5)).toBe(0.5)
    expect(pace.waitMs(5)).toBe(0)
  })
})
