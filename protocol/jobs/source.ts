/** Where the bytes of a module or an input come from. */
import { utf8 } from '../bytes.ts'
import type { Sha256Hex } from '../ids.ts'
import { inside, readBase64, readObject, readSha256, readText, refuse } from './read.ts'

/** Bytes that were stored as a blob before. */
export interface StoredSource {
  readonly sha256: Sha256Hex
}

/** Bytes that came along with the submission: `{"base64": …}`, or `{"text": …}` for an input. */
export interface InlineSource {
  readonly bytes: Uint8Array
}

export type Source = StoredSource | InlineSource

/** @throws {ConfigError} `bad_job` at or below `path`; empty bytes are refused */
export function readSource(value: unknown, path: string, allow: { bytesMax: number; text: boolean }): Source {
  const forms = allow.text ? ['sha256', 'base64', 'text'] : ['sha256', 'base64']
  const source = readObject(value, path, forms)
  if (Object.keys(source).length !== 1) refuse(path, `must have exactly one of ${forms.join(', ')}`)
  if (source.sha256 !== undefined) return { sha256: readSha256(source.sha256, inside(path, 'sha256')) }
  if (source.base64 !== undefined) {
    return { bytes: readBase64(source.base64, inside(path, 'base64'), 1, allow.bytesMax) }
  }
  return { bytes: utf8(readText(source.text, inside(path, 'text'), 1, allow.bytesMax)) }
}
