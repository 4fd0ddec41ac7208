/** Readers of untyped JSON. Each names the exact path of what is wrong, what it must be and what it is. */
import { fromBase64, utf8 } from '../bytes.ts'
import { ConfigError } from '../errors.ts'
import { type Sha256Hex, sha256Hex } from '../ids.ts'
import { closest } from './suggest.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/**
 * Refuses a field of a job.
 * @param path - `split.size`; empty for the job itself
 * @param reason - what it must be, as the end of a sentence whose subject is the field
 * @throws {ConfigError} `bad_job`, always
 */
export function refuse(path: string, reason: string): never {
  const subject = path === '' ? 'The job' : `The job's '${path}'`
  throw new ConfigError({ code: 'bad_job', path, reason }, `${subject} ${reason}.`)
}

/** Refuses a value with the words "must be …, not …", or "is missing" when there is none. */
export function refuseValue(path: string, wanted: string, value: unknown): never {
  refuse(path, value === undefined ? `is missing: it must be ${wanted}` : `must be ${wanted}, not ${shown(value)}`)
}

/** A value as it fits a sentence. */
function shown(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = JSON.stringify(value) ?? typeof value
  return text.length > 48 ? `${text.slice(0, 45)}…` : text
}

const quoted = (names: readonly string[]): string => names.map(name => `'${name}'`).join(', ')

/** The path of a field inside another. */
export const inside = (path: string, field: string): string => (path === '' ? field : `${path}.${field}`)

/** An object without fields other than the allowed ones. */
export function readObject(value: unknown, path: string, allowed: readonly string[]): JsonObject {
  const object = readAnyObject(value, path, `an object with ${quoted(allowed)}`)
  for (const field of Object.keys(object)) {
    if (allowed.includes(field)) continue
    const near = closest(field, allowed)
    const hint = near === null ? '' : ` (did you mean '${near}'?)`
    refuse(inside(path, field.slice(0, 64)), `is not a known field${hint}: allowed here are ${quoted(allowed)}`)
  }
  return object
}

/** An object with any fields. */
export function readAnyObject(value: unknown, path: string, wanted: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuseValue(path, wanted, value)
  return value as JsonObject
}

/** A list of `min` to `max` things. */
export function readList(value: unknown, path: string, min: number, max: number): readonly unknown[] {
  if (!Array.isArray(value)) refuseValue(path, 'a list', value)
  if (value.length < min || value.length > max) {
    refuse(path, `must hold ${min} to ${max} entries, not ${value.length}`)
  }
  return value
}

/** A whole number in a closed range. Negative zero becomes zero. */
export function readInteger(value: unknown, path: string, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    refuseValue(path, `a whole number from ${min} to ${max}`, value)
  }
  return value + 0
}

/** A finite number in a closed range. Negative zero becomes zero. */
export function readNumber(value: unknown, path: string, min = -Number.MAX_VALUE, max = Number.MAX_VALUE): number {
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    const range = max === Number.MAX_VALUE ? '' : ` from ${min} to ${max}`
    refuseValue(path, `a number${range}`, value)
  }
  return value + 0
}

/** A non-negative amount: a whole number, or its decimal digits as a text. */
export function readAmount(value: unknown, path: string, max: bigint): bigint {
  const wanted = `a whole number of micro-credits from 0 to ${max}, as a number or a text of digits`
  const digits = typeof value === 'string' && /^[0-9]{1,19}$/.test(value)
  if (!digits && !Number.isSafeInteger(value)) refuseValue(path, wanted, value)
  const amount = BigInt(value as string | number)
  if (amount < 0n || amount > max) refuseValue(path, wanted, value)
  return amount
}

/** A text of valid Unicode whose UTF-8 form has a bounded length. */
export function readText(value: unknown, path: string, bytesMin: number, bytesMax: number): string {
  const wanted = `a text of ${bytesMin} to ${bytesMax} bytes`
  if (typeof value !== 'string') refuseValue(path, wanted, value)
  if (!value.isWellFormed()) refuse(path, 'must be valid Unicode: it holds half of a surrogate pair')
  const bytes = utf8Length(value, bytesMax)
  if (bytes < bytesMin || bytes > bytesMax) refuseValue(path, wanted, value)
  return value
}

/** Bytes of a text in UTF-8; only counted when the number of its characters leaves a doubt. */
function utf8Length(text: string, max: number): number {
  return text.length > max ? text.length : utf8(text).length
}

/** One of a few words. */
export function readOneOf<const Word extends string>(value: unknown, path: string, words: readonly Word[]): Word {
  const word = words.find(candidate => candidate === value)
  if (word !== undefined) return word
  const near = typeof value === 'string' ? closest(value, words) : null
  const hint = near === null ? '' : ` (did you mean '${near}'?)`
  const wanted = words.length === 1 ? quoted(words) : `one of ${quoted(words)}`
  refuse(
    path,
    value === undefined ? `is missing: it must be ${wanted}` : `must be ${wanted}, not ${shown(value)}${hint}`,
  )
}

/** A SHA-256 in hexadecimal. */
export function readSha256(value: unknown, path: string): Sha256Hex {
  if (typeof value !== 'string' || !/^[0-9a-f]{64}$/.test(value)) {
    refuseValue(path, 'a SHA-256 of 64 lower-case hexadecimal digits', value)
  }
  return sha256Hex(value)
}

/** Bytes written as base64 or base64url. */
export function readBase64(value: unknown, path: string, bytesMin: number, bytesMax: number): Uint8Array {
  const bytes = typeof value === 'string' ? tryBase64(value) : null
  if (bytes === null) refuseValue(path, 'bytes written as base64', value)
  if (bytes.length < bytesMin || bytes.length > bytesMax) {
    refuse(path, `must be ${bytesMin} to ${bytesMax} bytes long, not ${bytes.length}`)
  }
  return bytes
}

function tryBase64(text: string): Uint8Array | null {
  try {
    return fromBase64(text)
  } catch {
    return null
  }
}
