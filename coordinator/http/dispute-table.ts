/** Routes about disputes and what they call. */
import { LIMITS } from '../../protocol/index.ts'
import { ApiError } from './admin-api.ts'
import type { ApiCall, ApiRoute } from './api-route.ts'
import type { Dispute, DisputedSubject } from './dispute-api.ts'
import type { Fields } from './json-body.ts'
import { SUBMITTERS } from './roles.ts'
import { askingSubmitter, submitterOf } from './submitter-of.ts'

export const DISPUTE_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/api/disputes',
    summary: 'Disputes, newest first.',
    roles: SUBMITTERS,
    query: ['submitter'],
    run: ({ api, principal, query }) => {
      const submitter = submitterOf(principal, query)
      return api.disputeList(submitter === null ? {} : { submitter })
    },
  },
  {
    method: 'POST',
    path: '/api/disputes',
    summary: 'Has a lease, a unit or a verdict looked at again.',
    roles: SUBMITTERS,
    query: ['submitter'],
    body: ['reason', 'lease', 'job', 'unit', 'campaign', 'window', 'sensor'],
    creates: true,
    run: ({ api, principal, query, body, fields }) => {
      const reason = fields.text('reason', LIMITS.reasonBytesMax)
      return api.disputeOpen(submitterOf(principal, query), subjectOf(fields, body), reason)
    },
  },
  {
    method: 'GET',
    path: '/api/disputes/:id',
    summary: 'A dispute and how far it is.',
    roles: SUBMITTERS,
    run: call => disputeOf(call),
  },
  {
    method: 'GET',
    path: '/api/disputes/:id/explain',
    summary: 'Why a dispute went as it did.',
    roles: SUBMITTERS,
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
  const submitter = askingSubmitter(principal)
  if (submitter === null) return api.dispute(subject)
  const notFound = new ApiError('not_found', `${submitter} has no dispute ${subject.slice(0, 64)} in this region.`)
  const dispute = await api.dispute(subject).catch((error: unknown) => {
    throw error instanceof ApiError && error.code === 'not_found' ? notFound : error
  })
  if (dispute.submitter !== submitter) throw notFound
  return dispute
}
