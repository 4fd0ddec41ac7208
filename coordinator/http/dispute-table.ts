/** Routes about disputes and what they call. */
import { LIMITS } from '../../protocol/index.ts'
import { ApiError } from './admin-api.ts'
import type { ApiCall, ApiRoute } from './api-route.ts'
import type { Dispute, DisputedSubject } from './dispute-api.ts'
import { Fields } from './json-body.ts'
import { submitterOf } from './submitter-of.ts'

export const DISPUTE_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/api/disputes',
    forSubmitters: true,
    run: ({ api, principal, query }) => {
      const submitter = submitterOf(principal, query)
      return api.disputeList(submitter === null ? {} : { submitter })
    },
  },
  {
    method: 'POST',
    path: '/api/disputes',
    creates: true,
    forSubmitters: true,
    run: ({ api, principal, query, body }) => {
      const fields = new Fields(body, ['reason', 'lease', 'job', 'unit', 'campaign', 'window', 'sensor'])
      const reason = fields.text('reason', LIMITS.reasonBytesMax)
      return api.disputeOpen(submitterOf(principal, query), subjectOf(fields, body), reason)
    },
  },
  { method: 'GET', path: '/api/disputes/:id', forSubmitters: true, run: call => disputeOf(call) },
  {
    method: 'GET',
    path: '/api/disputes/:id/explain',
    forSubmitters: true,
    run: async call => call.api.disputeExplain((await disputeOf(call)).id),
  },
]

function subjectOf(fields: Fields, body: unknown): DisputedSubject {
  const job = fields.optionalText('job')
  const campaign = fields.optionalText('campaign')
  if (job !== undefined) return { job, unit: unitOf(body as { unit?: unknown }) }
  if (campaign === undefined) return { lease: fields.count('lease', 0) }
  return { campaign, window: fields.count('window', 0), sensor: fields.text('sensor') }
}

/** Units are counted from 0. */
function unitOf({ unit }: { unit?: unknown }): number {
  if (typeof unit === 'number' && Number.isSafeInteger(unit) && unit >= 0) return unit
  throw new ApiError('bad_request', "'unit' must be the number of a unit of the job, from 0.")
}

/** The dispute, if whoever asks may know of it; one about somebody else's business is as good as none. */
async function disputeOf({ api, principal, subject }: ApiCall): Promise<Dispute> {
  if (principal.kind === 'admin') return api.dispute(subject)
  const notFound = new ApiError('not_found', `${principal.name} has no dispute ${subject.slice(0, 64)} in this region.`)
  const dispute = await api.dispute(subject).catch((error: unknown) => {
    throw error instanceof ApiError && error.code === 'not_found' ? notFound : error
  })
  if (dispute.submitter !== principal.name) throw notFound
  return dispute
}
