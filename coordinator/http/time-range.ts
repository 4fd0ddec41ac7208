/** Times among the parameters of a request. */
import { ApiError } from './admin-api.ts'

/** The parameters `from` and `to`. */
export function timeRange(query: URLSearchParams): { from?: number; to?: number } {
  const from = timeOf(query, 'from')
  const to = timeOf(query, 'to')
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
}

/**
 * A time as milliseconds since 1970, given as such or as ISO 8601; undefined when it is not given.
 * @throws {ApiError} `bad_request`
 */
export function timeOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  const ms = /^-?\d{1,15}$/.test(text) ? Number(text) : Date.parse(text)
  if (Number.isSafeInteger(ms)) return ms
  throw new ApiError('bad_request', `${name} must be milliseconds since 1970 or a time such as 2026-01-31T12:00:00Z.`)
}
