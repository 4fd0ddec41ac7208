import { describe, expect, test } from 'vitest'
import {
  type CampaignSpec,
  ConfigError,
  campaignToJson,
  DEFAULT_RULES,
  NO_RULES,
  parseCampaignSpec,
  parseStoredCampaign,
} from '../../../../protocol/index.ts'

const CELL = '8839532a25fffff'
const DAY_MS = 86_400_000
const least = { quantity: 'temperature', area: { cells: [CELL] }, priceMicro: 200 }

function fault(change: Readonly<Record<string, unknown>> | unknown[] | null): { path: string; message: string } {
  const value = change === null || Array.isArray(change) ? change : { ...least, ...change }
  try {
    parseCampaignSpec(value)
  } catch (error) {
    if (!(error instanceof ConfigError) || error.info.code !== 'bad_campaign') throw error
    return { path: error.info.path, message: error.message }
  }
  throw new Error('nothing was refused')
}

describe('a campaign', () => {
  test('needs a quantity, an area and a price; the rest has defaults', () => {
    expect(parseCampaignSpec(least)).toEqual({
      name: '',
      quantity: 'temperature',
      area: { cells: [CELL] },
      resolution: 8,
      periodMs: 60_000,
      windowMs: 900_000,
      sampleMs: null,
      readingsPerFrame: 15,
      aggregate: 'median',
      priceMicro: 200n,
      paidPerCell: 3,
      budgetMicro: null,
      startMs: null,
      durationMs: DAY_MS,
      latenessMs: 960_000,
      correctionMs: 7 * DAY_MS,
      relocationHoldMs: 7 * DAY_MS,
      quality: DEFAULT_RULES.get('temperature') ?? NO_RULES,
    } satisfies CampaignSpec)
  })

  test('may say everything', () => {
    const said = {
      name: 'schools',
      quantity: 'pm2.5',
      area: { box: [48.1, 16.2, 48.3, 16.5] },
      resolution: 9,
      periodMs: 120_000,
      windowMs: 3_600_000,
      sampleMs: 10_000,
      readingsPerFrame: 30,
      aggregate: 'mean',
      priceMicro: '9007199254740993',
      paidPerCell: 100,
      budgetMicro: '9223372036854775807',
      startMs: 1_780_000_000_000,
      durationMs: 7 * DAY_MS,
      latenessMs: 0,
      correctionMs: 0,
      relocationHoldMs: 0,
    }
    const spec = parseCampaignSpec(said)
    expect(spec).toEqual({
      ...said,
      priceMicro: 9_007_199_254_740_993n,
      budgetMicro: 9_223_372_036_854_775_807n,
      quality: DEFAULT_RULES.get('pm2.5'),
    })
  })

  test('counts a window as what fits a day when 15 periods do not', () => {
    expect(parseCampaignSpec({ ...least, periodMs: DAY_MS })).toMatchObject({ windowMs: DAY_MS, durationMs: DAY_MS })
    expect(parseCampaignSpec({ ...least, periodMs: 36_000_000 })).toMatchObject({
      windowMs: 72_000_000,
      durationMs: 144_000_000,
    })
    expect(parseCampaignSpec({ ...least, periodMs: 1 })).toMatchObject({ windowMs: 15, durationMs: DAY_MS })
    expect(parseCampaignSpec({ ...least, windowMs: 420_000 }).durationMs).toBe(206 * 420_000)
  })

  test('takes the resolution of its cells', () => {
    expect(parseCampaignSpec({ ...least, area: { cells: ['891e204b017ffff'] } }).resolution).toBe(9)
    expect(parseCampaignSpec({ ...least, area: { cells: [CELL] }, resolution: 8 }).resolution).toBe(8)
    expect(parseCampaignSpec({ ...least, area: { labels: ['kitchen-pi'] }, resolution: 15 }).resolution).toBe(15)
    expect(parseCampaignSpec({ ...least, area: { labels: ['kitchen-pi'] } }).resolution).toBe(8)
  })
})

