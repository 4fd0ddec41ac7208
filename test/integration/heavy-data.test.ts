/** Inputs and results of megabytes: every byte where it belongs, and none moved that nobody needs. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { decode, LIMITS, utf8 } from '../../protocol/index.ts'
import { CHECKSUM, checksumOf } from '../support/checksum-task.ts'
import { RECORD_END, recordText } from '../support/records.ts'
import { sha256HexOf, TestRegion, taskOf } from '../support/test-region.ts'
import { REACTOR_INPUT, range, reactor } from '../support/wasm-module.ts'

/** Room for the longest output a unit may have, behind the page that the input lies in. */
const PAGES = 18
/** Answers with the longest output there may be: its input, then zeros. */
const LONGEST = reactor(range(REACTOR_INPUT, LIMITS.unitOutputBytesMax), { memory: [1, 0, PAGES] })
/** Units of some 32 KB, which do not travel inside a lease. */
const RECORDS_PER_UNIT = 100

/** An answer that this process's HTTP server has finished. */
interface Served {
  readonly method: string
  readonly path: string
  readonly status: number
  /** `content-range`, or null. */
  readonly range: string | null
  readonly bytes: number
}

const served: Served[] = []
const record = (message: unknown): void => {
  const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
  served.push({
    method: request.method ?? '',
    path: request.url ?? '',
    status: response.statusCode,
    range: response.getHeader('content-range')?.toString() ?? null,
    bytes: Number(response.getHeader('content-length') ?? 0),
  })
}
const FINISHED = 'http.server.response.finish'

afterEach(() => {
  unsubscribe(FINISHED, record)
  served.length = 0
})

/** Three devices. Each begins its first lease only when all have one, so that none can do all before the others begin. */
async function joinThree(region: TestRegion, atWork: Set<string>): Promise<void> {
  const owners = ['ann', 'bob', 'cat']
  const allAtWork = Promise.withResolvers<void>()
  for (const owner of owners) {
    await region.join(owner, {
      wrapRunner: runner => ({
        close: () => runner.close(),
        run: async (lease, signal) => {
          atWork.add(owner)
          if (atWork.size === owners.length) allAtWork.resolve()
          await allAtWork.promise
          return runner.run(lease, signal)
        },
      }),
    })
  }
}

test('a text by records is read in parts, by each device its own, and every byte of it is read right', async () => {
  await using region = await TestRegion.start()
  const text = recordText(3_000_000)
  const ends = text.unitEnds(RECORDS_PER_UNIT)
  const atWork = new Set<string>()
  await joinThree(region, atWork)
  const submitter = await region.submitter('lab')
  const input = await submitter.upload(text.bytes)
  subscribe(FINISHED, record)
  const handle = await submitter.submit({
    task: taskOf(CHECKSUM),
    split: { kind: 'blob', source: { sha256: input }, by: 'records', size: RECORDS_PER_UNIT, delimiter: RECORD_END },
    aggregate: { kind: 'collect' },
    verify: 'trust',
    leaseUnitsMax: 5,
  })
  const { bytes } = await handle.result()

  const units = ends.map((end, unit) => checksumOf(text.bytes.subarray(ends[unit - 1] ?? 0, end)))
  expect(decode(bytes)).toEqual(units)

  const parts = served.filter(({ path }) => path === `/blob/${input}`)
  // Parts and nothing but parts, each from one unit's beginning to another's end.
  expect(new Set(parts.map(({ method, status }) => `${method} ${status}`))).toEqual(new Set(['GET 206']))
  const starts = new Set([0, ...ends])
  const distinct = new Map<number, number>()
  for (const { range, bytes } of parts) {
    const [, first = Number.NaN, last = Number.NaN] = (/^bytes (\d+)-(\d+)\//.exec(range ?? '') ?? []).map(Number)
    expect([starts.has(first), starts.has(last + 1), last + 1 - first]).toEqual([true, true, bytes])
    expect(distinct.get(first) ?? bytes, 'a run that is handed out again is the same part').toBe(bytes)
    distinct.set(first, bytes)
  }
  // Once each, the parts make up the text, but for a short end that travels inside its lease; and no lease fetched more than one.
  const moved = [...distinct.values()].reduce((sum, length) => sum + length, 0)
  expect(moved).toBeLessThanOrEqual(text.bytes.length)
  expect(moved).toBeGreaterThanOrEqual(text.bytes.length - LIMITS.inlineBytesMax)
  const { leases } = await region.admin.job(handle.id)
  expect(parts.length).toBeLessThanOrEqual(leases)
  expect([...atWork].sort()).toEqual(['ann', 'bob', 'cat'])
  expect(await region.bookProblems()).toEqual([])
})

test.each(['concat', 'collect'] as const)(
  'outputs of the longest kind come back as blobs, and %s puts them together',
  async kind => {
    await using region = await TestRegion.start()
    await region.joinAll('ann', 'bob')
    const submitter = await region.submitter('lab')
    subscribe(FINISHED, record)
    const units = 12
    const handle = await submitter.submit({
      task: taskOf(LONGEST),
      split: { kind: 'range', from: 0, to: units, chunk: 1 },
      aggregate: { kind },
      verify: 'trust',
    })
    const result = await handle.result()

    const outputs = Array.from({ length: units }, (_, unit) => {
      const output = new Uint8Array(LIMITS.unitOutputBytesMax)
      output.set(utf8(`${unit} ${unit + 1}\n`))
      return output
    })
    const found = kind === 'collect' ? (decode(result.bytes) as Uint8Array[]) : cut(result.bytes, units)
    expect(found.map(sha256HexOf)).toEqual(outputs.map(sha256HexOf))
    expect(result.bytes.length).toBeGreaterThanOrEqual(units * LIMITS.unitOutputBytesMax)
    // Each lease's outputs went up as a blob, and the answer came down as one.
    const puts = served.filter(({ method, status }) => method === 'PUT' && status === 201)
    expect(puts.length).toBeGreaterThan(0)
    expect(served.some(({ method, path }) => method === 'GET' && path === `/blob/${result.sha256}`)).toBe(true)
    expect(await region.bookProblems()).toEqual([])
  },
)

const cut = (bytes: Uint8Array, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, index) =>
    bytes.subarray((index * bytes.length) / count, ((index + 1) * bytes.length) / count),
  )
