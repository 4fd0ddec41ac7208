import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TokenBucket } from '../../../coordinator/token-bucket.ts'

describe('a token bucket', () => {
  test('gives a burst, then so many a second', () => {
    const bucket = new TokenBucket(10, 3, 1_000)
    expect([1, 2, 3, 4].map(() => bucket.take(1, 1_000))).toEqual([true, true, true, false])
    expect(bucket.waitMs(1, 1_000)).toBe(100)
    expect(bucket.take(1, 1_099)).toBe(false)
    expect(bucket.take(1, 1_100)).toBe(true)
    expect(bucket.take(1, 1_100)).toBe(false)
  })

  test('holds no more than its burst, however long it is quiet', () => {
    const bucket = new TokenBucket(10, 3, 0)
    expect(bucket.take(4, 3_600_000)).toBe(false)
    expect(bucket.take(3, 3_600_000)).toBe(true)
    expect(bucket.take(1, 3_600_000)).toBe(false)
  })

  test('takes nothing when it refuses', () => {
    const bucket = new TokenBucket(1, 2, 0)
    expect(bucket.take(3, 0)).toBe(false)
    expect(bucket.take(2, 0)).toBe(true)
  })

  test('can be in debt for what has happened, and says how long', () => {
    const bucket = new TokenBucket(100, 10, 0)
    bucket.spend(60, 0)
    expect([bucket.waitMs(0, 0), bucket.waitMs(10, 0)]).toEqual([500, 600])
    expect(bucket.take(1, 499)).toBe(false)
    expect([bucket.waitMs(0, 500), bucket.take(1, 510)]).toEqual([0, true])
  })

  test('is not refilled by a clock that stands or goes back', () => {
    const bucket = new TokenBucket(1_000, 1, 1_000)
    expect([bucket.take(1, 1_000), bucket.take(1, 1_000), bucket.take(1, 0)]).toEqual([true, false, false])
    expect(bucket.take(1, 1_001)).toBe(true)
  })

  test('never lets more pass than a burst and its rate, whatever is asked when', () => {
    const steps = fc.array(fc.record({ waitMs: fc.nat(500), tokens: fc.integer({ min: 1, max: 20 }) }), {
      maxLength: 200,
    })
    fc.assert(
      fc.property(steps, asked => {
        const bucket = new TokenBucket(50, 20, 0)
        let now = 0
        let passed = 0
        for (const { waitMs, tokens } of asked) {
          now += waitMs
          if (bucket.take(tokens, now)) passed += tokens
          expect(passed).toBeLessThanOrEqual(20 + (now * 50) / 1_000 + 1e-6)
        }
      }),
    )
  })
})
