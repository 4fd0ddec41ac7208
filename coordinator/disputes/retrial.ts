/** Prepares second looks: reads the case's file and the job's module and input again, which the department cannot. */
import { HedgerowError, messageOf, parseStoredJobSpec, type Sha256Hex, sha256Hex, toHex } from '../../protocol/index.ts'
import type { Effect } from '../batch.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { Admission } from '../intake/admission.ts'
import type { PreparedJob } from '../jobs/job.ts'
import type { KeptLease } from '../jobs/retrial.ts'
import type { Region } from '../region.ts'
import type { LeaseRow, Store } from '../store/rows.ts'
import { acceptedAnswers } from './accepted-answers.ts'
import { type CaseFile, type CaseStore, readCaseFile } from './case-file.ts'
import type { Disputes } from './disputes.ts'

export type RetryEffect = Extract<Effect, { kind: 'retry' }>

export interface RetrialComponents {
  step: Region['step']
  disputes: Disputes
  store: CaseStore & Pick<Store, 'openLeases' | 'acceptedOutputs'>
  blobs: Pick<BlobStore, 'read'>
  admission: Pick<Admission, 'readmit'>
}

/** @returns prepares one second look; never rejects for what is wrong with it, since the dispute then ends undecided */
export function createRetrials(components: RetrialComponents): (effect: RetryEffect) => Promise<void> {
  const { step, disputes, store, blobs, admission } = components

  const readBlob = (digest: Uint8Array) => tryRead(() => blobs.read(toSha256(digest)))
  const outputsOf = ({ state, digest, outputs }: LeaseRow): Uint8Array | null => {
    return state !== 'returned' || outputs !== null || digest === null ? outputs : readBlob(digest)
  }

  return async ({ dispute, job, lease }) => {
    const kept: KeptLease[] = store.openLeases(job).map(row => ({ row, outputs: outputsOf(row) }))
    const ready = await prepare(store, readBlob, admission, lease)
    step((now, batch) => {
      if ('why' in ready) disputes.giveUp(dispute, ready.why, kept, now, batch)
      else disputes.retry(dispute, ready.file, ready.prepared, kept, now, batch)
    })
  }
}

async function prepare(
  store: RetrialComponents['store'],
  readBlob: (digest: Uint8Array) => Uint8Array | null,
  admission: Pick<Admission, 'readmit'>,
  lease: number,
): Promise<{ file: CaseFile; prepared: PreparedJob } | { why: string }> {
  const file = readCaseFile(store, lease)
  if (file === null) return { why: `Lease ${lease} is not in the books any more.` }
  const { id, ref, spec } = file.job
  try {
    const prepared = await admission.readmit(parseStoredJobSpec(spec), id, ref)
    return { file: { ...file, answers: acceptedAnswers(store, readBlob, file) }, prepared }
  } catch (error) {
    if (!(error instanceof HedgerowError)) throw error
    return { why: `Its units cannot be run again: ${messageOf(error)}` }
  }
}

const toSha256 = (digest: Uint8Array): Sha256Hex => sha256Hex(toHex(digest))

function tryRead(read: () => Uint8Array): Uint8Array | null {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof HedgerowError)) throw error
    return null
  }
}
