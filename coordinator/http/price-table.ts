/** Routes about base prices and what they call. */
import type { ApiRoute } from './api-route.ts'
import { ANYBODY } from './roles.ts'

export const PRICE_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/api/prices',
    summary: 'Base prices of work and readings now, and how they came about.',
    roles: ANYBODY,
    sharedMs: 1_000,
    run: ({ api }) => api.priceList(),
  },
  {
    method: 'GET',
    path: '/api/prices/:what/explain',
    summary: 'Why a base price is what it is.',
    roles: ANYBODY,
    sharedMs: 1_000,
    run: ({ api, subject }) => api.priceExplain(subject),
  },
]
