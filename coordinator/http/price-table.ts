/** Routes about base prices and what they call. */
import type { ApiRoute } from './api-route.ts'

export const PRICE_ROUTES: readonly ApiRoute[] = [
  { method: 'GET', path: '/api/prices', forSubmitters: true, run: ({ api }) => api.priceList() },
  {
    method: 'GET',
    path: '/api/prices/:what/explain',
    forSubmitters: true,
    run: ({ api, subject }) => api.priceExplain(subject),
  },
]
