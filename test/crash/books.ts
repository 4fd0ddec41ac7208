/** What must be true of the money in any state of the disk, recomputed from the transfers alone. */
import { createHash } from 'node:crypto'
import type { Row, Snapshot } from './snapshot.ts'

const TRANSFERS = `
  SELECT t.id, t.kind, t.phase, t.purpose, t.amount_micro, a.id AS debit, b.id AS credit FROM transfer t
  JOIN account a ON a.no = t.debit JOIN account b ON b.no = t.credit ORDER BY t.no`

export interface Pay {
  readonly job: string
  readonly lease: string
  /** `first+count` of the run. */
  readonly run: string
  readonly account: string
  readonly amountMicro: bigint
}

export interface Books {
  readonly transfers: number
  readonly pays: readonly Pay[]
  readonly balances: ReadonlyMap<string, bigint>
  /** By purpose. */
  readonly amounts: ReadonlyMap<string, bigint>
  /** What went to `dust`, by the escrow that it came from. */
  readonly dust: ReadonlyMap<string, bigint>
}

/** Replays the transfers and compares with the balances that were kept. */
export function readBooks(db: Snapshot, problems: string[]): Books {
  const balances = new Map<string, bigint>()
  const amounts = new Map<string, bigint>()
  const dust = new Map<string, bigint>()
  const pays: Pay[] = []
  const transfers = db.all(TRANSFERS)
  for (const row of transfers) {
    const purpose = String(row.purpose)
    const amountMicro = BigInt(row.amount_micro as bigint)
    if (amounts.has(purpose)) problems.push(`The purpose ${purpose} was paid twice.`)
    if (row.id !== createHash('sha256').update(purpose).digest('hex').slice(0, 32))
      problems.push(`The id of ${purpose} is not its hash.`)
    if (amountMicro <= 0n) problems.push(`${purpose} moves ${amountMicro}.`)
    amounts.set(purpose, amountMicro)
    // What is set aside, or given back, has not moved.
    if (row.phase !== 'single' && row.phase !== 'post') continue
    add(balances, String(row.debit), -amountMicro)
    add(balances, String(row.credit), amountMicro)
    if (row.debit !== 'treasury' && (balances.get(String(row.debit)) ?? 0n) < 0n)
      problems.push(`${purpose} overdraws ${row.debit}.`)
    if (row.credit === 'dust') add(dust, String(row.debit), amountMicro)
    if (row.kind === 'pay') pays.push(readPay(row))
  }
  compare(db, balances, problems)
  return { transfers: transfers.length, pays, balances, amounts, dust }
}

function compare(db: Snapshot, balances: ReadonlyMap<string, bigint>, problems: string[]): void {
  let sum = 0n
  for (const row of db.all('SELECT id, credits_micro - debits_micro AS balance FROM account')) {
    const balance = BigInt(row.balance as bigint)
    sum += balance
    const replayed = balances.get(String(row.id)) ?? 0n
    if (balance !== replayed) problems.push(`${row.id} keeps ${balance}, its transfers give ${replayed}.`)
  }
  if (sum !== 0n) problems.push(`The balances sum to ${sum} instead of 0.`)
  for (const row of db.all('SELECT id, held_young_micro + held_old_micro AS held FROM device')) {
    const balance = balances.get(`holdback:${row.id}`) ?? 0n
    if (balance !== row.held) problems.push(`Device ${row.id} keeps ${row.held} in holdback, its account ${balance}.`)
  }
}

function readPay(row: Row): Pay {
  const [, job = '', lease = '', run = ''] = String(row.purpose).split('/')
  return { job, lease, run, account: String(row.credit), amountMicro: BigInt(row.amount_micro as bigint) }
}

const add = (balances: Map<string, bigint>, account: string, amountMicro: bigint) =>
  balances.set(account, (balances.get(account) ?? 0n) + amountMicro)
