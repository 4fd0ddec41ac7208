/** Routes about jobs and what they call. */
import { ApiError, type Job } from './admin-api.ts'
import { type ApiCall, type ApiRoute, BlobReply } from './api-route.ts'
import { SUBMITTERS } from './roles.ts'
import { askingSubmitter, payerOf, submitterOf } from './submitter-of.ts'

export const JOB_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/api/jobs',
    summary: 'Jobs, newest first.',
    roles: SUBMITTERS,
    query: ['submitter'],
    run: ({ api, principal, query }) => {
      const submitter = submitterOf(principal, query)
      return api.jobList(submitter === null ? {} : { submitter })
    },
  },
  {
    method: 'POST',
    path: '/api/jobs',
    summary: 'Submits a job.',
    roles: SUBMITTERS,
    query: ['submitter'],
    body: 'specification',
    creates: true,
    run: ({ api, principal, query, body }) => api.jobSubmit(payerOf(principal, query, 'job'), body),
  },
  {
    method: 'GET',
    path: '/api/jobs/:id',
    summary: 'A job, how far it is and what it has cost.',
    roles: SUBMITTERS,
    run: call => jobOf(call),
  },
  {
    method: 'GET',
    path: '/api/jobs/:id/explain',
    summary: 'Why a job is as it is.',
    roles: SUBMITTERS,
    run: async call => call.api.jobExplain((await jobOf(call)).id),
  },
  {
    method: 'GET',
    path: '/api/jobs/:id/doubts',
    summary: 'Which units of a job cannot be relied on, and what is right of those that are wrong.',
    roles: SUBMITTERS,
    run: async call => call.api.jobDoubts((await jobOf(call)).id),
  },
  {
    method: 'GET',
    path: '/api/jobs/:id/placements',
    summary: 'Which devices got parts of a job, which did not, and why.',
    roles: SUBMITTERS,
    run: async call => call.api.jobPlacements((await jobOf(call)).id),
  },
  {
    method: 'POST',
    path: '/api/jobs/:id/cancel',
    summary: 'Cancels a job; what was done is paid.',
    roles: SUBMITTERS,
    run: async call => {
      const by = call.principal.role === 'operator' ? 'operator' : 'submitter'
      return call.api.jobCancel((await jobOf(call)).id, by)
    },
  },
  {
    method: 'GET',
    path: '/api/jobs/:id/result',
    summary: 'The answer of a job, in its own media type, with ranges.',
    roles: SUBMITTERS,
    run: async call => {
      const { id, state, result } = await jobOf(call)
      if (!result) throw new ApiError('conflict', `The job ${id} is ${state} and has no result.`)
      return new BlobReply(result.sha256, result.mediaType)
    },
  },
  {
    method: 'GET',
    path: '/api/jobs/:id/bill',
    summary: 'What each unit of a job burned, as CSV, with ranges.',
    roles: SUBMITTERS,
    run: async call => {
      const { id, state, bill } = await jobOf(call)
      if (!bill) throw new ApiError('conflict', `The job ${id} is ${state} and has no bill.`)
      return new BlobReply(bill.sha256, 'text/csv')
    },
  },
]

/** The job, if whoever asks may know of it; somebody else's job is as good as none. */
async function jobOf({ api, principal, subject }: ApiCall): Promise<Job> {
  const submitter = askingSubmitter(principal)
  if (submitter === null) return api.job(subject)
  const notFound = new ApiError('not_found', `${submitter} has no job ${subject.slice(0, 64)} in this region.`)
  const job = await api.job(subject).catch((error: unknown) => {
    throw error instanceof ApiError && error.code === 'not_found' ? notFound : error
  })
  if (job.submitter !== submitter) throw notFound
  return job
}
