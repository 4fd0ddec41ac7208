/** Puts the jobs department together from what the store holds, reading again what running jobs are made of. */
import { HedgerowError, parseStoredJobSpec, sha256Hex } from '../protocol/index.ts'
import type { Batch } from './batch.ts'
import type { BlobStore } from './blobs/blob-store.ts'
import type { Admission } from './intake/admission.ts'
import type { Desk, Job } from './jobs/job.ts'
import { Jobs, type Now } from './jobs/jobs.ts'
import { restoreJob } from './jobs/restore.ts'
import { REGION_SUBMITTER } from './ledger/ledger.ts'
import type { JobRow, Store } from './store/rows.ts'

export interface OpenJobsComponents {
  store: Store
  blobs: Pick<BlobStore, 'read'>
  admission: Admission
  desk: Desk
  warn(event: string, fields: Readonly<Record<string, string | number>>): void
}

export interface OpenJobs {
  readonly jobs: Jobs
  readonly resumed: number
  /** Goes on where the last run ended; the first step of the region. */
  resume(now: Now, batch: Batch): void
}

/** Jobs that cannot be resumed, such as when their input is gone, are ended with the reason and refunded. */
export async function openJobs(components: OpenJobsComponents, monotonicMs: number): Promise<OpenJobs> {
  const { store, blobs, admission, desk, warn } = components
  const restored: Job[] = []
  const broken: { row: JobRow; reason: string }[] = []
  const parts = {
    store,
    fleet: desk.fleet,
    policy: desk.policy,
    readBlob: (name: string) => blobs.read(sha256Hex(name)),
  }
  for (const row of store.jobs({ states: ['running', 'aggregating'] })) {
    if (row.submitter === REGION_SUBMITTER) {
      broken.push({ row, reason: 'the coordinator was restarted' })
      continue
    }
    try {
      const prepared = await admission.readmit(parseStoredJobSpec(row.spec), row.id, row.ref)
      restored.push(restoreJob(parts, prepared, monotonicMs))
    } catch (error) {
      if (!(error instanceof HedgerowError)) throw error
      warn('job_not_resumed', { job: row.id, code: error.code })
      broken.push({ row, reason: `it could not be resumed: ${error.message}` })
    }
  }
  const jobs = new Jobs(desk, restored)
  return {
    jobs,
    resumed: restored.length,
    resume: (now, batch) => {
      for (const { row, reason } of broken) jobs.abandon(row, reason, now, batch)
      jobs.resume(now, batch)
    },
  }
}
