import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { aggregateJob } from '../../../../coordinator/aggregation/aggregate-job.ts'
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
  }) as Parameters<typeof aggregateJob>[1]

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

async function aggregate(wish: Record<string, unknown>, runs: readonly AcceptedRow[], units: number) {
  const blobs = openBlobStore(tempDir())
  let breaths = 0
  const breathe = async () => void breaths++
  const result = await aggregateJob({ blobs, breathe }, specOf(wish), units, runs).catch((error: unknown) => {
    expect(blobs.usedBytes(), 'nothing is left of an answer that is not finished').toBe(0)
    throw error
  })
  const read = (hash: typeof result.sha256) => fromUtf8(blobs.read(hash))
  return { ...result, answer: read(result.sha256), bill: read(result.billSha256), breaths }
}

test('an answer of megabytes lets everything else go on after each few of them', async () => {
  const output = 'x'.repeat(1_048_576)
  const runs = runsOf(...Array.from({ length: 9 }, () => [ok(output, 1)]))
  const found = await aggregate({ aggregate: { kind: 'concat' } }, runs, 9)
  expect([found.bytes, found.breaths]).toEqual([9 * output.length, 4])
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
    expect([found.unitFuelLeast, found.unitFuelGreatest, found.breaths]).toEqual([0, 976, 3])
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
