/** Compares the books that follow from the public log with what the region's database says. */
import type { Ledger } from '../../coordinator/http/admin-api.ts'
import type { Books } from '../verify/messages.ts'

/** How they stand to each other. */
export interface Comparison {
  /** Accounts with the same sums on both sides. */
  readonly equal: number
  /** Ids of the others. */
  readonly different: readonly string[]
  /** After so many transfers. */
  readonly transfers: number
}

/**
 * An account that only one side has differs, unless nothing moved on it.
 * @returns null when one side has booked more than the other: they are of different moments, and cannot be compared
 */
export function compareBooks(
  { accounts, figures }: Pick<Books, 'accounts' | 'figures'>,
  ledger: Ledger,
): Comparison | null {
  const { transfers } = figures
  if (transfers !== ledger.transfers) return null
  const own = new Map(ledger.accounts.map(account => [account.id, account]))
  const different: string[] = []
  let equal = 0
  for (const { id, debitsMicro, creditsMicro } of accounts) {
    const there = own.get(id)
    own.delete(id)
    if (`${debitsMicro}` === (there?.debitsMicro ?? '0') && `${creditsMicro}` === (there?.creditsMicro ?? '0')) equal++
    else different.push(id)
  }
  for (const { id, debitsMicro, creditsMicro } of own.values()) {
    if (debitsMicro !== '0' || creditsMicro !== '0') different.push(id)
  }
  return { equal, different, transfers }
}
