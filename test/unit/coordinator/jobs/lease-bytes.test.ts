import { expect, test } from 'vitest'
import type { PreparedJob } from '../../../../coordinator/jobs/job.ts'
import { leaseBytes } from '../../../../coordinator/jobs/lease-bytes.ts'
import { BlobIndexer, cutOf, LIMITS, planSplit, sha256Hex, utf8 } from '../../../../protocol/index.ts'

const LINE = 'x'.repeat(9_999)

/** A job of units of 10 000 bytes each but the last, which has 7. */
function byLines(units: number): Pick<PreparedJob, 'plan' | 'input'> {
  const split = { kind: 'blob', source: { sha256: sha256Hex('aa'.repeat(32)) }, by: 'lines', size: 1 } as const
  const indexer = new BlobIndexer(cutOf(split))
  indexer.push(utf8(`${`${LINE}\n`.repeat(units - 1)}the end`))
  return { plan: planSplit(split, indexer.finish()), input: split.source.sha256 }
}

const bytesOf = (job: Pick<PreparedJob, 'plan' | 'input'>, first: number, count: number): number =>
  leaseBytes(job as PreparedJob, first, count).inputBytes

test('a lease makes its device fetch exactly its units of the blob, unless they travel inside it', () => {
  const job = byLines(10)
  expect(bytesOf(job, 0, 10)).toBe(90_007)
  expect(bytesOf(job, 3, 2)).toBe(20_000)
  expect(bytesOf(job, 8, 2)).toBe(0)
  expect(bytesOf(job, 3, 1)).toBe(0)
  expect(LIMITS.inlineBytesMax).toBe(16_384)
})

test('a lease without a blob makes its device fetch nothing', () => {
  const split = { kind: 'items', items: ['a'.repeat(20_000), 'b'] } as const
  expect(bytesOf({ plan: planSplit(split), input: null }, 0, 2)).toBe(0)
})
