import { describe, expect, test } from 'vitest'
import { mergeSeries } from '../../../../coordinator/outputs/readings/merge.ts'
import type { Reading, Series } from '../../../../coordinator/outputs/readings/reading.ts'
import { ReadingsReader, type TimeRange } from '../../../../coordinator/outputs/readings/readings-reader.ts'
import { Verdicts, verdictText } from '../../../../coordinator/outputs/readings/verdicts.ts'
import { Work } from '../../../../coordinator/outputs/readings/work.ts'
import { flag } from '../../../../protocol/index.ts'
import { DEVICES } from '../../../support/rows.ts'
import { CAMPAIGNS } from '../../../support/sensing-rows.ts'
import { MORNING_MS, StoredReadings } from '../../../support/stored-readings.ts'

const [device, otherDevice] = DEVICES
const [campaign, otherCampaign] = CAMPAIGNS
const PM = [{ quantity: 'pm2.5', unit: 'ug/m3', exponent: -1 }]
const MINUTE_MS = 60_000

function world(): { stored: StoredReadings; series: Series } {
  const stored = new StoredReadings()
  stored.device(device, 'shed')
  stored.device(otherDevice, 'gate')
  return { stored, series: { sensor: stored.sensor(device, 'sds011', PM), quantity: 'pm2.5' } }
}

function readerOf(stored: StoredReadings, max?: number): ReadingsReader {
  return new ReadingsReader(stored.source(), new Work(max))
}

function read(stored: StoredReadings, series: Series, range: TimeRange = {}, newestFirst = false): Reading[] {
  return [...readerOf(stored).blocks(series, range, newestFirst)].flat()
}

describe('reading a series', () => {
  test('gives what a frame says, with its times and its faults', () => {
    const { stored, series } = world()
    const { sensor } = series
    stored.frame({
      ...{ device, sensor, quantity: 'pm2.5', fromMs: MORNING_MS, values: [123, null, 125] },
      ...{ receivedAtMs: MORNING_MS + 200_000, uncertaintyMs: 7 },
      faults: [{ channel: 0, first: 1, count: 1, fault: 'fan_dead' }],
    })
    const common = {
      ...{ exponent: -1, unit: 'ug/m3', spread: null, device, periodMs: MINUTE_MS },
      ...{ uncertaintyMs: 7, receivedAtMs: MORNING_MS + 200_000, frame: 1 },
    }
    expect(read(stored, series)).toEqual([
      { ...common, atMs: MORNING_MS, scaled: 123, fault: null },
      { ...common, atMs: MORNING_MS + MINUTE_MS, scaled: null, fault: 'fan_dead' },
      { ...common, atMs: MORNING_MS + 2 * MINUTE_MS, scaled: 125, fault: null },
    ])
  })

  test('gives the mean of statistics, and the spread beside it', () => {
    const { stored, series } = world()
    stored.frame({ device, ...series, fromMs: MORNING_MS, values: [[120, 110, 130, 15]] })
    const [reading] = read(stored, series)
    expect(reading).toMatchObject({ scaled: 120, spread: { least: 110, greatest: 130, samples: 15 } })
  })

  test('is in order whichever frames overlap, newest first as well', () => {
    const { stored, series } = world()
    const at = (minutes: number) => MORNING_MS + minutes * MINUTE_MS
    // One frame a minute for an hour, and across them one that has a reading each ten minutes, half a minute apart.
    for (let minute = 59; minute >= 0; minute--)
      stored.frame({ device, ...series, fromMs: at(minute), values: [minute] })
    const sparse = { fromMs: at(0) + 30_000, periodMs: 10 * MINUTE_MS, values: [900, 901, 902, 903, 904, 905] }
    stored.frame({ device, ...series, ...sparse })
    const all = read(stored, series)
    expect(all).toHaveLength(66)
    expect(all.map(({ atMs }) => atMs)).toEqual(all.map(({ atMs }) => atMs).toSorted((a, b) => a - b))
    expect(read(stored, series, {}, true)).toEqual(all.toReversed())
    const range = { fromMs: at(20), toMs: at(31) }
    const inside = all.filter(({ atMs }) => atMs >= range.fromMs && atMs < range.toMs)
    expect(inside).toHaveLength(13)
    expect(read(stored, series, range)).toEqual(inside)
    expect(read(stored, series, range, true)).toEqual(inside.toReversed())
  })

  test('takes what was received first about a moment', () => {
    const { stored, series } = world()
    stored.frame({ device, ...series, fromMs: MORNING_MS + MINUTE_MS, values: [2, 3] })
    stored.frame({ device, ...series, fromMs: MORNING_MS, values: [1, 99, 99, 4] })
    expect(read(stored, series).map(({ scaled }) => scaled)).toEqual([1, 2, 3, 4])
    expect(readerOf(stored).at(series, MORNING_MS + MINUTE_MS)?.scaled).toBe(2)
    expect(readerOf(stored).at(series, MORNING_MS + 1)).toBeNull()
  })

  test('passes years without readings, and cuts blocks that hold too many', () => {
    const { stored, series } = world()
    const year = 365 * 86_400_000
    stored.frame({ device, ...series, fromMs: MORNING_MS - 5 * year, values: [1] })
    const dense = Array.from({ length: 4_096 }, (_, index) => index)
    for (let part = 0; part < 5; part++) {
      stored.frame({ device, ...series, fromMs: MORNING_MS + part * 4_096, periodMs: 1, values: dense })
    }
    stored.frame({ device, ...series, fromMs: MORNING_MS + 5 * year, values: [2] })
    const blocks = [...readerOf(stored, Number.POSITIVE_INFINITY).blocks(series, {})]
    expect(blocks.flat()).toHaveLength(5 * 4_096 + 2)
    expect(Math.max(...blocks.map(block => block.length))).toBeLessThanOrEqual(8_192)
    expect(blocks.length).toBeLessThan(100)
    expect(read(stored, series, {}, true)).toEqual(blocks.flat().toReversed())
  })

  test('stops a request that would decode too much', () => {
    const { stored, series } = world()
    for (let hour = 0; hour < 10; hour++) {
      stored.frame({
        device,
        ...series,
        fromMs: MORNING_MS + hour * 3_600_000,
        values: Array.from({ length: 60 }, () => 1),
      })
    }
    const work = new Work(100)
    const reader = new ReadingsReader(stored.source(), work)
    const blocks = reader.blocks(series, {})[Symbol.iterator]()
    blocks.next()
    expect(work.isSpent).toBe(false)
    expect(() => [...reader.blocks(series, {})]).toThrow('narrow phenomenonTime')
    expect(work.isSpent).toBe(true)
  })

  test('merges series by time, in either direction', () => {
    const { stored, series } = world()
    const other = { sensor: stored.sensor(otherDevice, 'pms5003', PM), quantity: 'pm2.5' }
    stored.frame({ device, ...series, fromMs: MORNING_MS, values: [1, 3, 5] })
    stored.frame({ device: otherDevice, ...other, fromMs: MORNING_MS + 30_000, values: [2, 4] })
    stored.frame({ device: otherDevice, ...other, fromMs: MORNING_MS + 2 * MINUTE_MS, values: [6] })
    const merged = (newestFirst: boolean) =>
      [...mergeSeries(readerOf(stored), [series, other], {}, newestFirst)].flatMap(step => step?.reading.scaled ?? [])
    expect(merged(false)).toEqual([1, 2, 3, 4, 5, 6])
    expect(merged(true)).toEqual([5, 6, 4, 3, 2, 1])
  })
})

