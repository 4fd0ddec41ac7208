import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { readCampaignFile } from '../../../cli/campaign-file.ts'
import { parseTime } from '../../../cli/campaign-time.ts'
import { ConfigError, LIMITS } from '../../../protocol/index.ts'
import { tempDirs } from '../../support/temp-dir.ts'

const tempDir = tempDirs()
let dir: string

beforeEach(() => {
  dir = tempDir()
})

function write(text: string, name = 'c.yaml'): string {
  const path = join(dir, name)
  writeFileSync(path, text)
  return path
}

const LEAST = 'quantity: temperature\narea: {labels: [roof]}\n'

async function faultOf(text: string): Promise<string> {
  const error = await readCampaignFile(write(text)).catch(thrown => thrown)
  if (!(error instanceof ConfigError)) throw new Error(`no fault but ${String(error)}`)
  return error.message
}

describe('a campaign file', () => {
  test('says durations, times and amounts as people do', async () => {
    const { specification, spec } = await readCampaignFile(
      write(
        `${LEAST}period: 30s\nsample: 5s\nwindow: 10m\nduration: 2d\nlateness: 90s\ncorrection: 24h\nrelocationHold: 7d\n` +
          `start: 2026-06-01 10:00\nprice: 0.0002\nbudget: 12.5\n`,
      ),
    )
    expect(specification).toEqual({
      quantity: 'temperature',
      area: { labels: ['roof'] },
      periodMs: 30_000,
      sampleMs: 5_000,
      windowMs: 600_000,
      durationMs: 172_800_000,
      latenessMs: 90_000,
      correctionMs: 86_400_000,
      relocationHoldMs: 604_800_000,
      startMs: Date.UTC(2026, 5, 1, 10),
      priceMicro: '200',
      budgetMicro: '12500000',
    })
    expect(spec).toMatchObject({ periodMs: 30_000, priceMicro: 200n, budgetMicro: 12_500_000n })
  })

  test('may be JSON, with the fields of JSON and a ref that is for MQTT', async () => {
    const json = { ref: 'mine', quantity: 'temperature', area: { labels: ['roof'] }, periodMs: 1_000, priceMicro: '5' }
    const { specification } = await readCampaignFile(write(JSON.stringify(json, null, '\t'), 'c.json'))
    expect(specification).toEqual({
      quantity: 'temperature',
      area: { labels: ['roof'] },
      periodMs: 1_000,
      priceMicro: '5',
    })
  })

  test.each([
    ['0.000001', '1'],
    ['1e-6', '1'],
    ['"0.000001"', '1'],
    ['0', '0'],
    ['3', '3000000'],
  ])('takes a price of %s credits', async (price, micro) => {
    expect((await readCampaignFile(write(`${LEAST}price: ${price}\n`))).specification.priceMicro).toBe(micro)
  })

  test('lets the command line set the budget', async () => {
    const path = write(`${LEAST}price: 1\nbudget: 100\n`)
    expect((await readCampaignFile(path, '99000000')).spec.budgetMicro).toBe(99_000_000n)
  })

  test.each([
    [
      `${LEAST}price: 1\nperiod: 90\n`,
      "c.yaml, line 4: The campaign's 'period' must be a duration such as 30s, 15m, 24h or 7d, not 90.",
    ],
    [
      `${LEAST}price: 1\nperiod: soon\n`,
      "line 4: The campaign's 'period' must be a duration such as 30s, 15m, 24h or 7d, not \"soon\".",
    ],
    [`${LEAST}price: 1\nstart: tomorrow\n`, "line 4: The campaign's 'start' must be a time such as"],
    [`${LEAST}price: -1\n`, "line 3: The campaign's 'price' must be an amount of credits such as 0.0002, not -1."],
    [`${LEAST}price: 0.0000001\n`, "line 3: The campaign's 'price' must be an amount of credits"],
    [
      `${LEAST}price: 1\nperiodMs: 5\nperiod: 1m\n`,
      "line 5: The campaign's 'period' stands in place of periodMs: leave one of them out.",
    ],
    [
      `${LEAST}price: 1\nwindow: 90s\n`,
      "line 4: The campaign's 'window' must be a multiple of periodMs, which is 60000",
    ],
    [`${LEAST}price: 1\nwindowMs: 90000\n`, "line 4: The campaign's 'windowMs' must be a multiple"],
    [`${LEAST}price: 1\nbudget: 2\n`, "line 4: The campaign's 'budget' must pay one sensor for one window at least"],
    [
      `${LEAST}price: 1\nquality:\n  buddy:\n    radius: 5\n`,
      "line 6: The campaign's 'quality.buddy.radius' is not a known field (did you mean 'radiusM'?)",
    ],
    [`${LEAST}price: 1\nperoid: 1m\n`, "line 4: The campaign's 'peroid' is not a known field; did you mean 'period'?"],
    [
      'quantity: temperature\narea:\n  cells:\n    - 881e15b709fffff\n    - x\nprice: 1\n',
      "line 5: The campaign's 'area.cells[1]' must be an H3 cell",
    ],
    [`${LEAST}price: 1\nweather: fine\n`, "line 4: The campaign's 'weather' is not a known field."],
    ['[]', 'The campaign must be an object with'],
    ['', 'The campaign must be an object with'],
    ['a: [', 'line 1: the file is not valid YAML or JSON'],
  ])('names the line and the field as they are written: %#', async (text, words) => {
    expect(await faultOf(text)).toContain(words)
  })

  test('may leave the price to the region, up to a bound [PRICE-2.3]', async () => {
    const { specification } = await readCampaignFile(write(`${LEAST}priceMax: 0.0002\n`))
    expect(specification).toMatchObject({ priceMaxMicro: '200' })
    expect(specification).not.toHaveProperty('priceMicro')
    expect(await faultOf(`${LEAST}price: 1\npriceMax: 2\n`)).toContain('leave it or priceMicro out')
  })

  test('is neither missing nor large nor a bomb', async () => {
    await expect(readCampaignFile(join(dir, 'none.yaml'))).rejects.toThrow(
      /There is no campaign file .*none\.yaml: check its name\./,
    )
    await expect(readCampaignFile(dir)).rejects.toThrow(/There is no campaign file/)
    expect(await faultOf(`# ${'x'.repeat(LIMITS.submitBytesMax)}`)).toMatch(/has \d+ bytes; at most 65536 are read/)
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
    for (const [name, from] of ['ba', 'cb', 'dc'].map(pair => [...pair]))
      bomb.push(`${name}: &${name} [${Array(10).fill(`*${from}`)}]`)
    expect(await faultOf(`${bomb.join('\n')}\n`)).toMatch(/cannot be unfolded/)
  })
})

describe('a time that was typed', () => {
  const TEN = Date.UTC(2026, 5, 1, 10, 5)
  test.each([
    ['2026-06-01T10:05:00Z', TEN],
    ['2026-06-01T10:05Z', TEN],
    ['2026-06-01T10:05', TEN],
    ['2026-06-01 10:05', TEN],
    ['2026-06-01 10:05:00.250', TEN + 250],
    ['2026-06-01T12:05+02:00', TEN],
    ['2026-06-01', Date.UTC(2026, 5, 1)],
    ['1780308300000', 1_780_308_300_000],
  ])('%s is read in UTC', (text, ms) => {
    expect(parseTime('TIME', text)).toBe(ms)
  })

  test.each(['', 'now', '10:05', '2026-13-01', '2026-06-01T25:00', '1.6.2026', '5'])('%j is none', text => {
    expect(() => parseTime('TIME', text)).toThrow(/^TIME is '.*': it must be a time such as 2026-06-01T10:05:00Z/)
  })
})
