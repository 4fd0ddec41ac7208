/** Rows of people who have a token. Only hashes of tokens are kept. */
import type { OwnerName, SubmitterName } from '../../protocol/index.ts'

export interface SubmitterRow {
  name: SubmitterName
  /** SHA-256 of the token. */
  tokenHash: Uint8Array
  createdAtMs: number
}

/** An owner whom the operator gave a token; others own devices without having one. */
export interface OwnerRow {
  name: OwnerName
  /** SHA-256 of the token; null after it was taken away. */
  tokenHash: Uint8Array | null
  /** When it was first given one. */
  createdAtMs: number
}
