/** Readers of untyped values of the sensors file. Each names the exact path of what is wrong, what it must be and what it is. */
import { ConfigError, QUANTITIES, utf8 } from '../../protocol/index.ts'
import { closest } from '../../protocol/jobs/suggest.ts'

export type Fields = Readonly<Record<string, unknown>>

/**
 * Refuses a field.
 * @param path - `sensors[0].port`; empty for the whole file
 * @param reason - what it must be, as the end of a sentence whose subject is the field
 * @throws {ConfigError} `bad_option`, always
 */
export function refuse(path: string, reason: string): never {
  const subject = path === '' ? 'The sensors file' : `The sensors file's '${path}'`
  throw new ConfigError({ code: 'bad_option', path, reason }, `${subject} ${reason}.`)
}

/** Refuses a value with the words "must be …, not …", or "is missing" when there is none. */
export function refuseValue(path: string, wanted: string, value: unknown): never {
  refuse(path, value === undefined ? `is missing: it must be ${wanted}` : `must be ${wanted}, not ${shown(value)}`)
}

/** A value as it fits a sentence. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 48 ? `${text.slice(0, 45)}…` : text
}

const quoted = (names: readonly string[]): string => names.map(name => `'${name}'`).join(', ')

/** "(did you mean 'x'?)" after a space, or nothing. */
function hintFor(value: unknown, words: readonly string[]): string {
  const near = typeof value === 'string' ? closest(value, words) : null
  return near === null ? '' : ` (did you mean '${near}'?)`
}

/** The path of a field inside another. */
export const inside = (path: string, field: string): string => (path === '' ? field : `${path}.${field}`)

/** An object with any fields. */
export function readAnyObject(value: unknown, path: string, wanted: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuseValue(path, wanted, value)
  return value as Fields
}

/** Refuses fields other than the allowed ones. */
export function allowOnly(fields: Fields, path: string, allowed: readonly string[]): void {
  for (const field of Object.keys(fields)) {
    if (allowed.includes(field)) continue
    refuse(
      inside(path, field.slice(0, 64)),
      `is not a known field${hintFor(field, allowed)}: allowed here are ${quoted(allowed)}`,
    )
  }
}

/** A list of `min` to `max` things. */
export function readList(value: unknown, path: string, min: number, max: number): readonly unknown[] {
  if (!Array.isArray(value)) refuseValue(path, 'a list', value)
  if (value.length < min || value.length > max) {
    refuse(path, `must hold ${min} to ${max} entries, not ${value.length}`)
  }
  // Holes become undefined, which a reader refuses.
  return Array.from(value)
}

/** A number in a closed range, whole when `step` is 1. Negative zero becomes zero. */
export function readNumber(value: unknown, path: string, min: number, max: number, step?: 1): number {
  const fits = typeof value === 'number' && value >= min && value <= max && (step === undefined || value % step === 0)
  if (!fits) refuseValue(path, `a ${step === undefined ? '' : 'whole '}number from ${min} to ${max}`, value)
  return value + 0
}

export function readBoolean(value: unknown, path: string): boolean {
  if (typeof value !== 'boolean') refuseValue(path, 'true or false', value)
  return value
}

/** A text of valid Unicode of 1 to `bytesMax` bytes. */
export function readText(value: unknown, path: string, bytesMax: number): string {
  const fits = typeof value === 'string' && value.isWellFormed() && value !== '' && utf8(value).length <= bytesMax
  if (!fits) refuseValue(path, `a text of 1 to ${bytesMax} bytes`, value)
  return value
}

/** A text that a pattern describes. */
export function readPattern(value: unknown, path: string, pattern: RegExp, wanted: string): string {
  if (typeof value !== 'string' || !pattern.test(value)) refuseValue(path, wanted, value)
  return value
}

/** One of a few words or numbers. */
export function readOneOf<const Word extends string | number>(
  value: unknown,
  path: string,
  words: readonly Word[],
): Word {
  const word = words.find(candidate => candidate === value)
  if (word !== undefined) return word
  const names = words.map(String)
  const wanted = `one of ${typeof words[0] === 'string' ? quoted(names) : names.join(', ')}`
  refuse(
    path,
    value === undefined
      ? `is missing: it must be ${wanted}`
      : `must be ${wanted}, not ${shown(value)}${hintFor(value, names)}`,
  )
}

/** The name of a quantity that is known. */
export function readQuantity(value: unknown, path: string, known: readonly string[] = [...QUANTITIES.keys()]): string {
  if (typeof value === 'string' && known.includes(value)) return value
  refuseValue(path, `a quantity${hintFor(value, known)} such as ${quoted(known.slice(0, 4))}`, value)
}

/** A field that may be left out: an object with the checked field, or an empty one, to be spread. */
export function maybe<const Name extends string, Value>(
  fields: Fields,
  path: string,
  name: Name,
  read: (value: unknown, path: string) => Value,
): { readonly [Key in Name]?: Value } {
  const value = fields[name]
  if (value === undefined) return {}
  return { [name]: read(value, inside(path, name)) } as { readonly [Key in Name]?: Value }
}
