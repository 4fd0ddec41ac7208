import { describe, expect, test } from 'vitest'
import { assess, type Seen } from '../../../../coordinator/pricing/assess.ts'
import { ownerName } from '../../../../protocol/index.ts'

const ann = ownerName('ann')
const supply = (...offers: [floor: number, offeredMs: number][]): Seen['supply'] =>
  offers.map(([floor, offeredMs]) => ({ floorMicro: BigInt(floor), offeredMs }))
const seen = (change: Partial<Seen>): Seen => ({ asking: [], supply: [], willingMs: 0, busyMs: 0, ...change })
const situation = (change: Partial<Seen>) => assess(seen(change), 500n, 5_000n)

describe('what a price depends on', () => {
  test('with nobody there', () => {
    expect(situation({})).toEqual({
      utilisationBasisPoints: null,
      medianMicro: 500n,
      ceilingMicro: 600n,
      groundMicro: 1n,
      floors: 0,
      isChecked: false,
    })
  })

  test.each([
    ['the part of what is on offer that was at work', 40, 10, 2_500n],
    ['never more than all of it', 40, 50, 10_000n],
  ])('utilisation is %s', (_what, willingMs, busyMs, use) => {
    expect(situation({ willingMs, busyMs, supply: supply([0, 40]) }).utilisationBasisPoints).toBe(use)
  })

  test('when all that are there ask more, it is as if all were taken', () => {
    expect(situation({ supply: supply([900, 40]) }).utilisationBasisPoints).toBe(10_000n)
  })

  test('a device that asks nothing counts with the starting price', () => {
    const asking = [0n, 0n, 9_000n].map((floorMicro, i) => ({ owner: ownerName(`o-${i}`), floorMicro, proven: 1 }))
    expect(situation({ asking })).toMatchObject({ medianMicro: 500n, floors: 1 })
  })

  test('a device that proved nothing counts as a device only', () => {
    const asking = [
      { owner: ann, floorMicro: 700n, proven: 5 },
      { owner: ann, floorMicro: 900n, proven: 0 },
      { owner: ann, floorMicro: 900n, proven: 0 },
    ]
    expect(situation({ asking }).medianMicro).toBe(700n)
  })

  test('where some have been checked only that counts, however much the others have proven', () => {
    const asking = [
      { owner: ownerName('ann'), floorMicro: 700n, proven: 1, checked: 60 },
      { owner: ownerName('bob'), floorMicro: 900n, proven: 1_000, checked: 40 },
      { owner: ownerName('cat'), floorMicro: 100n, proven: 2_000, checked: 0 },
    ]
    expect(situation({ asking })).toMatchObject({ medianMicro: 700n, isChecked: true })
    const unchecked = asking.map(one => ({ ...one, checked: 0 }))
    expect(situation({ asking: unchecked })).toMatchObject({ medianMicro: 100n, isChecked: false })
  })

  // Half is aimed at, so twice the busy time has to be on offer.
  test.each([
    ['nothing was at work', 0, 100n],
    ['the cheapest can carry it', 20, 100n],
    ['the next are needed', 21, 200n],
    ['all are needed', 61, 300n],
    ['all together could not', 500, 300n],
  ])('the ground is the lowest floor that demand needs: %s', (_what, busyMs, ground) => {
    const offers = supply([300, 40], [100, 40], [200, 60], [50, 0])
    expect(situation({ busyMs, willingMs: 1, supply: offers }).groundMicro).toBe(ground)
  })
})
