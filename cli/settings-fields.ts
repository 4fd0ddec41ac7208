/** Readers of settings that a person wrote: each names the setting that is wrong, what it must be and what it is. */
import { ConfigError } from '../protocol/index.ts'
import { closest } from '../protocol/jobs/suggest.ts'
import { parseDuration } from './duration.ts'

/** How a value is written, and how it is read; null for another form. */
export interface Form {
  readonly words: string
  read(value: unknown): unknown
}

/** As milliseconds. */
export const DURATION: Form = {
  words: 'a duration such as 30s, 15m, 24h or 7d',
  read: value => (typeof value === 'string' ? parseDuration(value) : null),
}
export const NUMBER: Form = { words: 'a number', read: value => (typeof value === 'number' ? value : null) }
export const TEXT: Form = { words: 'a text', read: value => (typeof value === 'string' ? value : null) }
export const TEXTS: Form = {
  words: 'a list of texts',
  read: value => (Array.isArray(value) && value.every(item => typeof item === 'string') ? value : null),
}

/** Settings by their written names: the field each is read into, and its form. */
export type Fields = Readonly<Record<string, readonly [field: string, form: Form]>>

/**
 * Reads settings into fields.
 * @param at - the path of the record with a dot behind it, empty for the whole file
 * @param more - names that are read elsewhere, for suggestions
 * @throws {ConfigError} `bad_option` with the path of the setting
 */
export function readFields(
  values: Readonly<Record<string, unknown>>,
  fields: Fields,
  at: string,
  more: readonly string[],
): Record<string, unknown> {
  const settings: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(values)) {
    const known = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (known === undefined) {
      const near = closest(name, [...Object.keys(fields), ...more])
      refuse(
        `${at}${name}`,
        near === null ? 'is not a known setting' : `is not a known setting; did you mean '${near}'?`,
      )
    }
    const [field, form] = known
    const meant = form.read(value)
    if (meant === null) refuse(`${at}${name}`, `must be ${form.words}, not ${JSON.stringify(value)}`)
    settings[field] = meant
  }
  return settings
}

/** Settings with their names. @throws {ConfigError} `bad_option` */
export function recordOf(value: unknown, path: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  return refuse(path, 'must be a list of settings, each with its name')
}

/** @param reason - the end of a sentence whose subject is the setting @throws {ConfigError} `bad_option`, always */
export function refuse(path: string, reason: string): never {
  const subject = path === '' ? 'The file' : `The setting '${path}'`
  throw new ConfigError({ code: 'bad_option', path, reason }, `${subject} ${reason}${reason.endsWith('?') ? '' : '.'}`)
}
