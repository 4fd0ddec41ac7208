/** Routes about payouts and what they call. */
import { utf8 } from '../../protocol/index.ts'
import { ApiError } from './admin-api.ts'
import { type ApiRoute, StreamReply } from './api-route.ts'
import { Fields } from './json-body.ts'

const SIGNATURE_TEXT_MAX = 132

export const PAYOUT_ROUTES: readonly ApiRoute[] = [
  { method: 'GET', path: '/api/payouts', run: ({ api }) => api.payoutList() },
  { method: 'GET', path: '/api/payouts/:epoch', run: ({ api, subject }) => api.payout(epochOf(subject)) },
  {
    method: 'GET',
    path: '/api/payouts/:epoch/file',
    run: async ({ api, subject }) =>
      new StreamReply('text/csv; charset=utf-8', [utf8(api.payoutFile(epochOf(subject)))]),
  },
  { method: 'GET', path: '/api/payouts/:epoch/claims', run: ({ api, subject }) => api.payoutClaims(epochOf(subject)) },
  {
    method: 'POST',
    path: '/api/payouts/:epoch/confirm',
    run: ({ api, subject, body }) => {
      new Fields(body, [])
      return api.payoutConfirm(epochOf(subject))
    },
  },
  {
    method: 'POST',
    path: '/api/payouts/:epoch/void',
    run: ({ api, subject, body }) => {
      const payee = new Fields(body, ['payee']).optionalText('payee')
      return payee === undefined ? api.payoutVoid(epochOf(subject)) : api.payoutVoid(epochOf(subject), payee)
    },
  },
  {
    method: 'POST',
    path: '/api/payouts/:epoch/signatures',
    creates: true,
    run: ({ api, subject, body }) => {
      return api.payoutSign(epochOf(subject), new Fields(body, ['signature']).text('signature', SIGNATURE_TEXT_MAX))
    },
  },
  { method: 'GET', path: '/api/bindings', run: ({ api }) => api.bindingList() },
]

function epochOf(text: string): number {
  const epoch = /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(epoch)) return epoch
  throw new ApiError('bad_request', 'An epoch is a whole number, such as 20777: `hedgerow payout list` shows them.')
}
