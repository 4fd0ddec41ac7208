import { ApiError } from '../../../http/admin-api.ts'

/** The refusal of a filter, with the character where it goes wrong. */
export function refuseAt(at: number, reason: string): ApiError {
  return new ApiError('bad_request', `$filter cannot be read at character ${at}: ${reason}.`)
}
