/** Adds up which money went from which kind of account to which. */
import type { LogEntry } from '../../protocol/index.ts'
import type { Flow } from './messages.ts'

/** Sums over a log's transfers that moved money: what was only set aside, or given back, is left out. */
export class FlowSums {
  readonly #sums = new Map<string, Flow>()

  add(entry: LogEntry): void {
    if (entry.type !== 'transfer' || (entry.phase !== 'single' && entry.phase !== 'post')) return
    const { kind, amountMicro } = entry
    const [from, to] = [formOf(entry.debit), formOf(entry.credit)]
    const key = `${kind} ${from} ${to}`
    const known = this.#sums.get(key)
    const transfers = (known?.transfers ?? 0) + 1
    this.#sums.set(key, { kind, from, to, amountMicro: (known?.amountMicro ?? 0n) + amountMicro, transfers })
  }

  /** The largest first. */
  list(): Flow[] {
    return [...this.#sums.values()].sort((a, b) => (a.amountMicro < b.amountMicro ? 1 : -1))
  }
}

/** `holdback` of `holdback:abc…`. */
export function formOf(account: string): string {
  return account.split(':', 1)[0] ?? ''
}
