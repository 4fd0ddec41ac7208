import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type FoldedJob, JobFolds } from '../../../../coordinator/aggregation/job-folds.ts'
import { openBlobStore } from '../../../../coordinator/blobs/index.ts'
import type { AcceptedRow } from '../../../../coordinator/store/index.ts'
import { encodeOutputs, fromUtf8, parseJobSpec, TaskError, type UnitOutcome, utf8 } from '../../../../protocol/index.ts'
import { JOBS } from '../../../support/rows.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const tempDir = tempDirs()
const ok = (text: string, fuel: number): UnitOutcome => ({ fuel, kind: 'ok', bytes: utf8(text) })
const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())

const specOf = (more: Record<string, unknown>) =>
  parseJobSpec({
    task: { module: { sha256: 'ab'.repeat(32) } },
    split: { kind: 'range', from: 0, to: 9, chunk: 1 },
    ...more,
  }) as FoldedJob['spec']

/** Runs of these outcomes, one after the other. */
function runsOf(...runs: readonly (readonly UnitOutcome[])[]): AcceptedRow[] {
  let firstUnit = 0
  return runs.map(outcomes => {
    const outputs = encodeOutputs(outcomes)
    const fuel = outcomes.reduce((sum, outcome) => sum + outcome.fuel, 0)
    const row = {
      job: JOBS[0],
      firstUnit,
      unitCount: outcomes.length,
      digest: sha256(outputs),
      outputs,
      solo: null,
      fuel,
    }
    firstUnit += outcomes.length
    return row
  })
}

/** Jobs whose accepted runs are those in `rows`, and everything that was done for them. */
function workshop(wish: Record<string, unknown>, rows: AcceptedRow[], units: number) {
  const blobs = openBlobStore(tempDir())
  const read: number[] = []
  let breaths = 0
  const folds = new JobFolds({
    blobs,
    breathe: async () => void breaths++,
    store: {
      *acceptedOutputs(_, fromUnit = 0) {
        for (const row of rows.filter(({ firstUnit }) => firstUnit >= fromUnit)) {
          read.push(row.firstUnit)
          yield row
        }
      },
    },
  })
  const job: FoldedJob = { id: JOBS[0], spec: specOf(wish), units }
  return { blobs, folds, job, read, breaths: () => breaths }
}

async function aggregate(wish: Record<string, unknown>, rows: AcceptedRow[], units: number) {
  const { blobs, folds, job, breaths } = workshop(wish, rows, units)
  const result = await folds.finish(job).catch((error: unknown) => {
    expect(blobs.usedBytes(), 'nothing is left of an answer that is not finished').toBe(0)
    throw error
  })
  const read = (hash: typeof result.sha256) => fromUtf8(blobs.read(hash))
  return { ...result, answer: read(result.sha256), bill: read(result.billSha256), breaths: breaths() }
}

test('an answer of megabytes lets everything else go on after each few of them', async () => {
  const output = 'x'.repeat(1_048_576)
  const runs = runsOf(...Array.from({ length: 9 }, () => [ok(output, 1)]))
  const found = await aggregate({ aggregate: { kind: 'concat' } }, runs, 9)
  expect([found.bytes, found.breaths]).toEqual([9 * output.length, 9])
})

describe('the bill of a job', () => {
  test('has a line for each unit, in their order, and adds up to the fuel of its runs [PAY-3.4] [PAY-3.7]', async () => {
    const runs = runsOf(
      [ok('1', 17), { fuel: 100_000_000_000, kind: 'out_of_fuel' }],
      [{ fuel: 5, kind: 'trap', trap: 'memory_out_of_bounds' }],
      [{ fuel: 0, kind: 'exit', code: 4_294_967_295 }, ok('41', 9_000)],
    )
    const found = await aggregate({ aggregate: 'sum', onUnitError: 'skip' }, runs, 5)
    const bill =
      'unit,outcome,fuel\n0,ok,17\n1,out_of_fuel,100000000000\n2,trap:memory_out_of_bounds,5\n3,exit:4294967295,0\n4,ok,9000\n'
    expect(found).toMatchObject({ answer: '42', failedUnits: 3, bill, billBytes: bill.length })
    expect(found).toMatchObject({ unitFuelLeast: 0, unitFuelGreatest: 100_000_000_000 })
    expect(found.billSha256).toBe(createHash('sha256').update(bill).digest('hex'))
  })

  test('says what a unit came to, not whether its output suited the aggregate', async () => {
    const found = await aggregate({ aggregate: 'sum', onUnitError: 'skip' }, runsOf([ok('1', 2), ok('x', 3)]), 2)
    expect(found).toMatchObject({ failedUnits: 1, bill: 'unit,outcome,fuel\n0,ok,2\n1,ok,3\n' })
  })

  test('of many units is written in pieces while other work goes on', async () => {
    const units = 60_000
    const outcomes = Array.from({ length: units }, (_, unit) => ok('', unit % 977))
    const runs = runsOf(...Array.from({ length: 6 }, (_, run) => outcomes.slice(run * 10_000, (run + 1) * 10_000)))
    const found = await aggregate({ aggregate: 'concat' }, runs, units)
    const lines = found.bill.trimEnd().split('\n').slice(1)
    expect(lines).toEqual(outcomes.map(({ fuel }, unit) => `${unit},ok,${fuel}`))
    expect([found.unitFuelLeast, found.unitFuelGreatest, found.breaths]).toEqual([0, 976, 6])
  })
})

