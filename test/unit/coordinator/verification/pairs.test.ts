import { describe, expect, it, test } from 'vitest'
import { drawSpotCheck, juryOdds, Pairs, spotCheckRate } from '../../../../coordinator/verification/index.ts'
import { ownerName, type Random } from '../../../../protocol/index.ts'

const [ann, bob, cat] = ['ann', 'bob', 'cat'].map(ownerName) as [never, never, never]

describe('pairs of owners', () => {
  it('[VERIFY-4.1] are confirmed by a third, and by nobody else', () => {
    const pairs = new Pairs()
    pairs.decided(ann, bob)
    pairs.confirmed([ann, bob])
    expect(pairs.of(bob, ann)).toMatchObject({ alone: 1, confirmed: 0, refuted: 0 })
    pairs.confirmed([ann, cat, bob])
    expect(pairs.of(ann, bob)).toMatchObject({ alone: 1, confirmed: 1 })
    expect(pairs.of(cat, bob)).toMatchObject({ alone: 0, confirmed: 1 })
  })

  it('[VERIFY-4.2] that were wrong together are one voice, and honest ones never', () => {
    const pairs = new Pairs()
    for (let i = 0; i < 1_000; i++) pairs.decided(ann, bob)
    expect(pairs.areOne(ann, bob)).toBe(false)
    pairs.wereWrong([ann])
    expect(pairs.areOne(ann, bob)).toBe(false)
    pairs.wereWrong([cat, ann])
    expect(pairs.areOne(ann, cat)).toBe(true)
    expect(pairs.areOne(ann, bob)).toBe(false)
    expect(pairs.refutedWith(ann)).toEqual([pairs.of(ann, cat)])
    expect(pairs.refutedWith(bob)).toEqual([])
  })

  it('are forgotten when others have met since, unless they were wrong together', () => {
    const pairs = new Pairs()
    pairs.decided(ann, bob)
    pairs.wereWrong([ann, cat])
    for (let i = 0; i < 50_001; i++) pairs.decided(ann, ownerName(`owner${i}`))
    expect(pairs.of(ann, bob)).toBeNull()
    expect(pairs.areOne(ann, cat)).toBe(true)
  })
})

test('[VERIFY-5.1] where devices were caught, more is checked, and less the more checks a device has passed', () => {
  expect(spotCheckRate(41, 0.01)).toBeGreaterThan(spotCheckRate(41))
  const rates = [41, 100, 1_000, 100_000].map(checks => spotCheckRate(checks, 0.2))
  expect(rates).toEqual([0.5, 0.5, expect.closeTo(0.184, 3), 0.05])
  // One device among hundreds changes nothing for those that have long been proven.
  expect(spotCheckRate(1_000, 0.01)).toBe(0.05)
})

test('[VERIFY-5.1] a draw comes out as often as its rate says', () => {
  const drawn = (value: number, checksPassed: number, share?: number) => {
    const random: Random = { bytes: count => new Uint8Array(count), uniform: () => value }
    return drawSpotCheck(random, { row: { checksPassed } }, share)
  }
  expect([drawn(0.0499, 41), drawn(0.05, 41)]).toEqual([true, false])
  expect([drawn(0.0999, 0), drawn(0.1, 0)]).toEqual([true, false])
  expect([drawn(0.499, 41, 0.2), drawn(0.5, 41, 0.2)]).toEqual([true, false])
})

test.each([
  [0.1, 3, false],
  [0.1, 4, true],
  [0.2, 4, false],
  [0.2, 5, true],
])('[VERIFY-2.7] among %d saboteurs a lead of %i owners convicts: %s', (share, lead, convicts) => {
  for (const against of [1, 2, 5]) expect((juryOdds([against + lead, against], share)[1] ?? 1) < 0.001).toBe(convicts)
})
