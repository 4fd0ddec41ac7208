import { describe, expect, it } from 'vitest'
import { RegionTime } from '../../../../device/sampling/region-time.ts'
import type { BootRow } from '../../../../device/store/index.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const HOUR_MS = 3_600_000
const NOON_MS = 1_800_000_000_000

/** A clock whose wall time is wrong by years. */
class LyingClock extends VirtualClock {
  override wallMs(): number {
    return -62_135_596_800_000
  }
}

function boot(machine: string, rows: readonly BootRow[] = [], clock = new LyingClock(), aheadMs = 0) {
  return { clock, time: new RegionTime(clock, { machine, aheadMs }, rows) }
}

describe('region time', () => {
  it('is unknown until a region tells it, and moments are of the boot', () => {
    const { time } = boot('a')
    expect(time.isKnown).toBe(false)
    expect(time.now).toEqual({ boot: 1, ms: 0 })
    expect(time.resolve(time.now)).toBeNull()
  })

  it('is in the middle of the round trip, and as uncertain as half of it', async () => {
    const { clock, time } = boot('a')
    await clock.advance(1_000)
    expect(time.learn(NOON_MS, 80)).toBe(0)
    expect(time.now).toEqual({ boot: 0, ms: NOON_MS + 40 })
    expect(time.uncertaintyMs).toBe(41)
    expect(time.resolve({ boot: 1, ms: 0 })).toEqual({ ms: NOON_MS - 960, uncertaintyMs: 42 })
  })

  it('grows more uncertain by a ten-thousandth of the time since', async () => {
    const { clock, time } = boot('a')
    time.learn(NOON_MS, 0)
    await clock.advance(HOUR_MS)
    expect(time.uncertaintyMs).toBe(361)
    expect(time.now.ms).toBe(NOON_MS + HOUR_MS)
  })

  it('keeps a better answer, and takes one that contradicts it', async () => {
    const { clock, time } = boot('a')
    time.learn(NOON_MS, 10)
    await clock.advance(10_000)
    expect(time.learn(NOON_MS + 10_000, 500)).toBe(0)
    expect(time.uncertaintyMs).toBe(7)
    await clock.advance(HOUR_MS)
    expect(time.learn(NOON_MS + 10_000 + HOUR_MS + 200, 10)).toBe(200)
    expect(time.uncertaintyMs).toBe(6)
    expect(time.learn(NOON_MS, 10)).toBe(-HOUR_MS - 10_200)
  })

  it('goes on over a restart of the program, not of the machine', async () => {
    const first = boot('a')
    first.time.learn(NOON_MS, 10)
    const rows = first.time.unsaved()
    // The clock of the program starts at 0 again; the machine's goes on.
    const second = boot('a', rows, new LyingClock(), 60_000)
    expect(second.time.now).toEqual({ boot: 0, ms: NOON_MS + 60_005 })
    expect(second.time.bootId).toBe(1)
    const third = boot('b', rows)
    expect(third.time.now).toEqual({ boot: 2, ms: 0 })
  })

  it('puts a boot that never learnt it between what was known before and after', async () => {
    const known = boot('a')
    known.time.learn(NOON_MS, 0)
    await known.clock.advance(HOUR_MS)
    const blind = boot('b', known.time.unsaved())
    await blind.clock.advance(HOUR_MS / 2)
    const rows = [...known.time.unsaved(), ...blind.time.unsaved()]
    const later = boot('c', rows)
    expect(later.time.resolve({ boot: 2, ms: 0 })).toBeNull()
    await later.clock.advance(1_000)
    later.time.learn(NOON_MS + 5 * HOUR_MS, 0)
    const moment = later.time.resolve({ boot: 2, ms: 60_000 })
    // It began between 1 h and 4.5 h after noon.
    expect(moment?.ms).toBeGreaterThan(NOON_MS + 2.7 * HOUR_MS)
    expect(moment?.ms).toBeLessThan(NOON_MS + 2.8 * HOUR_MS)
    expect(moment?.uncertaintyMs).toBeGreaterThan(1.74 * HOUR_MS)
    expect(moment?.uncertaintyMs).toBeLessThan(1.76 * HOUR_MS)
    expect(later.time.isExact({ boot: 2, ms: 0 })).toBe(false)
    expect(later.time.isExact({ boot: 3, ms: 0 })).toBe(true)
  })

  it('says no more than a frame can when years are missing', () => {
    const known = boot('a')
    known.time.learn(NOON_MS, 0)
    const blind = boot('b', known.time.unsaved())
    const later = boot('c', [...known.time.unsaved(), ...blind.time.unsaved()])
    later.time.learn(NOON_MS + 20_000 * HOUR_MS, 0)
    expect(later.time.resolve({ boot: 2, ms: 0 })?.uncertaintyMs).toBe(2 ** 32 - 1)
  })
})
