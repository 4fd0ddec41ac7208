import { ApiError } from './admin-api.ts'
import type { ApiCall } from './api-route.ts'

/**
 * The device that is meant, if whoever asks may know of it.
 * @throws {ApiError} `not_found`: somebody else's device is as good as none
 */
export async function deviceOf({ api, principal, subject }: ApiCall): Promise<string> {
  if (principal.role !== 'owner') return subject
  const { name } = principal
  const notFound = new ApiError('not_found', `${name} has no device ${subject.slice(0, 64)} in this region.`)
  const device = await api.device(subject).catch((error: unknown) => {
    throw error instanceof ApiError && error.code === 'not_found' ? notFound : error
  })
  if (device.owner !== name) throw notFound
  return device.id
}
