/** Routes about owners and what they call. */
import type { ApiRoute } from './api-route.ts'
import { OPERATOR } from './roles.ts'

export const OWNER_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/api/owners',
    summary: 'Owners who have a token.',
    roles: OPERATOR,
    run: ({ api }) => api.ownerList(),
  },
  {
    method: 'POST',
    path: '/api/owners',
    summary: 'Gives an owner a token, shown this once.',
    roles: OPERATOR,
    body: ['name'],
    creates: true,
    run: ({ api, fields }) => api.ownerAdd(fields.text('name')),
  },
  {
    method: 'POST',
    path: '/api/owners/:name/renew',
    summary: 'Gives an owner a new token, shown this once; the old one ends.',
    roles: OPERATOR,
    run: ({ api, subject }) => api.ownerRenew(subject),
  },
  {
    method: 'POST',
    path: '/api/owners/:name/remove',
    summary: "Ends an owner's token; devices and earnings stay the owner's.",
    roles: OPERATOR,
    run: ({ api, subject }) => api.ownerRemove(subject),
  },
]
