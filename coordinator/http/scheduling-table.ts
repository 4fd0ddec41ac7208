/** Routes about who gets work and what they call. */
import { LIMITS } from '../../protocol/index.ts'
import type { ApiCall, ApiRoute } from './api-route.ts'
import { deviceOf } from './device-of.ts'
import { OPERATOR, OWNERS } from './roles.ts'

const reasonOf = ({ fields }: ApiCall): string => fields.text('reason', LIMITS.reasonBytesMax)

export const SCHEDULING_ROUTES: readonly ApiRoute[] = [
  {
    method: 'POST',
    path: '/api/devices/:id/drain',
    summary: 'Lets a device finish what it holds and gives it no more.',
    roles: OWNERS,
    body: ['reason'],
    run: async call => {
      const { api, principal } = call
      const reason = reasonOf(call)
      const id = await deviceOf(call)
      return principal.role === 'owner' ? api.deviceDrain(id, reason, principal.name) : api.deviceDrain(id, reason)
    },
  },
  {
    method: 'POST',
    path: '/api/devices/:id/undrain',
    summary: 'Gives work to a drained device again. An owner ends only what an owner began.',
    roles: OWNERS,
    run: async call => {
      const { api, principal } = call
      const id = await deviceOf(call)
      return principal.role === 'owner' ? api.deviceUndrain(id, principal.name) : api.deviceUndrain(id)
    },
  },
  {
    method: 'POST',
    path: '/api/maintenance',
    summary: 'Hands nothing out until maintenance ends; jobs are taken and wait.',
    roles: OPERATOR,
    body: ['reason'],
    run: call => call.api.maintenanceBegin(reasonOf(call)),
  },
  {
    method: 'POST',
    path: '/api/maintenance/end',
    summary: 'Ends maintenance.',
    roles: OPERATOR,
    run: ({ api }) => api.maintenanceEnd(),
  },
]
