/** Every route of the administration and what it calls. */
import { LIMITS } from '../../protocol/index.ts'
import { ApiError, type Job } from './admin-api.ts'
import { type ApiCall, type ApiRoute, BlobReply } from './api-route.ts'
import { DISPUTE_ROUTES } from './dispute-table.ts'
import { Fields } from './json-body.ts'
import { PAYOUT_ROUTES } from './payout-table.ts'
import { PRICE_ROUTES } from './price-table.ts'
import { REPUTATION_ROUTES } from './reputation-table.ts'
import { SCHEDULING_ROUTES } from './scheduling-table.ts'
import { SENSING_ROUTES } from './sensing-table.ts'
import { submitterOf } from './submitter-of.ts'
import { WITNESS_ROUTES } from './witness-table.ts'

const CLAIM_LIFETIME_MS = 24 * 3_600_000

export const API_ROUTES: readonly ApiRoute[] = [
  { method: 'GET', path: '/api/region', run: ({ api }) => api.region() },
  {
    method: 'POST',
    path: '/api/claims',
    creates: true,
    run: ({ api, body }) => {
      const fields = new Fields(body, ['owner', 'lifetimeMs'])
      return api.claimNew({ owner: fields.text('owner'), lifetimeMs: fields.count('lifetimeMs', CLAIM_LIFETIME_MS) })
    },
  },
  { method: 'GET', path: '/api/devices', run: ({ api }) => api.deviceList() },
  { method: 'GET', path: '/api/devices/:id', run: ({ api, subject }) => api.device(subject) },
  { method: 'GET', path: '/api/devices/:id/explain', run: ({ api, subject }) => api.deviceExplain(subject) },
  {
    method: 'POST',
    path: '/api/devices/:id/revoke',
    run: ({ api, subject, body }) => {
      return api.deviceRevoke(subject, new Fields(body, ['reason']).text('reason', LIMITS.reasonBytesMax))
    },
  },
  {
    method: 'POST',
    path: '/api/devices/:id/reinstate',
    run: ({ api, subject, body }) => {
      new Fields(body, [])
      return api.deviceReinstate(subject)
    },
  },
  { method: 'GET', path: '/api/submitters', run: ({ api }) => api.submitterList() },
  {
    method: 'POST',
    path: '/api/submitters',
    creates: true,
    run: ({ api, body }) => {
      const fields = new Fields(body, ['name', 'fundMicro'])
      const fundMicro = fields.optionalText('fundMicro')
      return api.submitterAdd({ name: fields.text('name'), ...(fundMicro === undefined ? {} : { fundMicro }) })
    },
  },
  {
    method: 'POST',
    path: '/api/submitters/:name/fund',
    run: ({ api, subject, body }) => api.fund(subject, new Fields(body, ['amountMicro']).text('amountMicro')),
  },
  {
    method: 'GET',
    path: '/api/jobs',
    forSubmitters: true,
    run: ({ api, principal, query }) => {
      const submitter = submitterOf(principal, query)
      return api.jobList(submitter === null ? {} : { submitter })
    },
  },
  {
    method: 'POST',
    path: '/api/jobs',
    creates: true,
    forSubmitters: true,
    run: ({ api, principal, query, body }) => {
      const submitter = submitterOf(principal, query)
      if (submitter === null)
        throw new ApiError('bad_request', 'Say who pays for the job: POST /api/jobs?submitter=<name>.')
      return api.jobSubmit(submitter, body)
    },
  },
  { method: 'GET', path: '/api/jobs/:id', forSubmitters: true, run: call => jobOf(call) },
  {
    method: 'GET',
    path: '/api/jobs/:id/explain',
    forSubmitters: true,
    run: async call => {
      const { id } = await jobOf(call)
      return call.api.jobExplain(id)
    },
  },
  {
    method: 'GET',
    path: '/api/jobs/:id/placements',
    forSubmitters: true,
    run: async call => {
      const { id } = await jobOf(call)
      return call.api.jobPlacements(id)
    },
  },
  {
    method: 'POST',
    path: '/api/jobs/:id/cancel',
    forSubmitters: true,
    run: async call => {
      new Fields(call.body, [])
      const { id } = await jobOf(call)
      return call.api.jobCancel(id)
    },
  },
  {
    method: 'GET',
    path: '/api/jobs/:id/result',
    forSubmitters: true,
    run: async call => {
      const { id, state, result } = await jobOf(call)
      if (!result) throw new ApiError('conflict', `The job ${id} is ${state} and has no result.`)
      return new BlobReply(result.sha256, result.mediaType)
    },
  },
  {
    method: 'GET',
    path: '/api/jobs/:id/bill',
    forSubmitters: true,
    run: async call => {
      const { id, state, bill } = await jobOf(call)
      if (!bill) throw new ApiError('conflict', `The job ${id} is ${state} and has no bill.`)
      return new BlobReply(bill.sha256, 'text/csv')
    },
  },
  ...SENSING_ROUTES,
  ...WITNESS_ROUTES,
  ...PAYOUT_ROUTES,
  ...DISPUTE_ROUTES,
  ...PRICE_ROUTES,
  ...REPUTATION_ROUTES,
  ...SCHEDULING_ROUTES,
  { method: 'GET', path: '/api/payments/:id', run: ({ api, subject }) => api.paymentExplain(subject) },
  { method: 'GET', path: '/api/ledger', run: ({ api, query }) => api.ledgerBalance(query.get('account') || undefined) },
  { method: 'GET', path: '/api/metrics', run: ({ api }) => api.metrics() },
]

/** The job, if whoever asks may know of it; somebody else's job is as good as none. */
async function jobOf({ api, principal, subject }: ApiCall): Promise<Job> {
  if (principal.kind === 'admin') return api.job(subject)
  const notFound = new ApiError('not_found', `${principal.name} has no job ${subject.slice(0, 64)} in this region.`)
  const job = await api.job(subject).catch((error: unknown) => {
    throw error instanceof ApiError && error.code === 'not_found' ? notFound : error
  })
  if (job.submitter !== principal.name) throw notFound
  return job
}
