/** The path of a request below `/v1.1`: `Things('a')/Datastreams('b')/Observations`. */
import { ApiError } from '../../http/admin-api.ts'

/** One step of a path. */
export interface PathStep {
  readonly name: string
  /** The key in parentheses; null when there is none. */
  readonly id: string | null
}

const STEPS_MAX = 10
const STEP = /^(\$?[A-Za-z]+)(?:\((?:'((?:[^']|'')*)'|([\w.:-]+))\))?$/

/**
 * Reads a path. Keys are texts in quotes; without quotes they are taken as well.
 * @param raw - percent-encoded, what follows `/v1.1`; empty or `/` is the root
 * @throws {ApiError} `bad_request` that names the step
 */
export function parseResourcePath(raw: string): PathStep[] {
  const parts = raw.split('/').filter((part, index, all) => part !== '' || (index > 0 && index < all.length - 1))
  if (parts.length > STEPS_MAX) throw new ApiError('bad_request', `A path has at most ${STEPS_MAX} steps.`)
  return parts.map(part => {
    const text = decoded(part)
    const found = STEP.exec(text)
    if (!found) {
      const message = `'${text.slice(0, 64)}' is no step of a path: write Things, or Things('<id>') for one of them.`
      throw new ApiError('bad_request', message)
    }
    const [, name = '', quoted, plain] = found
    return { name, id: quoted?.replaceAll("''", "'") ?? plain ?? null }
  })
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (cause) {
    throw new ApiError('bad_request', 'The path is not percent-encoded UTF-8.', { cause })
  }
}
