/** Routes about reputation across regions and what they call. */
import type { ApiRoute } from './api-route.ts'
import { Fields } from './json-body.ts'

/** The longest statement in base64, with room to spare. */
const STATEMENT_TEXT_MAX = 2_048
/** A verifier key: a name, an id and 33 bytes in base64. */
const KEY_TEXT_MAX = 256

export const REPUTATION_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/api/reputation/devices/:id',
    run: ({ api, subject }) => api.reputationOfDevice(subject),
  },
  {
    method: 'GET',
    path: '/api/reputation/owners/:name',
    run: ({ api, subject }) => api.reputationOfOwner(subject),
  },
  {
    method: 'POST',
    path: '/api/reputation',
    creates: true,
    run: ({ api, body }) => api.reputationImport(new Fields(body, ['statement']).text('statement', STATEMENT_TEXT_MAX)),
  },
  { method: 'GET', path: '/api/regions', run: ({ api }) => api.trustedRegions() },
  {
    method: 'POST',
    path: '/api/regions',
    creates: true,
    run: ({ api, body }) => api.regionTrust(new Fields(body, ['key']).text('key', KEY_TEXT_MAX)),
  },
  {
    method: 'POST',
    path: '/api/regions/:id/distrust',
    run: ({ api, subject, body }) => {
      new Fields(body, [])
      return api.regionDistrust(subject)
    },
  },
]
