/** Routes for everybody: who is asking, what happens, and what cells come to. */
import { ApiError } from './admin-api.ts'
import { type ApiCall, type ApiRoute, EventsReply } from './api-route.ts'
import { ANYBODY } from './roles.ts'
import type { Session } from './session-api.ts'
import { timeRange } from './time-range.ts'

/** What everybody may ask is made once a second at most. */
const SHARED_MS = 1_000

export const PUBLIC_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/api/region',
    summary: 'The region, its addresses and how busy it is.',
    roles: ANYBODY,
    sharedMs: SHARED_MS,
    run: ({ api }) => api.region(),
  },
  {
    method: 'GET',
    path: '/api/session',
    summary: 'Whose token this is, and what the region shows.',
    roles: ANYBODY,
    run: call => sessionOf(call),
  },
  {
    method: 'GET',
    path: '/api/events',
    summary: 'Changes as they happen, as Server-Sent Events.',
    roles: ANYBODY,
    run: async () => new EventsReply(),
  },
  {
    method: 'GET',
    path: '/api/public/totals',
    summary: 'What the region has come to.',
    roles: ANYBODY,
    sharedMs: SHARED_MS,
    run: ({ api }) => api.publicTotals(),
  },
  {
    method: 'GET',
    path: '/api/public/cells',
    summary: 'What each cell came to in the newest window of every running campaign, where data is open.',
    roles: ANYBODY,
    sharedMs: SHARED_MS,
    run: async call => {
      await needOpenData(call)
      return call.api.publicCells()
    },
  },
  {
    method: 'GET',
    path: '/api/public/history',
    summary: 'What a cell came to, window by window, where data is open.',
    roles: ANYBODY,
    query: ['campaign', 'cell', 'from', 'to'],
    sharedMs: SHARED_MS,
    run: async call => {
      await needOpenData(call)
      const { api, query } = call
      const [campaign, cell] = [query.get('campaign'), query.get('cell')]
      if (campaign && cell) return api.publicHistory({ campaign, cell, ...timeRange(query) })
      throw new ApiError('bad_request', 'Name both: /api/public/history?campaign=<id>&cell=<H3 cell>.')
    },
  },
]

async function sessionOf({ api, principal }: ApiCall): Promise<Session> {
  const { name: region, openData } = await api.region()
  const name = 'name' in principal ? principal.name : null
  return { role: principal.role, name, region, openData, tokenExpires: null }
}

/** The operator sees cells in any case. */
async function needOpenData({ api, principal }: ApiCall): Promise<void> {
  if (principal.role === 'operator' || (await api.region()).openData) return
  throw new ApiError(
    'not_allowed',
    'This region does not show what its cells come to: its operator starts it with --open-data to do so.',
  )
}
