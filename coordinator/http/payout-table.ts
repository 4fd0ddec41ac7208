/** Routes about payouts and what they call. */
import { utf8 } from '../../protocol/index.ts'
import { ApiError } from './admin-api.ts'
import { type ApiRoute, StreamReply } from './api-route.ts'
import { OPERATOR } from './roles.ts'

const SIGNATURE_TEXT_MAX = 132

export const PAYOUT_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/api/payouts',
    summary: 'How the region pays out, and the epochs that were closed.',
    roles: OPERATOR,
    run: ({ api }) => api.payoutList(),
  },
  {
    method: 'GET',
    path: '/api/payouts/:epoch',
    summary: 'An epoch with all that it pays.',
    roles: OPERATOR,
    run: ({ api, subject }) => api.payout(epochOf(subject)),
  },
  {
    method: 'GET',
    path: '/api/payouts/:epoch/file',
    summary: 'The file for a bank, as CSV.',
    roles: OPERATOR,
    run: async ({ api, subject }) =>
      new StreamReply('text/csv; charset=utf-8', [utf8(api.payoutFile(epochOf(subject)))]),
  },
  {
    method: 'GET',
    path: '/api/payouts/:epoch/claims',
    summary: 'What each payee can claim from the contract, with proofs.',
    roles: OPERATOR,
    run: ({ api, subject }) => api.payoutClaims(epochOf(subject)),
  },
  {
    method: 'POST',
    path: '/api/payouts/:epoch/confirm',
    summary: 'Books the payments of an epoch as made.',
    roles: OPERATOR,
    run: ({ api, subject }) => api.payoutConfirm(epochOf(subject)),
  },
  {
    method: 'POST',
    path: '/api/payouts/:epoch/void',
    summary: 'Takes back the payments of an epoch, or one of them.',
    roles: OPERATOR,
    body: ['payee'],
    run: ({ api, subject, fields }) => {
      const payee = fields.optionalText('payee')
      return payee === undefined ? api.payoutVoid(epochOf(subject)) : api.payoutVoid(epochOf(subject), payee)
    },
  },
  {
    method: 'POST',
    path: '/api/payouts/:epoch/signatures',
    summary: 'Adds the signature of another coordinator to the root of an epoch.',
    roles: OPERATOR,
    body: ['signature'],
    creates: true,
    run: ({ api, subject, fields }) => api.payoutSign(epochOf(subject), fields.text('signature', SIGNATURE_TEXT_MAX)),
  },
  {
    method: 'GET',
    path: '/api/bindings',
    summary: 'Where the earnings of devices go.',
    roles: OPERATOR,
    run: ({ api }) => api.bindingList(),
  },
]

function epochOf(text: string): number {
  const epoch = /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(epoch)) return epoch
  throw new ApiError('bad_request', 'An epoch is a whole number, such as 20777: `hedgerow payout list` shows them.')
}
