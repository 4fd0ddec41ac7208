/** Every route of the administration, who may call it and what it calls. */
import { LIMITS } from '../../protocol/index.ts'
import { ApiError, type Ledger } from './admin-api.ts'
import type { ApiCall, ApiRoute } from './api-route.ts'
import { BACKUP_ROUTES } from './backup-table.ts'
import { deviceOf } from './device-of.ts'
import { DISPUTE_ROUTES } from './dispute-table.ts'
import { JOB_ROUTES } from './job-table.ts'
import { OWNER_ROUTES } from './owner-table.ts'
import { PAYOUT_ROUTES } from './payout-table.ts'
import { PRICE_ROUTES } from './price-table.ts'
import { PUBLIC_ROUTES } from './public-table.ts'
import { REPUTATION_ROUTES } from './reputation-table.ts'
import { MEMBERS, OPERATOR, OWNERS } from './roles.ts'
import { SCHEDULING_ROUTES } from './scheduling-table.ts'
import { SENSING_ROUTES } from './sensing-table.ts'
import { WITNESS_ROUTES } from './witness-table.ts'

const CLAIM_LIFETIME_MS = 24 * 3_600_000

export const API_ROUTES: readonly ApiRoute[] = [
  ...PUBLIC_ROUTES,
  {
    method: 'POST',
    path: '/api/claims',
    summary: 'Invites one device, once.',
    roles: OWNERS,
    body: ['owner', 'lifetimeMs'],
    creates: true,
    run: ({ api, principal, fields }) => {
      const lifetimeMs = fields.count('lifetimeMs', CLAIM_LIFETIME_MS)
      if (principal.role !== 'owner') return api.claimNew({ owner: fields.text('owner'), lifetimeMs })
      const { name } = principal
      if ((fields.optionalText('owner') ?? name) === name) return api.claimNew({ owner: name, lifetimeMs, by: name })
      throw new ApiError('not_allowed', `This token is ${name}'s and cannot invite devices for another owner.`)
    },
  },
  {
    method: 'GET',
    path: '/api/devices',
    summary: 'Devices with their standing, load, record and earnings.',
    roles: OWNERS,
    query: ['owner'],
    run: ({ api, principal, query }) => {
      const owner = principal.role === 'owner' ? principal.name : query.get('owner') || undefined
      return api.deviceList(owner === undefined ? {} : { owner })
    },
  },
  {
    method: 'GET',
    path: '/api/devices/:id',
    summary: 'A device with its standing, load, record and earnings.',
    roles: OWNERS,
    run: async call => call.api.device(await deviceOf(call)),
  },
  {
    method: 'GET',
    path: '/api/devices/:id/explain',
    summary: 'Why a device works or waits.',
    roles: OWNERS,
    run: async call => call.api.deviceExplain(await deviceOf(call)),
  },
  {
    method: 'POST',
    path: '/api/devices/:id/revoke',
    summary: 'Takes a device its standing: it gets no work and cannot connect.',
    roles: OPERATOR,
    body: ['reason'],
    run: ({ api, subject, fields }) => api.deviceRevoke(subject, fields.text('reason', LIMITS.reasonBytesMax)),
  },
  {
    method: 'POST',
    path: '/api/devices/:id/reinstate',
    summary: 'Gives a device its standing back.',
    roles: OPERATOR,
    run: ({ api, subject }) => api.deviceReinstate(subject),
  },
  ...OWNER_ROUTES,
  {
    method: 'GET',
    path: '/api/submitters',
    summary: 'Submitters and what they have left to pay with.',
    roles: OPERATOR,
    run: ({ api }) => api.submitterList(),
  },
  {
    method: 'POST',
    path: '/api/submitters',
    summary: 'Adds a submitter and gives it a token, shown this once.',
    roles: OPERATOR,
    body: ['name', 'fundMicro'],
    creates: true,
    run: ({ api, fields }) => {
      const fundMicro = fields.optionalText('fundMicro')
      return api.submitterAdd({ name: fields.text('name'), ...(fundMicro === undefined ? {} : { fundMicro }) })
    },
  },
  {
    method: 'POST',
    path: '/api/submitters/:name/fund',
    summary: 'Issues credits to a submitter.',
    roles: OPERATOR,
    body: ['amountMicro'],
    run: ({ api, subject, fields }) => api.fund(subject, fields.text('amountMicro')),
  },
  ...JOB_ROUTES,
  ...SENSING_ROUTES,
  ...WITNESS_ROUTES,
  ...PAYOUT_ROUTES,
  ...DISPUTE_ROUTES,
  ...PRICE_ROUTES,
  ...REPUTATION_ROUTES,
  ...SCHEDULING_ROUTES,
  ...BACKUP_ROUTES,
  {
    method: 'GET',
    path: '/api/payments/:id',
    summary: 'What a transfer paid for, and why so much.',
    roles: OPERATOR,
    run: ({ api, subject }) => api.paymentExplain(subject),
  },
  {
    method: 'GET',
    path: '/api/ledger',
    summary: 'Accounts and their balances.',
    roles: MEMBERS,
    query: ['account'],
    run: call => ledgerOf(call),
  },
  {
    method: 'GET',
    path: '/api/metrics',
    summary: 'Counters and gauges by name.',
    roles: OPERATOR,
    run: ({ api }) => api.metrics(),
  },
]

/** The operator sees every account; an owner those of its devices and a submitter its own, and no others. */
async function ledgerOf({ api, principal, query }: ApiCall): Promise<Ledger> {
  const account = query.get('account') || undefined
  if (principal.role === 'operator') return api.ledgerBalance(account)
  const own = new Set<string>()
  if (principal.role === 'submitter') own.add(`submitter:${principal.name}`)
  if (principal.role === 'owner') {
    for (const { id } of await api.deviceList({ owner: principal.name }))
      own.add(`available:${id}`).add(`holdback:${id}`)
  }
  if (account !== undefined && !own.has(account)) {
    throw new ApiError('not_allowed', 'This account belongs to somebody else: leave out ?account= to see your own.')
  }
  const { accounts, transfers } = await api.ledgerBalance()
  return { accounts: accounts.filter(({ id }) => own.has(id) && (account === undefined || account === id)), transfers }
}
