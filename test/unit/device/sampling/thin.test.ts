import { describe, expect, it } from 'vitest'
import type { Block } from '../../../../device/sampling/block.ts'
import { thinBlocks, thinnedProfile } from '../../../../device/sampling/thin.ts'
import { type Profile, type SensorId, sensorIdOf } from '../../../../protocol/index.ts'
import { HUMIDITY, TEMPERATURE } from './sampling-world.ts'

const SENSOR: SensorId = sensorIdOf('counter', 'c1')
const MINUTE_MS = 60_000
const profileOf = (periodMs: number, kind: Profile['kind'] = 'sample'): Profile => ({
  periodMs,
  kind,
  channels: [{ sensor: SENSOR, ...TEMPERATURE, calibration: null }],
})
const MINUTES = profileOf(MINUTE_MS)
const QUARTERS = profileOf(15 * MINUTE_MS, 'statistics')

function block(fromMs: number, values: readonly number[], partial: Partial<Block> = {}): Block {
  const columns = [Float64Array.from(values)]
  return { boot: 0, fromMs, uncertaintyMs: 3, count: values.length, columns, faults: [], ...partial }
}

const count = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
const rows = (thinned: Block) => count(0, thinned.count).map(i => thinned.columns.map(column => column[i]))

describe('thinnedProfile', () => {
  it.each([
    [1_000, 15_000],
    [MINUTE_MS, 15 * MINUTE_MS],
    [10_000_000, 80_000_000],
    [43_200_000, 86_400_000],
  ])('of %i ms has %i ms', (periodMs, longMs) => {
    expect(thinnedProfile(profileOf(periodMs))).toEqual(profileOf(longMs, 'statistics'))
  })

  it('ends at a day', () => {
    expect(thinnedProfile(profileOf(43_200_001))).toBeNull()
    expect(thinnedProfile(profileOf(86_400_000))).toBeNull()
  })
})

describe('thinBlocks', () => {
  it('makes a statistic of each long period but the last', () => {
    const thinned = thinBlocks([block(0, count(0, 20)), block(20 * MINUTE_MS, count(20, 40))], MINUTES, QUARTERS)
    expect(thinned).toMatchObject({ fromMs: 0, toMs: 30 * MINUTE_MS, whole: 1, restFrom: 10 })
    expect(thinned?.blocks).toMatchObject([{ boot: 0, fromMs: 0, uncertaintyMs: 3, count: 2, faults: [] }])
    expect(thinned?.blocks.map(rows)).toEqual([
      [
        [7, 0, 14, 15],
        [22, 15, 29, 15],
      ],
    ])
  })

  it('keeps the phase of the readings, and thins what a long period has', () => {
    const fromMs = 7 * MINUTE_MS + 20_000
    const thinned = thinBlocks([block(fromMs, count(0, 10))], MINUTES, QUARTERS)
    expect(thinned).toMatchObject({ fromMs, toMs: 15 * MINUTE_MS + 20_000, whole: 0, restFrom: 8 })
    expect(thinned?.blocks).toMatchObject([{ fromMs: 20_000, count: 1 }])
    expect(thinned?.blocks.map(rows)).toEqual([[[4, 0, 7, 8]]])
  })

  it('has nothing to do within one long period', () => {
    expect(thinBlocks([block(0, count(0, 15))], MINUTES, QUARTERS)).toBeNull()
  })

  it('breaks where a long period is missing', () => {
    const blocks = [block(0, count(0, 3)), block(60 * MINUTE_MS, count(3, 20))]
    const thinned = thinBlocks(blocks, MINUTES, QUARTERS)
    expect(thinned?.blocks).toMatchObject([
      { fromMs: 0, count: 1 },
      { fromMs: 60 * MINUTE_MS, count: 1 },
    ])
    expect(thinned).toMatchObject({ whole: 1, restFrom: 15 })
  })

  it('leaves out what is missing, and says why where all is', () => {
    const values = [...new Array(15).fill(Number.NaN), 1, ...new Array(14).fill(Number.NaN), 5]
    const faults = [{ channel: 0, first: 0, count: 15, fault: 'fan_dead' as const }]
    const thinned = thinBlocks([block(0, values, { faults })], MINUTES, QUARTERS)
    expect(thinned?.blocks.map(rows)).toEqual([
      [
        [Number.NaN, Number.NaN, Number.NaN, Number.NaN],
        [1, 1, 1, 1],
      ],
    ])
    expect(thinned?.blocks[0]?.faults).toEqual([{ channel: 0, first: 0, count: 1, fault: 'fan_dead' }])
  })

  it('thins statistics again, by their weight', () => {
    const columns = [
      Float64Array.of(10, 40, 0),
      Float64Array.of(1, 2, 0),
      Float64Array.of(20, 90, 0),
      Float64Array.of(3, 1, 1),
    ]
    const long = profileOf(30 * MINUTE_MS, 'statistics')
    const thinned = thinBlocks([block(0, [0, 0, 0], { columns })], QUARTERS, long)
    expect(thinned?.blocks.map(rows)).toEqual([[[18, 1, 90, 4]]])
  })

  it('treats each channel by itself', () => {
    const channels = [TEMPERATURE, HUMIDITY].map(channel => ({ sensor: SENSOR, ...channel, calibration: null }))
    const columns = [Float64Array.from(count(0, 16)), Float64Array.from({ length: 16 }, () => Number.NaN)]
    const faults = [{ channel: 1, first: 0, count: 16, fault: 'no_answer' as const }]
    const one = block(0, count(0, 16), { columns, faults })
    const thinned = thinBlocks([one], { ...MINUTES, channels }, { ...QUARTERS, channels })
    expect(thinned?.blocks[0]).toMatchObject({ count: 1, faults: [{ channel: 1, fault: 'no_answer' }] })
    expect(thinned?.blocks.flatMap(rows)[0]?.slice(0, 5)).toEqual([7, 0, 14, 15, Number.NaN])
  })

  it('sums exactly where doubles do not', () => {
    const big = 2 ** 47
    const thinned = thinBlocks([block(0, [...new Array(15).fill(big), 0])], MINUTES, QUARTERS)
    expect(thinned?.blocks.map(rows)).toEqual([[[big, big, big, 15]]])
  })
})