describe('the price of a campaign [PRICE-2.3]', () => {
  const { priceMicro: _named, ...unpriced } = least
  const basePriceOf = (quantity: string): bigint => (quantity === 'temperature' ? 70n : 900n)

  test('that names none is the region’s for its quantity, from then on', () => {
    const spec = parseCampaignSpec(unpriced, basePriceOf)
    expect(spec.priceMicro).toBe(70n)
    expect(parseStoredCampaign(campaignToJson(spec))).toEqual(spec)
    expect(parseCampaignSpec({ ...unpriced, priceMicro: null, quantity: 'co2' }, basePriceOf).priceMicro).toBe(900n)
  })

  test('that names one is that, whatever the region’s is', () => {
    expect(parseCampaignSpec(least, basePriceOf).priceMicro).toBe(200n)
    expect(parseCampaignSpec({ ...least, priceMicro: 1 }, basePriceOf).priceMicro).toBe(1n)
  })

  test('is no more than priceMaxMicro, or the campaign is refused', () => {
    expect(parseCampaignSpec({ ...unpriced, priceMaxMicro: 70 }, basePriceOf).priceMicro).toBe(70n)
    expect(() => parseCampaignSpec({ ...unpriced, priceMaxMicro: '69' }, basePriceOf)).toThrow(
      "The campaign's 'priceMaxMicro' allows 69, and a reading of temperature costs 70 micro-credits here now.",
    )
  })

  test('is either named or bounded, not both', () => {
    expect(() => parseCampaignSpec({ ...least, priceMaxMicro: 300 }, basePriceOf)).toThrow(
      "The campaign's 'priceMaxMicro' is for campaigns that take the region's price: leave it or priceMicro out.",
    )
  })

  test('counts when a budget is compared with what a window costs', () => {
    expect(() => parseCampaignSpec({ ...unpriced, budgetMicro: 1_049 }, basePriceOf)).toThrow(
      '15 readings at 70 are 1050',
    )
  })
})

