/** Routes about witnesses and what they call. */
import { LIMITS } from '../../protocol/index.ts'
import type { ApiRoute } from './api-route.ts'
import { OPERATOR } from './roles.ts'

export const WITNESS_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/api/witnesses',
    summary: 'The regions that cosign the log of this one, and whether they do.',
    roles: OPERATOR,
    run: ({ api }) => api.witnessList(),
  },
  {
    method: 'POST',
    path: '/api/witnesses',
    summary: 'Asks another region to cosign the log of this one, and cosigns its log.',
    roles: OPERATOR,
    body: ['url'],
    creates: true,
    run: ({ api, fields }) => api.witnessAdd({ url: fields.text('url', LIMITS.urlBytesMax) }),
  },
  {
    method: 'POST',
    path: '/api/witnesses/:origin/remove',
    summary: 'Ends the watch of another region.',
    roles: OPERATOR,
    run: ({ api, subject }) => api.witnessRemove(subject),
  },
]
