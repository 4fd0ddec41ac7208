/** Routes about reputation across regions and what they call. */
import type { ApiRoute } from './api-route.ts'
import { OPERATOR } from './roles.ts'

/** The longest statement in base64, with room to spare. */
const STATEMENT_TEXT_MAX = 2_048
/** A verifier key: a name, an id and 33 bytes in base64. */
const KEY_TEXT_MAX = 256

export const REPUTATION_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/api/reputation/devices/:id',
    summary: 'A signed statement of how a device has done here, for other regions.',
    roles: OPERATOR,
    run: ({ api, subject }) => api.reputationOfDevice(subject),
  },
  {
    method: 'GET',
    path: '/api/reputation/owners/:name',
    summary: 'A signed statement of how the devices of an owner have done here, for other regions.',
    roles: OPERATOR,
    run: ({ api, subject }) => api.reputationOfOwner(subject),
  },
  {
    method: 'POST',
    path: '/api/reputation',
    summary: 'Takes the statement of a trusted region.',
    roles: OPERATOR,
    body: ['statement'],
    creates: true,
    run: ({ api, fields }) => api.reputationImport(fields.text('statement', STATEMENT_TEXT_MAX)),
  },
  {
    method: 'GET',
    path: '/api/regions',
    summary: 'The regions whose statements count here.',
    roles: OPERATOR,
    run: ({ api }) => api.trustedRegions(),
  },
  {
    method: 'POST',
    path: '/api/regions',
    summary: 'Lets the statements of a region count here.',
    roles: OPERATOR,
    body: ['key'],
    creates: true,
    run: ({ api, fields }) => api.regionTrust(fields.text('key', KEY_TEXT_MAX)),
  },
  {
    method: 'POST',
    path: '/api/regions/:id/distrust',
    summary: 'Lets the statements of a region count no more.',
    roles: OPERATOR,
    run: ({ api, subject }) => api.regionDistrust(subject),
  },
]
