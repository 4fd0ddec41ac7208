import { ConfigError } from '../protocol/index.ts'

/**
 * Milliseconds of a time that a person typed: `2026-06-01T10:05:00Z`, `2026-06-01 10:05` (UTC unless it says otherwise), a date
 * alone, or milliseconds since 1970.
 * @param what - the argument or option, for the message
 * @throws {ConfigError} `bad_option`
 */
export function parseTime(what: string, text: string): number {
  if (/^\d{12,15}$/.test(text)) return Number(text)
  const iso = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)?(?:Z|[+-]\d\d:\d\d)?$/.exec(text)
  const ms = iso === null ? Number.NaN : Date.parse(inUtc(text.replace(' ', 'T')))
  if (Number.isFinite(ms)) return ms
  const reason = 'must be a time such as 2026-06-01T10:05:00Z or "2026-06-01 10:05", which is UTC'
  throw new ConfigError({ code: 'bad_option', path: what, reason }, `${what} is '${text.slice(0, 64)}': it ${reason}.`)
}

/** A date alone is UTC to JavaScript, a date with a time is local: here both are UTC. */
function inUtc(text: string): string {
  return /T.*(?:Z|[+-]\d\d:\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`
}
