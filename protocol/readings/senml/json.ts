/** SenML as JSON, `application/senml+json` (RFC 8428 §5). */
import { fromBase64, fromUtf8, toBase64Url, utf8 } from '../../bytes.ts'
import { badSenml, SENML_BYTES_MAX, SENML_FIELDS, type SenmlRecord, senmlRecord } from './record.ts'

const BASE64URL = /^[A-Za-z0-9_-]*$/

/** A pack as UTF-8 bytes of JSON. Numbers are written as briefly as doubles can be, so they read back as they were. */
export function encodeSenmlJson(records: readonly SenmlRecord[]): Uint8Array {
  return utf8(`[${records.map(recordText).join(',')}]`)
}

/**
 * Reads a pack.
 * @throws {ProtocolError} `bad_message` that names record and field; `bad_text` when the bytes are not UTF-8
 * @see spec/clauses.md [READ-4.2] [READ-4.3]
 */
export function decodeSenmlJson(bytes: Uint8Array): SenmlRecord[] {
  if (bytes.length > SENML_BYTES_MAX) throw badSenml('payload', `must be at most ${SENML_BYTES_MAX} bytes`)
  const pack = parsed(fromUtf8(bytes))
  if (!Array.isArray(pack)) throw badSenml('payload', 'must be a JSON array')
  return pack.map((record: unknown, index) => {
    if (typeof record !== 'object' || record === null || Array.isArray(record)) {
      throw badSenml(`[${index}]`, 'must be a JSON object')
    }
    return senmlRecord(index, Object.entries(record).map(fromJson))
  })
}

function recordText(record: SenmlRecord): string {
  const fields = SENML_FIELDS.flatMap(([label]) => {
    const value = record[label]
    if (value === undefined) return []
    return [`"${label}":${JSON.stringify(value instanceof Uint8Array ? toBase64Url(value) : value)}`]
  })
  return `{${fields.join(',')}}`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw badSenml('payload', 'must be JSON')
  }
}

/** A data value that is no base64url stays a text, and is refused as such. */
function fromJson([label, value]: [string, unknown]): [string, unknown] {
  if (label !== 'vd' || typeof value !== 'string' || !BASE64URL.test(value) || value.length % 4 === 1)
    return [label, value]
  const bytes = fromBase64(value)
  return [label, toBase64Url(bytes) === value ? bytes : value]
}
