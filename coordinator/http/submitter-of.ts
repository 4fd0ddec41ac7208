import type { SubmitterName } from '../../protocol/index.ts'
import { ApiError } from './admin-api.ts'
import type { Principal } from './auth.ts'

/**
 * The submitter who asks; null for the operator, who may see every submitter's.
 * @throws {ApiError} `not_allowed` for anybody else
 */
export function askingSubmitter(principal: Principal): SubmitterName | null {
  if (principal.role === 'operator') return null
  if (principal.role === 'submitter') return principal.name
  throw new ApiError('not_allowed', "Jobs, campaigns and disputes are their submitters': use the token of one.")
}

/** Whose jobs or campaigns are meant: a submitter's own, or whom the operator names, or null. */
export function submitterOf(principal: Principal, query: URLSearchParams): SubmitterName | string | null {
  const named = query.get('submitter') || null
  const asking = askingSubmitter(principal)
  if (asking === null) return named
  if (named !== null && named !== asking) {
    throw new ApiError('not_allowed', `This token is ${asking}'s and cannot act for another submitter.`)
  }
  return asking
}

/**
 * Who pays for what is submitted.
 * @throws {ApiError} `bad_request` when the operator names nobody, and as {@link submitterOf}
 */
export function payerOf(principal: Principal, query: URLSearchParams, what: 'job' | 'campaign'): string {
  const payer = submitterOf(principal, query)
  if (payer !== null) return payer
  throw new ApiError('bad_request', `Say who pays for the ${what}: POST /api/${what}s?submitter=<name>.`)
}