describe('verdicts', () => {
  const judged = (stored: StoredReadings, series: Series) => {
    const reader = readerOf(stored)
    const verdicts = new Verdicts(stored.source(), reader)
    return [...reader.blocks(series, {})].flat().map(reading => verdictText(verdicts.flagsOf(series, reading)))
  }

  test('go to the readings they are about', () => {
    const { stored, series } = world()
    stored.campaign(campaign, 'pm2.5')
    stored.frame({ device, ...series, fromMs: MORNING_MS - MINUTE_MS, values: [1, 2, null, 4] })
    stored.judge(campaign, MORNING_MS, { sensor: series.sensor, device }, [
      0,
      flag('missing'),
      flag('jump') | flag('isolated'),
    ])
    expect(judged(stored, series)).toEqual(['unverified', 'accepted', 'missing', 'jump+isolated'])
  })

  test('of several campaigns are told together', () => {
    const { stored, series } = world()
    stored.campaign(campaign, 'pm2.5')
    stored.campaign(otherCampaign, 'pm2.5', 3_600_000)
    stored.frame({ device, ...series, fromMs: MORNING_MS, values: [1] })
    stored.judge(campaign, MORNING_MS, { sensor: series.sensor, device }, [flag('isolated')])
    stored.judge(otherCampaign, MORNING_MS, { sensor: series.sensor, device }, [flag('range')])
    expect(judged(stored, series)).toEqual(['range+isolated'])
  })

  test('say nothing about what came after the judgement, or from another device', () => {
    const { stored, series } = world()
    stored.campaign(campaign, 'pm2.5')
    stored.frame({ device, ...series, fromMs: MORNING_MS, values: [1, 2] })
    stored.judge(campaign, MORNING_MS, { sensor: series.sensor, device }, [flag('isolated'), 0])
    stored.frame({ device, ...series, fromMs: MORNING_MS + 2 * MINUTE_MS, values: [3] })
    stored.frame({ device: otherDevice, ...series, fromMs: MORNING_MS + 3 * MINUTE_MS, values: [4] })
    expect(judged(stored, series)).toEqual(['accepted+isolated', 'accepted', 'unverified', 'unverified'])
  })

  test('that do not fit the readings are not guessed at', () => {
    const { stored, series } = world()
    stored.campaign(campaign, 'pm2.5')
    stored.frame({ device, ...series, fromMs: MORNING_MS, values: [1, 2] })
    stored.judge(campaign, MORNING_MS, { sensor: series.sensor, device }, [flag('range')])
    expect(judged(stored, series)).toEqual(['unverified', 'unverified'])
  })
})
