/** The bytes of a module or an input on their way into a job: inside the submission when small, as a blob when large. */
import { createHash } from 'node:crypto'
import { createReadStream, openAsBlob } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { fromBase64, LIMITS, type Sha256Hex, sha256Hex, toBase64, utf8 } from '../../protocol/index.ts'

/** Content that must be at the coordinator before the job is. */
export interface Upload {
  /** The field of the job it stands for. */
  readonly field: string
  readonly bytes: number
  readonly sha256: Sha256Hex
  open(): Promise<Uint8Array | Blob>
}

/** What stands in the job, and what must be uploaded for it. */
export interface Attachment {
  readonly source: { base64: string } | { sha256: Sha256Hex }
  readonly upload: Upload | null
}

/**
 * Attaches a file without holding a large one in memory.
 * @returns a reason, as the end of a sentence whose subject is the file, when it cannot be attached
 */
export async function attachFile(field: string, path: string, bytesMax: number): Promise<Attachment | string> {
  const found = await stat(path).catch(() => null)
  if (found === null) return 'does not exist'
  if (!found.isFile()) return 'is not a file'
  if (found.size === 0) return 'is empty'
  if (found.size > bytesMax) return `has ${found.size} bytes; at most ${bytesMax} are allowed here`
  if (found.size <= LIMITS.inlineBytesMax) return attachInline(await readFile(path))
  const sha256 = await hashFile(path)
  return { source: { sha256 }, upload: { field, bytes: found.size, sha256, open: () => openAsBlob(path) } }
}

/** Attaches the `text` or `base64` of a job; null when it is small enough, or wrong, and stays as it is. */
export function attachValue(field: string, source: Readonly<Record<string, unknown>>): Attachment | null {
  const bytes = bytesOf(source)
  if (bytes === null || bytes.length <= LIMITS.inlineBytesMax) return null
  const sha256 = sha256Hex(createHash('sha256').update(bytes).digest('hex'))
  return { source: { sha256 }, upload: { field, bytes: bytes.length, sha256, open: async () => bytes } }
}

function attachInline(bytes: Uint8Array): Attachment {
  return { source: { base64: toBase64(bytes) }, upload: null }
}

function bytesOf(source: Readonly<Record<string, unknown>>): Uint8Array | null {
  if (Object.keys(source).length !== 1) return null
  if (typeof source.text === 'string') return utf8(source.text)
  if (typeof source.base64 !== 'string') return null
  try {
    return fromBase64(source.base64)
  } catch {
    return null
  }
}

async function hashFile(path: string): Promise<Sha256Hex> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  return sha256Hex(hash.digest('hex'))
}
