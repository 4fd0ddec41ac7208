import { describe, expect, test } from 'vitest'
import type { BasePrice, PriceMove } from '../../../../coordinator/http/price-api.ts'
import { historyCsv, historyData, historyWords } from '../../../../dashboard/charts/history.ts'
import { placeInBand, priceData, priceWords } from '../../../../dashboard/charts/price-history.ts'
import type { CellWindow } from '../../../../protocol/index.ts'

const window = (fromMs: number, value: string | null): CellWindow => ({
  cell: 'c',
  fromMs,
  toMs: fromMs + 100,
  revision: 1,
  value,
  least: value,
  greatest: value,
  readings: 4,
  accepted: value === null ? 0 : 4,
  sensors: 1,
})

describe('a history', () => {
  const windows = [window(0, '1.5'), window(100, null), window(300, '-2')]

  test('has a gap where a window is missing, and where one has no value', () => {
    const { timesMs, lines, band } = historyData(windows, '°C')
    expect(timesMs).toEqual([0, 100, 200, 300])
    expect(lines[0]?.values).toEqual([1.5, null, null, -2])
    expect(band?.low).toEqual([1.5, null, null, -2])
  })

  test('is told in a sentence', () => {
    expect(historyWords(windows, '°C')).toBe('2 values between -2 °C and 1.5 °C, the last -2 °C.')
    expect(historyWords([], '')).toBe('No value in this time.')
  })

  test('is a file for spreadsheets', () => {
    expect(historyCsv(windows).split('\n')).toEqual([
      'from,to,value,least,greatest,readings,accepted,sensors',
      '1970-01-01T00:00:00.000Z,1970-01-01T00:00:00.100Z,1.5,1.5,1.5,4,4,1',
      '1970-01-01T00:00:00.100Z,1970-01-01T00:00:00.200Z,,,,4,0,1',
      '1970-01-01T00:00:00.300Z,1970-01-01T00:00:00.400Z,-2,-2,-2,4,4,1',
      '',
    ])
  })
})

describe('a price', () => {
  const price: BasePrice = {
    what: 'gigafuel',
    priceMicro: '90',
    startMicro: '100',
    medianMicro: '100',
    groundMicro: '10',
    ceilingMicro: '110',
    floors: 0,
    utilisation: null,
  }
  const move = (epoch: number, beforeMicro: string, afterMicro: string): PriceMove => ({
    what: 'gigafuel',
    epoch,
    atMs: epoch * 1_000,
    beforeMicro,
    afterMicro,
    utilisation: 0.5,
    ceilingMicro: '120',
    bound: null,
  })
  const moves = [move(3, '95', '90'), move(2, '100', '95')]

  test('is drawn from before its first known move up to now', () => {
    const { timesMs, lines } = priceData(price, moves, 9_000)
    expect(timesMs).toEqual([1_000, 2_000, 3_000, 9_000])
    expect(lines[0]?.values.map(credits => Math.round((credits ?? 0) * 1e6))).toEqual([100, 95, 90, 90])
    expect(lines[1]?.values).toEqual([null, 0.00012, 0.00012, 0.00011])
  })

  test('is drawn in ascending time, whatever this clock says', () => {
    const { timesMs } = priceData(price, moves, 0)
    expect(timesMs).toEqual([...timesMs].sort((a, b) => a - b))
    expect(priceData(price, [], 5).timesMs).toEqual([6])
  })

  test('is told in a sentence', () => {
    expect(priceWords(price, moves)).toContain('costs 0.00009 credits now, after 2 moves from 0.0001 credits')
  })

  test.each([
    ['10', 0],
    ['60', 0.5],
    ['110', 1],
    ['500', 1],
  ])('of %s stands at %f of its band', (micro, place) => {
    expect(placeInBand(micro, price)).toBe(place)
  })
})
