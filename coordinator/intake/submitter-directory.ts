/** Submitters and their tokens. Only hashes are kept, so a stolen database opens no account. */
import { timingSafeEqual } from 'node:crypto'
import type { Random, SubmitterName } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import { REGION_SUBMITTER } from '../ledger/ledger.ts'
import type { SubmitterRow } from '../store/rows.ts'
import { newToken, tokenHash } from './tokens.ts'

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
    if (name === REGION_SUBMITTER || this.rows.has(name)) return null
    const token = newToken(this.random)
    const row = { name, tokenHash: tokenHash(token), createdAtMs: nowMs }
    this.rows.set(name, row)
    batch.write({ table: 'submitter', row })
    return token
  }

  authenticate(name: SubmitterName, token: string): boolean {
    const row = this.rows.get(name)
    return row !== undefined && timingSafeEqual(row.tokenHash, tokenHash(token))
  }

  /** Whose token it is. Compares hashes, so looking them through tells nothing about a token. */
  byToken(token: string): SubmitterName | null {
    const hash = tokenHash(token)
    for (const row of this.rows.values()) if (timingSafeEqual(row.tokenHash, hash)) return row.name
    return null
  }
}
