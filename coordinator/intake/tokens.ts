/** Tokens of people. Only their hashes are kept, so a stolen database opens nothing. */
import { createHash } from 'node:crypto'
import { type Random, toBase32 } from '../../protocol/index.ts'

/** 192 bits: beyond guessing. In base32, since a token that begins with a dash is an option to most programs. */
const TOKEN_BYTES = 24

/** A new token. */
export function newToken(random: Random): string {
  return toBase32(random.bytes(TOKEN_BYTES))
}

/** SHA-256 of a token: what is stored of it. */
export function tokenHash(token: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(token).digest())
}
