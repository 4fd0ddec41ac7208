/** Reads what was accepted of a disputed lease, so that a second look can say which of its units differ. */
import { createHash } from 'node:crypto'
import { toHex } from '../../protocol/index.ts'
import type { AcceptedRow, Store } from '../store/rows.ts'
import type { CaseFile } from './case-file.ts'

/**
 * The accepted outputs of a lease's runs, by the first unit of each. What is gone or damaged is left out.
 * @param readBlob - the blob of a SHA-256; null when there is none
 */
export function acceptedAnswers(
  store: Pick<Store, 'acceptedOutputs'>,
  readBlob: (digest: Uint8Array) => Uint8Array | null,
  { job, lease, runs }: Pick<CaseFile, 'job' | 'lease' | 'runs'>,
): Map<number, Uint8Array> {
  const answers = new Map<number, Uint8Array>()
  const wanted = new Map(runs.map(({ first, digest }) => [first, digest]))
  for (const row of store.acceptedOutputs(job.id, lease.firstUnit)) {
    if (row.firstUnit >= lease.firstUnit + lease.unitCount) break
    const outputs = outputsOf(row, readBlob)
    if (outputs !== null && wanted.get(row.firstUnit) === sha256(outputs)) answers.set(row.firstUnit, outputs)
  }
  return answers
}

const outputsOf = ({ outputs, digest }: AcceptedRow, readBlob: (digest: Uint8Array) => Uint8Array | null) =>
  outputs ?? readBlob(digest)

const sha256 = (bytes: Uint8Array): string => toHex(createHash('sha256').update(bytes).digest())
