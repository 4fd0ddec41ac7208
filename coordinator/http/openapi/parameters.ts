/** What the parameters of paths and queries are. */
import { READING_FORMATS } from '../../../protocol/index.ts'
import type { Json, JsonObject } from './parts.ts'

const TIME = 'Milliseconds since 1970, or a time such as 2026-01-31T12:00:00Z.'

const MEANINGS: Readonly<Record<string, string>> = {
  submitter: 'Whose; only the operator names one, and others have their own.',
  owner: 'Whose; only the operator names one.',
  from: `The beginning. ${TIME}`,
  to: `The end, which is not in it any more. ${TIME}`,
  window: `Any time within the window. ${TIME}`,
  cell: 'An H3 cell.',
  campaign: 'The id of a campaign.',
  sensor: 'The id of a sensor.',
  account: 'One account alone.',
  format: 'How readings are written; json when left out.',
  epoch: 'The number of an epoch.',
  what: '`gigafuel`, or a quantity such as `temperature`.',
  origin: 'The origin of a log, percent-encoded.',
  name: 'A name of a-z, 0-9 and -.',
  sha256: 'SHA-256 as 64 lower-case hexadecimal digits.',
  device: 'The id of a device.',
  id: 'The id that lists show.',
}

const SCHEMAS: Readonly<Record<string, Json>> = {
  format: { type: 'string', enum: [...READING_FORMATS] },
  epoch: { type: 'integer', minimum: 0 },
  sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
}

/** Of the query of this path, these must be given. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  '/api/evidence': ['campaign', 'sensor', 'window'],
  '/api/public/history': ['campaign', 'cell'],
}

/** @throws when nobody has said what the parameter means */
export function parameter(place: 'path' | 'query', name: string, path: string): JsonObject {
  const description = MEANINGS[name]
  if (description === undefined) throw new Error(`parameters.ts does not say what '${name}' of ${path} means: add it.`)
  const required = place === 'path' || (REQUIRED[path] ?? []).includes(name)
  return { name, in: place, required, description, schema: SCHEMAS[name] ?? { type: 'string' } }
}
