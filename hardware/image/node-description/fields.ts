/** Readers of untyped values of a node description. Each names the path of what is wrong, what it must be, and never a secret. */
import { ConfigError, utf8 } from '../../../protocol/index.ts'
import { closest } from '../../../protocol/jobs/suggest.ts'

export type Fields = Readonly<Record<string, unknown>>

/**
 * Refuses a field.
 * @param reason - the end of a sentence whose subject is the field
 * @throws {ConfigError} `bad_option`, always
 */
export function refuse(path: string, reason: string): never {
  const subject = path === '' ? 'The node description' : `The node description's '${path}'`
  throw new ConfigError({ code: 'bad_option', path, reason }, `${subject} ${reason}.`)
}

/** An object that has no fields but the allowed ones. */
export function readObject(value: unknown, path: string, allowed: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse(path, `must hold fields such as '${allowed[0]}:'`)
  }
  for (const field of Object.keys(value)) {
    if (allowed.includes(field)) continue
    const near = closest(field, allowed)
    const hint = near === null ? '' : ` (did you mean '${near}'?)`
    const names = allowed.map(name => `'${name}'`).join(', ')
    refuse(inside(path, field.slice(0, 64)), `is not a known field${hint}: allowed here are ${names}`)
  }
  return value as Fields
}

export const inside = (path: string, field: string): string => (path === '' ? field : `${path}.${field}`)

/** A text of 1 to `bytesMax` bytes without control characters: they would end a line of the files it goes into. */
export function readLine(value: unknown, path: string, bytesMax: number): string {
  if (value === undefined || value === null || value === '') refuse(path, 'is missing')
  if (typeof value !== 'string') refuse(path, 'must be a text: put it in quotes')
  if (!value.isWellFormed() || /\p{Cc}|[\u2028\u2029]/u.test(value)) {
    refuse(path, 'holds a line break or another control character: leave it out')
  }
  const bytes = utf8(value).length
  if (bytes > bytesMax) refuse(path, `is ${bytes} bytes long: at most ${bytesMax} fit`)
  return value
}

/** A text of a certain form. It is not shown: it may be a secret. */
export function readForm(value: unknown, path: string, bytesMax: number, form: RegExp, wanted: string): string {
  const text = readLine(value, path, bytesMax)
  if (!form.test(text)) refuse(path, `must be ${wanted}`)
  return text
}

export function readBoolean(value: unknown, path: string): boolean {
  if (typeof value !== 'boolean') refuse(path, 'must be true or false')
  return value
}

/** A list of at most `max` things. */
export function readList(value: unknown, path: string, max: number): readonly unknown[] {
  if (!Array.isArray(value)) refuse(path, 'must be a list')
  if (value.length > max) refuse(path, `has ${value.length} entries: at most ${max} are allowed`)
  return Array.from(value)
}

/** A field that may be left out: an object with the checked field, or an empty one, to be spread. */
export function maybe<const Name extends string, Value>(
  fields: Fields,
  path: string,
  name: Name,
  read: (value: unknown, path: string) => Value,
): { readonly [Key in Name]?: Value } {
  const value = fields[name]
  if (value === undefined || value === null) return {}
  return { [name]: read(value, inside(path, name)) } as { readonly [Key in Name]?: Value }
}
