import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JobSubmission, SubmitterClient } from '../../client/index.ts'
import { decode, fromUtf8, LIMITS, utf8 } from '../../protocol/index.ts'
import { ask } from '../support/http-client.ts'
import { ECHO, EXITS_WITH_7, TRAPS_ON_X, VERBOSE, VERBOSE_BYTES } from '../support/tasks.ts'
import { type JoinedDevice, sha256HexOf, TestRegion, taskOf } from '../support/test-region.ts'

/** Input sizes that devices have been given, by unit. */
const inputBytes: number[] = []

let region: TestRegion
let devices: JoinedDevice[]
let submitter: SubmitterClient

beforeAll(async () => {
  region = await TestRegion.start()
  const owners = ['ann', 'bob', 'cat', 'dan']
  devices = await Promise.all(
    owners.map(owner =>
      region.join(owner, {
        wrapRunner: runner => ({
          ...runner,
          close: () => runner.close(),
          run: (lease, signal) => {
            inputBytes.push(...lease.inputs.map(input => input.length))
            return runner.run(lease, signal)
          },
        }),
      }),
    ),
  )
  submitter = await region.submitter('lab')
})
afterAll(async () => {
  await region[Symbol.asyncDispose]()
  expect(region.fatal).toEqual([])
})

/** Runs a job that trusts single results. */
async function run(job: JobSubmission) {
  const handle = await submitter.submit({ task: taskOf(ECHO), verify: 'trust', ...job })
  return handle.result()
}

const textOf = async (job: JobSubmission): Promise<string> => fromUtf8((await run(job)).bytes)
const collected = async (job: JobSubmission): Promise<(string | null)[]> => {
  const units = decode((await run({ aggregate: { kind: 'collect' }, ...job })).bytes) as (Uint8Array | null)[]
  return units.map(unit => unit && fromUtf8(unit))
}

test('a job is split, leased, agreed on, aggregated and paid, to the last unit and credit', async () => {
  const handle = await submitter.submit({
    task: taskOf(ECHO),
    split: { kind: 'range', from: 0, to: 300, chunk: 3 },
    aggregate: { kind: 'concat' },
  })
  const states: string[] = []
  for await (const event of handle.watch()) if (event.kind === 'status') states.push(event.state)
  expect(states.at(-1)).toBe('done')
  const result = await handle.result()
  expect(fromUtf8(result.bytes)).toBe(Array.from({ length: 100 }, (_, i) => `${i * 3} ${i * 3 + 3}\n`).join(''))

  const job = await region.admin.job(handle.id)
  expect(job).toMatchObject({ state: 'done', units: 100, unitsVerified: 100, failedUnits: 0 })
  const members = await Promise.all(devices.map(({ device }) => region.member(device)))
  expect(members.map(({ owner, standing, unitsRejected }) => [owner, standing, unitsRejected])).toEqual(
    ['ann', 'bob', 'cat', 'dan'].map(owner => [owner, 'joined', 0]),
  )
  const earned = members.reduce((sum, { earnedMicro }) => sum + BigInt(earnedMicro), 0n)
  const units = members.reduce((sum, { unitsAccepted }) => sum + unitsAccepted, 0)
  expect(units).toBeGreaterThanOrEqual(200)
  expect(earned + BigInt(job.feeMicro)).toBe(result.costMicro)
  // A fuel costs a micro-credit here: each unit is paid by what it burned, once for itself and once for each replica.
  const fuels = fromUtf8(await handle.bill())
    .trimEnd()
    .split('\n')
    .slice(1)
    .map(line => Number(line.split(',')[2]))
  expect(fuels).toHaveLength(100)
  expect(BigInt(fuels.reduce((sum, fuel) => sum + fuel, 0))).toBe(result.fuel)
  expect(BigInt(job.spentMicro) - BigInt(job.replicaMicro)).toBe(result.fuel)
  expect([result.unitFuelLeast, result.unitFuelGreatest]).toEqual([Math.min(...fuels), Math.max(...fuels)])
  expect(await region.bookProblems()).toEqual([])
})

describe('aggregates', () => {
  const items = (...list: string[]) => ({ split: { kind: 'items', items: list } })

  test.each<[kind: string, aggregate: Record<string, unknown>, list: string[], answer: string]>([
    ['concat', {}, ['a', 'b', '', 'c'], 'abc'],
    ['sum', {}, ['1', '2.5', '-0.25'], '3.25'],
    ['mean', {}, ['1', '2', '6'], '3'],
    ['min', {}, ['4', '-7', '9'], '-7'],
    ['max', {}, ['4', '-7', '9'], '9'],
    [
      'histogram',
      { from: 0, to: 10, bins: 2 },
      ['1', '5', '12', '-1'],
      '{"from":0,"to":10,"bins":[1,1],"below":1,"above":1,"count":4}',
    ],
    ['merge-map', {}, ['b\t2\na\t1\n', 'b\t40\n', 'c\t3'], 'a\t1\nb\t42\nc\t3\n'],
  ])('%s', async (kind, aggregate, list, answer) => {
    expect(await textOf({ ...items(...list), aggregate: { kind, ...aggregate } })).toBe(answer)
  })

  test('collect', async () => {
    expect(await collected(items('one', '', 'drei'))).toEqual(['one', '', 'drei'])
  })

  test('that cannot take an output fail the job, and say which', async () => {
    const job = { ...items('1', 'two'), aggregate: { kind: 'sum' } }
    await expect(run(job)).rejects.toMatchObject({ code: 'job_ended', message: expect.stringContaining('unit 1') })
    expect(await region.bookProblems()).toEqual([])
  })
})

