import type { SubmitterName } from '../../protocol/index.ts'
import { ApiError } from './admin-api.ts'
import type { Principal } from './auth.ts'

/** Whose jobs or campaigns are meant: a submitter's own, or whom the operator names, or null. */
export function submitterOf(principal: Principal, query: URLSearchParams): SubmitterName | string | null {
  const named = query.get('submitter') || null
  if (principal.kind === 'admin') return named
  if (named !== null && named !== principal.name) {
    throw new ApiError('not_allowed', `This token is ${principal.name}'s and cannot act for another submitter.`)
  }
  return principal.name
}
