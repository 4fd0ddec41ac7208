/** Balances worked out from transfer rows alone, without a thought about what they are for. */
import type { AccountRow, Store, TransferPhase } from '../../coordinator/store/index.ts'

/** What a phase does to pending sums and to posted ones, as factors of the amount. */
const EFFECTS: Record<TransferPhase, readonly [pending: bigint, posted: bigint]> = {
  single: [0n, 1n],
  pending: [1n, 0n],
  post: [-1n, 1n],
  void: [-1n, 0n],
  expire: [-1n, 0n],
}

/** Accounts by id, as the transfers in a store give them. */
export function replayTransfers(store: Pick<Store, 'transfers'>): AccountRow[] {
  const accounts = new Map<string, AccountRow>()
  const account = (id: string): AccountRow => {
    const sums = { debitsMicro: 0n, creditsMicro: 0n, debitsPendingMicro: 0n, creditsPendingMicro: 0n }
    const found = accounts.get(id) ?? { id, ...sums, remainder: 0 }
    accounts.set(id, found)
    return found
  }
  for (const { debit, credit, phase, amountMicro } of store.transfers()) {
    const [pending, posted] = EFFECTS[phase]
    account(debit).debitsPendingMicro += pending * amountMicro
    account(credit).creditsPendingMicro += pending * amountMicro
    account(debit).debitsMicro += posted * amountMicro
    account(credit).creditsMicro += posted * amountMicro
  }
  return [...accounts.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}