describe('splits', () => {
  test('a grid has a unit for each combination, the last parameter fastest', async () => {
    const split = { kind: 'grid', parameters: { a: [1, 2], b: ['x', 'y'], c: [true] } }
    const units = await collected({ split })
    expect(units.map(unit => JSON.parse(unit ?? ''))).toEqual([
      { a: 1, b: 'x', c: true },
      { a: 1, b: 'y', c: true },
      { a: 2, b: 'x', c: true },
      { a: 2, b: 'y', c: true },
    ])
  })

  test('many items travel in several leases', async () => {
    const items = Array.from({ length: 60 }, (_, i) => `${i} ${'x'.repeat(500)}`)
    expect(await collected({ split: { kind: 'items', items } })).toEqual(items)
  })

  test.each<[by: string, split: Record<string, unknown>, units: string[]]>([
    ['bytes', { by: 'bytes', size: 4 }, ['one\n', 'two\n', '\nthr', 'ee']],
    ['lines', { by: 'lines', size: 2 }, ['one\ntwo\n', '\nthree']],
    ['records', { by: 'records', size: 1 }, ['one\ntwo\n\n', 'three']],
    ['records of another end', { by: 'records', size: 1, delimiter: 'o' }, ['o', 'ne\ntwo', '\n\nthree']],
  ])('a text by %s', async (_by, split, units) => {
    const source = { text: 'one\ntwo\n\nthree' }
    expect(await collected({ split: { kind: 'blob', source, ...split } })).toEqual(units)
  })

  test('a large blob is read in ranges, and every line comes to exactly one unit [BLOB-1.1]', async () => {
    const line = (i: number) => `${i} ${'-'.repeat(i % 997)}\n`
    const text = Array.from({ length: 1_500 }, (_, i) => line(i)).join('')
    const sha256 = await submitter.upload(utf8(text))
    inputBytes.length = 0
    const result = await run({
      split: { kind: 'blob', source: { sha256 }, by: 'lines', size: 50 },
      aggregate: { kind: 'concat' },
    })
    expect(result.sha256).toBe(sha256)
    // What does not fit a message can only have come by HTTP.
    expect(Math.max(...inputBytes)).toBeGreaterThan(LIMITS.inlineBytesMax)
    expect(inputBytes.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThanOrEqual(text.length)
  })
})

describe('large outputs', () => {
  test('are put up as blobs, and so is what becomes of them [RESULT-1.3]', async () => {
    const items = ['first', 'second', 'third']
    const result = await run({ task: taskOf(VERBOSE), split: { kind: 'items', items }, aggregate: { kind: 'concat' } })
    const expected = Buffer.concat(items.map(item => Buffer.concat([Buffer.from(item)], VERBOSE_BYTES)))
    expect(Buffer.from(result.bytes).equals(expected)).toBe(true)
    const { port } = new URL(region.coordinator.httpUrl)
    const part = await ask(Number(port), { path: `/blob/${result.sha256}`, headers: { range: 'bytes=60000-60005' } })
    expect([part.status, part.body.toString()]).toEqual([206, 'second'])
  })

  test('are agreed on by their digest', async () => {
    const handle = await submitter.submit({
      task: taskOf(VERBOSE),
      split: { kind: 'items', items: ['agreed'] },
      aggregate: { kind: 'concat' },
      // Of devices that have proved themselves one answer might suffice for less.
      verify: { theta: 0.9998 },
    })
    const { bytes, costMicro, fuel } = await handle.result()
    expect(sha256HexOf(bytes)).toBe(sha256HexOf(Buffer.concat([Buffer.from('agreed')], VERBOSE_BYTES)))
    // The unit is paid for as often as it was answered.
    expect([costMicro % fuel, costMicro / fuel > 1n]).toEqual([0n, true])
    expect(await region.bookProblems()).toEqual([])
  })
})

describe('a unit that fails', () => {
  const split = { kind: 'items', items: ['a', 'xx', 'b'] }

  test('fails its job, which names it [JOB-2.2]', async () => {
    const task = taskOf(TRAPS_ON_X)
    await expect(run({ task, split, aggregate: { kind: 'concat' } })).rejects.toMatchObject({
      info: { code: 'job_ended', state: 'failed' },
      message: expect.stringContaining('unit 1 trapped: unreachable'),
    })
  })

  test('is skipped and counted when the job says so [JOB-2.2]', async () => {
    const job = { task: taskOf(TRAPS_ON_X), split, onUnitError: 'skip' }
    expect(await collected(job)).toEqual(['a', null, 'b'])
    const result = await run({ ...job, aggregate: { kind: 'concat' } })
    expect([fromUtf8(result.bytes), result.failedUnits]).toEqual(['ab', 1])
  })

  test('may be one that ends with an exit code [JOB-2.2]', async () => {
    const job = { task: taskOf(EXITS_WITH_7), split, aggregate: { kind: 'concat' } }
    await expect(run(job)).rejects.toThrow(/unit [012] exited with code 7/)
    expect(await region.bookProblems()).toEqual([])
  })
})
