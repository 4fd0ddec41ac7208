import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { priceExplain } from '../../../cli/commands/price-explain.ts'
import { priceList } from '../../../cli/commands/price-list.ts'
import { EXIT } from '../../../cli/exit-codes.ts'
import { run } from '../../../cli/run.ts'
import type { Prices } from '../../../coordinator/http/price-api.ts'
import { tempDirs } from '../../support/temp-dir.ts'
import { type FakeAdmin, startFakeAdmin } from './fake-admin.ts'
import { fakeIo } from './fake-io.ts'

const tempDir = tempDirs()
let admin: FakeAdmin
let cwd: string

beforeEach(async () => {
  admin = await startFakeAdmin()
  cwd = tempDir()
  admin.admitTo(join(cwd, '.hedgerow'))
})

afterEach(() => admin.close())

const PRICES: Prices = {
  epoch: 20_000,
  epochMs: 86_400_000,
  nextMs: Date.UTC(2026, 5, 2),
  targetUtilisation: 0.7,
  priceStepMax: 0.1,
  prices: [
    {
      what: 'gigafuel',
      priceMicro: '11000',
      startMicro: '10000',
      medianMicro: '10000',
      groundMicro: '1',
      ceilingMicro: '12000',
      floors: 3,
      utilisation: 0.834,
    },
    {
      what: 'pm2.5',
      priceMicro: '100',
      startMicro: '100',
      medianMicro: '100',
      groundMicro: '1',
      ceilingMicro: '120',
      floors: 0,
      utilisation: null,
    },
  ],
  moves: [
    {
      what: 'gigafuel',
      epoch: 20_000,
      atMs: Date.UTC(2026, 5, 1),
      beforeMicro: '10000',
      afterMicro: '11000',
      utilisation: 1,
      ceilingMicro: '12000',
      bound: null,
    },
  ],
}

async function hedgerow(line: string) {
  const io = fakeIo({ cwd })
  const code = await run(line.split(' '), io, [priceList, priceExplain])
  return { ...io, code }
}

test('price list shows the prices and the band of each', async () => {
  admin.answers = { 'GET /api/prices': PRICES }
  const { code, stdout, stderr } = await hedgerow('price list')
  expect(code).toBe(EXIT.ok)
  expect(stdout.text()).toMatch(/gigafuel +0\.011 cr +0\.000001 cr +0\.012 cr +83 % +3/)
  expect(stdout.text()).toMatch(/pm2\.5 +0\.0001 cr .* - +0/)
  expect(stdout.text()).not.toContain('BEFORE')
  expect(stderr.text()).toContain('They move next at 2026-06-02 00:00:00 UTC')
})

test('price list --history shows the moves', async () => {
  admin.answers = { 'GET /api/prices': PRICES }
  const { stdout } = await hedgerow('price list --history')
  expect(stdout.text()).toMatch(/2026-06-01 00:00:00 UTC +gigafuel +0\.01 cr +0\.011 cr +100 %/)
})

test('price list says when prices do not move', async () => {
  admin.answers = { 'GET /api/prices': { ...PRICES, priceStepMax: 0 } }
  expect((await hedgerow('price list')).stderr.text()).toContain('Prices do not move here')
})

test('price list --json gives everything', async () => {
  admin.answers = { 'GET /api/prices': PRICES }
  expect(JSON.parse((await hedgerow('price list --json')).stdout.text())).toEqual(PRICES)
})

test.each([
  ['price explain', 'gigafuel'],
  ['price explain pm2.5', 'pm2.5'],
])('%s shows the reasons', async (line, what) => {
  const explanation = { summary: 'It rose.', reasons: ['Much was wanted.'], facts: { what } }
  admin.answers = { [`GET /api/prices/${what}/explain`]: explanation }
  const { code, stdout } = await hedgerow(line)
  expect(code).toBe(EXIT.ok)
  expect(stdout.text()).toContain('Much was wanted.')
})
