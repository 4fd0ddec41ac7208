/** The submitter's library, for Node and for browsers: submit jobs and campaigns, follow them, read their results. */
export { blobUrl, fetchBlob, sha256Of, type UploadOptions, uploadBlob } from './blobs.ts'
export { CampaignError, type CampaignFailure } from './campaign-error.ts'
export type { CampaignHandle } from './campaign-handle.ts'
export {
  type CampaignSubmission,
  connectSubmitter,
  type JobSubmission,
  type SubmitterClient,
  type SubmitterComponents,
  type SubmitterInit,
} from './client.ts'
export { JobError, type JobFailure } from './errors.ts'
export { type Fetch, fetchFor } from './fetch.ts'
export type { JobEvent, JobProgress, JobStatus } from './job-feed.ts'
export type { JobHandle, JobResult } from './job-handle.ts'
export type { ConnectTransport, Transport, TransportEvents, TransportInit } from './transport.ts'
