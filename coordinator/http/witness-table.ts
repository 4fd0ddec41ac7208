/** Routes about witnesses and what they call. */
import { LIMITS } from '../../protocol/index.ts'
import type { ApiRoute } from './api-route.ts'
import { Fields } from './json-body.ts'

export const WITNESS_ROUTES: readonly ApiRoute[] = [
  { method: 'GET', path: '/api/witnesses', run: ({ api }) => api.witnessList() },
  {
    method: 'POST',
    path: '/api/witnesses',
    creates: true,
    run: ({ api, body }) => api.witnessAdd({ url: new Fields(body, ['url']).text('url', LIMITS.urlBytesMax) }),
  },
  {
    method: 'POST',
    path: '/api/witnesses/:origin/remove',
    run: ({ api, subject, body }) => {
      new Fields(body, [])
      return api.witnessRemove(subject)
    },
  },
]
