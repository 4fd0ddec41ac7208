/** Routes about who gets work and what they call. */
import { LIMITS } from '../../protocol/index.ts'
import type { ApiCall, ApiRoute } from './api-route.ts'
import { Fields } from './json-body.ts'

const reasonOf = ({ body }: ApiCall): string => new Fields(body, ['reason']).text('reason', LIMITS.reasonBytesMax)

export const SCHEDULING_ROUTES: readonly ApiRoute[] = [
  {
    method: 'POST',
    path: '/api/devices/:id/drain',
    run: call => call.api.deviceDrain(call.subject, reasonOf(call)),
  },
  {
    method: 'POST',
    path: '/api/devices/:id/undrain',
    run: ({ api, subject, body }) => {
      new Fields(body, [])
      return api.deviceUndrain(subject)
    },
  },
  { method: 'POST', path: '/api/maintenance', run: call => call.api.maintenanceBegin(reasonOf(call)) },
  {
    method: 'POST',
    path: '/api/maintenance/end',
    run: ({ api, body }) => {
      new Fields(body, [])
      return api.maintenanceEnd()
    },
  },
]
