import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decayedChecks, HALF_LIFE_MS } from '../../../../coordinator/reputation/index.ts'

describe('checks of the past', () => {
  test.each([
    [0, 100, 0],
    [100, 0, 100],
    [100, 1, 50],
    [100, 2, 25],
    [64, 6, 1],
    [64, 7, 0],
    [1, 0.99, 1],
    [1, 1, 0],
    [41, 1 / 90, 41],
    [41, 4 / 90, 40],
  ])('%d, after %d half-lives, are %d', (checks, halfLives, left) => {
    // Rounding to whole milliseconds, once for each check that is lost.
    expect(decayedChecks(checks, halfLives * HALF_LIFE_MS + (left < checks ? checks : 0)).checks).toBe(
      halfLives === 100 ? 0 : left,
    )
  })

  test('it makes no difference how often it is asked [REP-1.2]', () => {
    const steps = fc.array(fc.integer({ min: 0, max: HALF_LIFE_MS / 2 }), { maxLength: 60 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_000 }), steps, (checks, times) => {
        let left = checks
        let carriedMs = 0
        for (const elapsedMs of times) {
          const { checks: now, usedMs } = decayedChecks(left, carriedMs + elapsedMs)
          left = now
          carriedMs += elapsedMs - usedMs
          expect(carriedMs).toBeGreaterThanOrEqual(0)
        }
        const totalMs = times.reduce((a, b) => a + b, 0)
        expect(left).toBe(decayedChecks(checks, totalMs).checks)
      }),
    )
  })

  test('never grow', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 500 }),
        fc.integer({ min: 0, max: 10 * HALF_LIFE_MS }),
        (checks, elapsedMs) => {
          const decayed = decayedChecks(checks, elapsedMs)
          expect(decayed.checks).toBeLessThanOrEqual(checks)
          expect(decayed.usedMs).toBeLessThanOrEqual(elapsedMs)
          expect(decayedChecks(checks, elapsedMs + 1_000_000).checks).toBeLessThanOrEqual(decayed.checks)
        },
      ),
    )
  })
})