describe('an answer that cannot be put together', () => {
  test('leaves no blob behind', async () => {
    const runs = runsOf([ok('1', 2), ok('x', 3)])
    await expect(aggregate({ aggregate: 'sum' }, runs, 2)).rejects.toThrow('The output of unit 1')
  })

  test.each<[what: string, runs: (runs: AcceptedRow[]) => AcceptedRow[]]>([
    ['the first', runs => runs.slice(1)],
    ['one in the middle', runs => [runs[0] as AcceptedRow, runs[2] as AcceptedRow]],
    ['the last', runs => runs.slice(0, 2)],
  ])('because %s of its runs was taken back meanwhile is a failure, not a bug', async (_, without) => {
    const runs = without(runsOf([ok('1', 1)], [ok('2', 1)], [ok('3', 1)]))
    const failure = await aggregate({ aggregate: 'sum' }, runs, 3).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(TaskError)
    expect((failure as TaskError).code).toBe('cancelled')
  })
})

/** Some turns of the event loop: enough for a fold that is under way. */
const turns = async () => {
  for (let turn = 0; turn < 100; turn++) await Promise.resolve()
}

describe('while a job runs', () => {
  const RUN_UNITS = 5_000
  const wish = { aggregate: { kind: 'concat' } }
  const manyRuns = (count: number) =>
    runsOf(...Array.from({ length: count }, (_, run) => Array.from({ length: RUN_UNITS }, () => ok(String(run), 1))))
  const answerOf = (count: number) => Array.from({ length: count }, (_, run) => String(run).repeat(RUN_UNITS)).join('')

  test('what has been accepted is folded, so that its end reads the last runs alone', async () => {
    const all = manyRuns(4)
    const rows: AcceptedRow[] = []
    const { blobs, folds, job, read } = workshop(wish, rows, 4 * RUN_UNITS)
    for (const row of all.slice(0, 3)) {
      rows.push(row)
      folds.advance(job, row.unitCount)
      await turns()
    }
    expect(read).toEqual([0, RUN_UNITS, 2 * RUN_UNITS])
    rows.push(all[3] as AcceptedRow)
    const { sha256 } = await folds.finish(job)
    expect(read).toEqual([0, RUN_UNITS, 2 * RUN_UNITS, 3 * RUN_UNITS])
    expect(fromUtf8(blobs.read(sha256))).toBe(answerOf(4))
  })

  test('a run that is missing is waited for', async () => {
    const all = manyRuns(3)
    const rows = all.slice(1)
    const { blobs, folds, job } = workshop(wish, rows, 3 * RUN_UNITS)
    folds.advance(job, 2 * RUN_UNITS)
    await turns()
    rows.unshift(all[0] as AcceptedRow)
    const { sha256 } = await folds.finish(job)
    expect(fromUtf8(blobs.read(sha256))).toBe(answerOf(3))
  })

  test('what was folded of runs that are taken back is forgotten', async () => {
    const rows = manyRuns(2)
    const { blobs, folds, job } = workshop(wish, rows, 3 * RUN_UNITS)
    folds.advance(job, 2 * RUN_UNITS)
    await turns()
    const [, , last] = manyRuns(3)
    const others = runsOf(Array.from({ length: RUN_UNITS }, () => ok('x', 1)))
    rows.splice(0, 2, others[0] as AcceptedRow, rows[1] as AcceptedRow, last as AcceptedRow)
    folds.drop(job.id)
    await turns()
    expect(blobs.usedBytes()).toBe(0)
    const { sha256 } = await folds.finish(job)
    expect(fromUtf8(blobs.read(sha256))).toBe('x'.repeat(RUN_UNITS) + answerOf(3).slice(RUN_UNITS))
  })

  test('an output that does not fit is found at the end of the job, as ever, and holds no blob until then', async () => {
    const rows = manyRuns(2)
    const { blobs, folds, job, read } = workshop({ aggregate: { kind: 'min' } }, rows, 2 * RUN_UNITS)
    const [bad] = runsOf(Array.from({ length: RUN_UNITS }, () => ok('many', 1)))
    rows[0] = bad as AcceptedRow
    for (let i = 0; i < 2; i++) {
      folds.advance(job, RUN_UNITS)
      await turns()
    }
    expect(read, 'it is not tried again before').toEqual([0])
    expect(blobs.usedBytes()).toBe(0)
    await expect(folds.finish(job)).rejects.toThrow('The output of unit 0')
  })

  test('short jobs and merge-maps are left to their end', async () => {
    const rows = manyRuns(1)
    for (const [aggregateKind, units] of [
      ['concat', RUN_UNITS - 1],
      ['merge-map', RUN_UNITS],
    ] as const) {
      const { folds, job, read } = workshop({ aggregate: { kind: aggregateKind } }, rows, units)
      folds.advance(job, units)
      await turns()
      expect(read).toEqual([])
    }
  })
})