describe('a refusal names the field, what it must be and what it is', () => {
  test.each([
    [null, '', 'The campaign must be an object with'],
    [[], '', 'The campaign must be an object with'],
    [{ quanity: 'x' }, 'quanity', "The campaign's 'quanity' is not a known field (did you mean 'quantity'?)"],
    [{ ref: 'mine' }, 'ref', "The campaign's 'ref' is not a known field"],
    [{ quantity: undefined }, 'quantity', "The campaign's 'quantity' is missing: it must be one of 'temperature'"],
    [{ quantity: 'temprature' }, 'quantity', "(did you mean 'temperature'?)."],
    [{ quantity: 'PM2.5' }, 'quantity', 'not "PM2.5" (did you mean \'pm2.5\'?).'],
    [{ name: 'x'.repeat(65) }, 'name', "The campaign's 'name' must be a text of 0 to 64 bytes"],
    [{ name: 'a\nb' }, 'name', 'must not hold control characters'],
    [
      { area: undefined },
      'area',
      "The campaign's 'area' is missing: it must be an object with 'cells', 'box' or 'labels'.",
    ],
    [{ area: {} }, 'area', "must have exactly one of 'cells', 'box' and 'labels', not none."],
    [{ area: { cells: [CELL], labels: ['x'] } }, 'area', 'not 2.'],
    [{ area: { cell: [CELL] } }, 'area.cell', "(did you mean 'cells'?)"],
    [{ area: { cells: [] } }, 'area.cells', 'must hold 1 to 1000 entries, not 0.'],
    [{ area: { cells: Array(1_001).fill(CELL) } }, 'area.cells', 'not 1001.'],
    [
      { area: { cells: [CELL, 'vienna'] } },
      'area.cells[1]',
      'must be an H3 cell such as "8839532a25fffff", not "vienna".',
    ],
    [
      { area: { cells: [CELL, '891e204b017ffff'] } },
      'area.cells[1]',
      'must be of one resolution with area.cells[0], which is 8, and it is of 9.',
    ],
    [{ area: { cells: [CELL, CELL] } }, 'area.cells[1]', `names '${CELL}' a second time.`],
    [{ area: { box: [48, 16, 49] } }, 'area.box', 'must hold 4 to 4 entries, not 3.'],
    [{ area: { box: [91, 16, 49, 17] } }, 'area.box[0]', 'must be a number from -90 to 90, not 91.'],
    [{ area: { box: [48, 16, 49, 181] } }, 'area.box[3]', 'must be a number from -180 to 180, not 181.'],
    [{ area: { box: [49, 16, 48, 17] } }, 'area.box', 'must have its south (49) below its north (48)'],
    [{ area: { box: [48, 17, 49, 16] } }, 'area.box', 'must have its west (17) below its east (16)'],
    [{ area: { labels: [''] } }, 'area.labels[0]', 'must be a text of 1 to 64 bytes'],
    [{ area: { labels: ['a', 'b', 'a'] } }, 'area.labels[2]', "names 'a' a second time."],
    [{ resolution: 9 }, 'resolution', 'must be that of area.cells, which is 8, or be left out, and it is 9.'],
    [{ area: { labels: ['a'] }, resolution: 16 }, 'resolution', 'must be a whole number from 0 to 15, not 16.'],
    [{ periodMs: 0 }, 'periodMs', 'must be a whole number from 1 to 86400000, not 0.'],
    [{ periodMs: '1m' }, 'periodMs', 'not "1m".'],
    [
      { periodMs: 60_000, windowMs: 90_000 },
      'windowMs',
      'must be a multiple of periodMs, which is 60000: 60000 or 120000, not 90000.',
    ],
    [{ periodMs: 60_000, windowMs: 30_000 }, 'windowMs', 'which is 60000: 60000, not 30000.'],
    [{ windowMs: DAY_MS + 60_000 }, 'windowMs', 'must be a whole number from 1 to 86400000'],
    [
      { sampleMs: 60_000 },
      'sampleMs',
      'must go two or more whole times into periodMs, which is 60000, and 60000 does not.',
    ],
    [{ sampleMs: 7_000 }, 'sampleMs', 'and 7000 does not.'],
    [{ readingsPerFrame: 4_097 }, 'readingsPerFrame', 'must be a whole number from 1 to 4096, not 4097.'],
    [{ aggregate: 'average' }, 'aggregate', "must be one of 'mean', 'median', 'min', 'max', 'sum', not \"average\"."],
    [{ aggregate: 'meen' }, 'aggregate', "(did you mean 'mean'?)."],
    [{ quantity: 'wind-direction' }, 'aggregate', "cannot be 'median' for angles"],
    [{ priceMicro: undefined }, 'priceMicro', 'is missing: it must be a whole number of micro-credits'],
    [{ priceMicro: -1 }, 'priceMicro', 'not -1.'],
    [{ priceMicro: 0.5 }, 'priceMicro', 'not 0.5.'],
    [{ paidPerCell: 0 }, 'paidPerCell', 'must be a whole number from 1 to 100, not 0.'],
    [
      { budgetMicro: 2_999 },
      'budgetMicro',
      'must pay one sensor for one window at least: 15 readings at 200 are 3000, and it is 2999.',
    ],
    [{ startMs: -1 }, 'startMs', 'must be a whole number from 0'],
    [{ durationMs: 60_000 }, 'durationMs', 'must be a whole number from 900000 to 31622400000, not 60000.'],
    [{ durationMs: 367 * DAY_MS }, 'durationMs', 'from 900000 to 31622400000'],
    [{ durationMs: 1_000_000 }, 'durationMs', 'must be whole windows of 900000 ms: 900000 or 1800000, not 1000000.'],
    [{ latenessMs: DAY_MS + 1 }, 'latenessMs', 'must be a whole number from 0 to 86400000'],
    [{ latenessMs: 5_000, correctionMs: 4_999 }, 'correctionMs', 'must be a whole number from 5000 to'],
    [{ relocationHoldMs: -1 }, 'relocationHoldMs', 'must be a whole number from 0'],
  ])('%j at %s', (change, path, words) => {
    const found = fault(change as Record<string, unknown>)
    expect(found.path).toBe(path)
    expect(found.message).toContain(words)
  })

  test('but a budget that pays for one window is taken', () => {
    expect(parseCampaignSpec({ ...least, budgetMicro: 3_000 }).budgetMicro).toBe(3_000n)
    expect(parseCampaignSpec({ ...least, priceMicro: 0, budgetMicro: 0 }).priceMicro).toBe(0n)
  })

  test('a fault that is not the submitter’s is not called one', () => {
    const trap = Object.defineProperty({ ...least }, 'name', {
      enumerable: true,
      get: () => {
        throw new RangeError('broken')
      },
    })
    expect(() => parseCampaignSpec(trap)).toThrow(RangeError)
  })
})

