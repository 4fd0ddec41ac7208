/** Submitters and their tokens. Only hashes are kept, so a stolen database opens no account. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { type Random, type SubmitterName, toBase32 } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { SubmitterRow } from '../store/rows.ts'

/** 192 bits: beyond guessing. In base32, since a token that begins with a dash is an option to most programs. */
const TOKEN_BYTES = 24

const hashOf = (token: string): Uint8Array => new Uint8Array(createHash('sha256').update(token).digest())

export class SubmitterDirectory {
  private readonly rows = new Map<SubmitterName, SubmitterRow>()
  private readonly random: Random

  constructor(rows: Iterable<SubmitterRow>, random: Random) {
    for (const row of rows) this.rows.set(row.name, row)
    this.random = random
  }

  all(): IterableIterator<SubmitterRow> {
    return this.rows.values()
  }

  get(name: SubmitterName): SubmitterRow | undefined {
    return this.rows.get(name)
  }

  /** Adds a submitter. @returns the token, this once; null when the name is taken */
  add(name: SubmitterName, nowMs: number, batch: Batch): string | null {
    if (this.rows.has(name)) return null
    const token = toBase32(this.random.bytes(TOKEN_BYTES))
    const row = { name, tokenHash: hashOf(token), createdAtMs: nowMs }
    this.rows.set(name, row)
    batch.write({ table: 'submitter', row })
    return token
  }

  authenticate(name: SubmitterName, token: string): boolean {
    const row = this.rows.get(name)
    return row !== undefined && timingSafeEqual(row.tokenHash, hashOf(token))
  }

  /** Whose token it is. Compares hashes, so looking them through tells nothing about a token. */
  byToken(token: string): SubmitterName | null {
    const hash = hashOf(token)
    for (const row of this.rows.values()) if (timingSafeEqual(row.tokenHash, hash)) return row.name
    return null
  }
}
