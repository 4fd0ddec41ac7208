import { hash } from 'node:crypto'
import type { Hash } from '../merkle/index.ts'

/** SHA-256 through Node's OpenSSL. */
export const nodeSha256: Hash = bytes => {
  const digest = hash('sha256', bytes, 'buffer')
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.byteLength)
}
