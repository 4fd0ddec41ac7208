import { createHash } from 'node:crypto'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BillReader } from '../../../cli/bill-summary.ts'
import { EXIT } from '../../../cli/exit-codes.ts'
import { run } from '../../../cli/run.ts'
import { utf8 } from '../../../protocol/index.ts'
import { tempDirs } from '../../support/temp-dir.ts'
import { type FakeAdmin, JOB_ID, jobOf, startFakeAdmin } from './fake-admin.ts'
import { type FakeIo, fakeIo } from './fake-io.ts'

const csvOf = (fuels: readonly number[], outcome = 'ok'): string =>
  `unit,outcome,fuel\n${fuels.map((fuel, unit) => `${unit},${outcome},${fuel}\n`).join('')}`

/** The sums of a bill that comes in pieces of so many bytes. */
function summaryOf(csv: string, pieceBytes = csv.length) {
  const reader = new BillReader()
  for (let at = 0; at < csv.length; at += pieceBytes) reader.push(utf8(csv.slice(at, at + pieceBytes)))
  return reader.summary()
}

describe('the sums of a bill', () => {
  test('are those of its lines, however the lines are cut into pieces', () => {
    const bill = fc.array(fc.integer({ min: 0, max: 100_000_000_000 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(bill, fc.integer({ min: 1, max: 50 }), (fuels, pieceBytes) => {
        const sorted = fuels.toSorted((a, b) => a - b)
        const dearest = fuels.map((fuel, unit) => ({ unit, outcome: 'ok', fuel })).toSorted((a, b) => b.fuel - a.fuel)
        expect(summaryOf(csvOf(fuels), pieceBytes)).toEqual({
          units: fuels.length,
          fuel: `${fuels.reduce((sum, fuel) => sum + BigInt(fuel), 0n)}`,
          unitFuelLeast: sorted[0],
          unitFuelMedian: sorted[(sorted.length - 1) >> 1],
          unitFuelGreatest: sorted.at(-1),
          dearest: dearest.slice(0, 10),
        })
      }),
    )
  })

  test('are exact beyond 2^53', () => {
    const fuels = Array.from({ length: 100_000 }, (_, unit) => 100_000_000_000 - (unit % 2))
    expect(summaryOf(csvOf(fuels), 65_536)).toMatchObject({ units: 100_000, fuel: '9999999999950000' })
  })
})

describe('job bill', () => {
  const tempDir = tempDirs()
  const csv = `${csvOf([5_000_000, 17, 2_000_000_000])}3,out_of_fuel,4000000000\n`
  const sha256 = createHash('sha256').update(csv).digest('hex')
  const bill = { sha256, bytes: csv.length, unitFuelLeast: 17, unitFuelGreatest: 4_000_000_000 }
  const done = jobOf({ state: 'done', bill: bill as never, feeMicro: '3085' })
  const answers = { [`GET /api/jobs/${JOB_ID}`]: done, [`GET /api/jobs/${JOB_ID}/bill`]: Buffer.from(csv) }
  const line = `job bill ${JOB_ID}`
  let admin: FakeAdmin
  let cwd: string

  beforeEach(async () => {
    admin = await startFakeAdmin()
    cwd = tempDir()
    admin.admitTo(join(cwd, '.hedgerow'))
  })
  afterEach(() => admin.close())

  async function hedgerow(words: string, replies: FakeAdmin['answers']): Promise<FakeIo & { code: number }> {
    admin.answers = replies
    const io = fakeIo({ cwd })
    return { code: await run(words.split(' '), io), ...io }
  }

  test('shows what units burned, what that cost and which were the dearest', async () => {
    const { code, stdout, stderr } = await hedgerow(line, answers)
    expect(code, stderr.text()).toBe(EXIT.ok)
    expect(stdout.text().split('\n')).toEqual([
      'units                   4',
      'fuel                    6.01 gigafuel (6005000017)',
      'least of a unit         17 fuel',
      'median of a unit        5 megafuel',
      'greatest of a unit      4 gigafuel',
      'price of a gigafuel     0.01 cr',
      'each unit once          0.04 cr',
      'replicas for agreement  0.0217 cr',
      'cost of both            0.0617 cr',
      "of it the region's fee  0.003085 cr",
      '',
      'The dearest units',
      'UNIT           FUEL  OUTCOME',
      '   3  4,000,000,000  out_of_fuel',
      '   2  2,000,000,000  ok',
      '   0      5,000,000  ok',
      '   1             17  ok',
      '',
    ])
  })

  test('is the CSV itself, or JSON with amounts as text', async () => {
    expect((await hedgerow(`${line} --csv`, answers)).stdout.text()).toBe(csv)
    expect(JSON.parse((await hedgerow(`${line} --json`, answers)).stdout.text())).toMatchObject({
      id: JOB_ID,
      units: 4,
      fuel: '6005000017',
      unitFuelMedian: 5_000_000,
      gigafuelPriceMicro: '10000',
      costMicro: '61700',
      onceMicro: '40000',
      replicaMicro: '21700',
      feeMicro: '3085',
      sha256,
      dearest: [{ unit: 3, outcome: 'out_of_fuel', fuel: 4_000_000_000 }, { unit: 2 }, { unit: 0 }, { unit: 1 }],
    })
    const both = await hedgerow(`${line} --csv --json`, answers)
    expect([both.code, both.stderr.text()]).toEqual([EXIT.usage, expect.stringContaining('choose one')])
  })

  test('damaged on its way is a failure', async () => {
    const wrong = { ...answers, [`GET /api/jobs/${JOB_ID}/bill`]: Buffer.from(csvOf([1])) }
    for (const form of ['', ' --json']) {
      const { code, stderr } = await hedgerow(line + form, wrong)
      expect([code, stderr.text()]).toEqual([
        EXIT.failure,
        expect.stringContaining(`The bill of job ${JOB_ID} was damaged`),
      ])
    }
  })

  test.each([
    ['running', EXIT.failure, 'is not done. Wait for it'],
    ['failed', EXIT.jobFailed, 'has no bill, it failed: Trapped.'],
    ['done', EXIT.failure, 'has no bill: it was done before work was metered.'],
  ] as const)('of a %s job without one is a sentence', async (state, code, words) => {
    const job = jobOf({ state, reason: state === 'done' ? '' : 'Trapped.' })
    const { code: exit, stderr } = await hedgerow(line, { [`GET /api/jobs/${JOB_ID}`]: job })
    expect([exit, stderr.text()]).toEqual([code, expect.stringContaining(words)])
  })
})
