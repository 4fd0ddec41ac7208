/** Owners who have a token. Whoever has devices and no token is an owner all the same, and is not in here. */
import { type OwnerName, type Random, toHex } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { OwnerRow } from '../store/rows.ts'
import { newToken, tokenHash } from './tokens.ts'

export class OwnerDirectory {
  private readonly rows = new Map<OwnerName, OwnerRow>()
  /** Found by the hash, so that looking for a token tells nothing about others and costs the same however many there are. */
  private readonly byHash = new Map<string, OwnerName>()
  private readonly random: Random

  constructor(rows: Iterable<OwnerRow>, random: Random) {
    for (const row of rows) this.keep(row)
    this.random = random
  }

  /** Those who have a token, by name. */
  all(): OwnerRow[] {
    const rows = [...this.rows.values()].filter(row => row.tokenHash !== null)
    return rows.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** The owner, if it has a token. */
  get(name: OwnerName): OwnerRow | undefined {
    const row = this.rows.get(name)
    return row?.tokenHash ? row : undefined
  }

  /** Gives an owner a token; one that it had before ends. @returns the token, this once */
  give(name: OwnerName, nowMs: number, batch: Batch): string {
    const token = newToken(this.random)
    const createdAtMs = this.rows.get(name)?.createdAtMs ?? Math.round(nowMs)
    this.write({ name, tokenHash: tokenHash(token), createdAtMs }, batch)
    return token
  }

  /** Takes an owner's token away. */
  take(row: OwnerRow, batch: Batch): void {
    this.write({ ...row, tokenHash: null }, batch)
  }

  /** Whose token it is. */
  byToken(token: string): OwnerName | null {
    return this.byHash.get(toHex(tokenHash(token))) ?? null
  }

  private write(row: OwnerRow, batch: Batch): void {
    const before = this.rows.get(row.name)?.tokenHash
    if (before) this.byHash.delete(toHex(before))
    this.keep(row)
    batch.write({ table: 'owner', row })
  }

  private keep(row: OwnerRow): void {
    this.rows.set(row.name, row)
    if (row.tokenHash !== null) this.byHash.set(toHex(row.tokenHash), row.name)
  }
}
