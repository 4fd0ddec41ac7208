/** Routes about backups and what they call. */
import type { ApiRoute } from './api-route.ts'
import { OPERATOR } from './roles.ts'

export const BACKUP_ROUTES: readonly ApiRoute[] = [
  {
    method: 'POST',
    path: '/api/snapshot',
    summary: 'Leaves a copy of the database in the coordinator’s folder.',
    roles: OPERATOR,
    creates: true,
    run: ({ api }) => api.databaseSnapshot(),
  },
]
