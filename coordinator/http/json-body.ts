import { fromUtf8, messageOf } from '../../protocol/index.ts'
import { ApiError } from './admin-api.ts'
import { readBytes } from './bytes-body.ts'
import type { Exchange } from './exchange.ts'

/**
 * Reads a request's body as JSON; undefined when there is none.
 * @throws {ApiError} `too_large` beyond `bytesMax`, `bad_request` when it is not JSON
 */
export async function readJson(exchange: Exchange, bytesMax: number): Promise<unknown> {
  const bytes = await readBytes(exchange, bytesMax, 'put large content up as a blob')
  if (bytes.length === 0) return undefined
  try {
    return JSON.parse(fromUtf8(bytes))
  } catch (cause) {
    throw new ApiError('bad_request', `The body is not JSON: ${messageOf(cause)}`, { cause })
  }
}

/** The fields of a JSON object, read by name; whatever is not what it should be is refused with the field's name. */
export class Fields {
  private readonly object: Readonly<Record<string, unknown>>

  /** @throws {ApiError} `bad_request` unless the body is an object with no other fields than these */
  constructor(body: unknown, names: readonly string[]) {
    const form = names.length === 0 ? '{}' : `{${names.map(name => `"${name}"`).join(', ')}}`
    if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body))) {
      throw new ApiError('bad_request', `The body must be a JSON object: ${form}.`)
    }
    this.object = { ...body }
    for (const name of Object.keys(this.object)) {
      if (!names.includes(name))
        throw new ApiError('bad_request', `There is no field '${name.slice(0, 64)}' here: ${form}.`)
    }
  }

  /** A text; up to `lengthMax` characters. */
  text(name: string, lengthMax = 64): string {
    const value = this.object[name]
    if (typeof value === 'string' && value.length <= lengthMax) return value
    throw new ApiError('bad_request', `'${name}' must be a text of at most ${lengthMax} characters.`)
  }

  /** A text that may be left out. */
  optionalText(name: string): string | undefined {
    return this.object[name] === undefined ? undefined : this.text(name)
  }

  /** A whole number above zero, or `fallback` when it is left out. */
  count(name: string, fallback: number): number {
    const value = this.object[name] ?? fallback
    if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value
    throw new ApiError('bad_request', `'${name}' must be a whole number above zero.`)
  }
}