describe('quality rules', () => {
  const rules = DEFAULT_RULES.get('temperature')

  test('replace single limits of the quantity', () => {
    const { quality } = parseCampaignSpec({
      ...least,
      quality: { range: { min: -10 }, buddy: { threshold: 3, radiusM: 2_000 } },
    })
    expect(quality).toEqual({
      ...rules,
      range: { min: -10, max: 60, maxPerSecond: null },
      buddy: { ...rules?.buddy, threshold: 3, radiusM: 2_000 },
    })
  })

  test('switch checks off with null, and set what the quantity has none of', () => {
    const { quality } = parseCampaignSpec({
      ...least,
      quantity: 'level',
      quality: { range: { min: 0, max: 1 }, jump: { perMinute: 0.1, max: 0.5 }, constant: null },
    })
    expect(quality).toEqual({
      range: { min: 0, max: 1, maxPerSecond: null },
      jump: { perMinute: 0.1, max: 0.5 },
      constant: null,
      twin: null,
      buddy: null,
      spatial: null,
    })
    expect(parseCampaignSpec({ ...least, quality: { constant: null } }).quality).toEqual({ ...rules, constant: null })
  })

  test.each([
    [{ rang: {} }, 'quality.rang', "is not a known field (did you mean 'range'?)"],
    [{ range: 5 }, 'quality.range', 'must be an object with'],
    [{ range: { minimum: 5 } }, 'quality.range.minimum', 'is not a known field'],
    [{ range: { min: '5' } }, 'quality.range.min', 'must be a number, not "5".'],
    [{ range: { min: 61 } }, 'quality.range.min', 'must not be above quality.range.max, which is 60, and it is 61.'],
    [
      { jump: { perMinute: 16 } },
      'quality.jump.max',
      'must not be below quality.jump.perMinute, which is 16, and it is 15.',
    ],
    [{ jump: { max: -1 } }, 'quality.jump.max', 'must be a number from 0'],
    [{ constant: { minutes: 1_441 } }, 'quality.constant.minutes', 'must be a whole number from 1 to 1440, not 1441.'],
    [
      { constant: { exemptAbove: 5, exemptBelow: 5 } },
      'quality.constant.exemptAbove',
      'must be above quality.constant.exemptBelow',
    ],
    [{ twin: { ratio: Number.NaN } }, 'quality.twin.ratio', 'must be a number from 0'],
    [{ buddy: { threshold: 0.5 } }, 'quality.buddy.threshold', 'must be a number from 1 to 1000, not 0.5.'],
    [{ buddy: { spreadMin: 0 } }, 'quality.buddy.spreadMin', 'must be a number from 0.000001'],
    [{ spatial: { neighboursMin: 1 } }, 'quality.spatial.neighboursMin', 'must be a whole number from 2 to 32, not 1.'],
    [{ spatial: { elevationDifferenceMaxM: 5 } }, 'quality.spatial.elevationDifferenceMaxM', 'is not a known field'],
    [{ spatial: { radiusM: 0 } }, 'quality.spatial.radiusM', 'must be a whole number from 1 to 1000000, not 0.'],
  ])('refuse %j at %s', (quality, path, words) => {
    const found = fault({ quality })
    expect(found.path).toBe(path)
    expect(found.message).toContain(words)
  })

  test('want every limit of a check that the quantity has none of', () => {
    expect(fault({ quantity: 'level', quality: { range: { min: 0 } } })).toEqual({
      path: 'quality.range.max',
      message: "The campaign's 'quality.range.max' is missing: it must be a number.",
    })
    expect(fault({ quantity: 'co2', quality: { buddy: { radiusM: 100 } } }).path).toBe('quality.buddy.neighboursMin')
  })
})

describe('the stored form', () => {
  const full = {
    ...least,
    name: 'x',
    budgetMicro: 10n ** 12n,
    quality: { range: { min: -5 }, twin: null },
    sampleMs: 1_000,
    startMs: 5,
  }

  test('reads back as the same campaign, and is the same text again', () => {
    for (const value of [
      least,
      { ...full, budgetMicro: String(full.budgetMicro) },
      { ...least, area: { box: [1, 2, 3, 4] } },
    ]) {
      const spec = parseCampaignSpec(value)
      const json = campaignToJson(spec)
      expect(parseStoredCampaign(json)).toEqual(spec)
      expect(campaignToJson(parseStoredCampaign(json))).toBe(json)
    }
  })

  test('is one text for equal campaigns', () => {
    const reordered = Object.fromEntries(Object.entries({ ...least, resolution: 8, name: '' }).reverse())
    expect(campaignToJson(parseCampaignSpec(reordered))).toBe(campaignToJson(parseCampaignSpec(least)))
  })

  test('holds amounts as text and every default', () => {
    const stored = JSON.parse(campaignToJson(parseCampaignSpec(least)))
    expect(stored).toMatchObject({
      priceMicro: '200',
      budgetMicro: null,
      latenessMs: 960_000,
      quality: { buddy: { threshold: 5 } },
    })
  })
})
