/** Replays every transfer from the first and compares with the balances kept. Reads only; trusts nothing in memory. */
import type { Store } from '../store/rows.ts'
import { TREASURY, transferId } from './ledger.ts'

export interface LedgerVerdict {
  ok: boolean
  transfers: number
  accounts: number
  /** Each in words, the first hundred. */
  problems: string[]
}

const PROBLEMS_MAX = 100

/** Checks ids, signs, overdrafts in order, balances, and that everything sums to zero. */
export function verifyLedger(store: Pick<Store, 'transfers' | 'accounts'>): LedgerVerdict {
  const problems: string[] = []
  const report = (text: string) => {
    if (problems.length < PROBLEMS_MAX) problems.push(text)
  }
  const balances = new Map<string, { debits: bigint; credits: bigint }>()
  const account = (id: string) => {
    let entry = balances.get(id)
    if (!entry) {
      entry = { debits: 0n, credits: 0n }
      balances.set(id, entry)
    }
    return entry
  }
  let transfers = 0
  for (const row of store.transfers()) {
    transfers++
    if (row.id !== transferId(row.purpose))
      report(`Transfer ${row.id} does not carry the id of its purpose '${row.purpose}'.`)
    if (row.amountMicro <= 0n) report(`Transfer ${row.id} moves ${row.amountMicro}.`)
    const debit = account(row.debit)
    debit.debits += row.amountMicro
    account(row.credit).credits += row.amountMicro
    if (row.debit !== TREASURY && debit.debits > debit.credits) report(`Transfer ${row.id} overdraws ${row.debit}.`)
  }
  let sum = 0n
  const kept = store.accounts()
  for (const row of kept) {
    const replayed = balances.get(row.id) ?? { debits: 0n, credits: 0n }
    if (replayed.debits !== row.debitsMicro || replayed.credits !== row.creditsMicro) {
      report(
        `Account ${row.id} keeps ${row.creditsMicro - row.debitsMicro} but its transfers give ${replayed.credits - replayed.debits}.`,
      )
    }
    balances.delete(row.id)
    sum += row.creditsMicro - row.debitsMicro
  }
  for (const id of balances.keys()) report(`Account ${id} has transfers but no balance.`)
  if (sum !== 0n) report(`The balances sum to ${sum} instead of 0.`)
  return { ok: problems.length === 0, transfers, accounts: kept.length, problems }
}
