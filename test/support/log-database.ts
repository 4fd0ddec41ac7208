/** A coordinator's database with the rows that a log written by hand leads to, worked out here once more. */
import { createHash } from 'node:crypto'
import type { AccountRow, HoldRow, Write } from '../../coordinator/store/index.ts'
import { openSqliteStore } from '../../coordinator/store/index.ts'
import {
  type DeviceId,
  decodeStatement,
  type JobId,
  type LogEntry,
  peekSign1,
  type SensorId,
  type TransferEntry,
} from '../../protocol/index.ts'
import { type LogBuilder, type LogParts, placesOf } from './log-builder.ts'
import { deviceRow, jobRow, leaseRow } from './rows.ts'
import { CSV_FEE_MICRO } from './sample-log.ts'

/** Writes the database; nobody has it open afterwards. */
export function writeDatabase(path: string, log: LogBuilder, parts: LogParts, more: readonly Write[] = []): void {
  const store = openSqliteStore(path)
  store.commit([...new Rows(log.entries).writes(), ...logWrites(parts), ...more])
  store.close()
}

function logWrites({ note, entries, levels }: LogParts): Write[] {
  const rows: Write[] = entries.map((bytes, index) => ({ table: 'entry', row: { index, bytes } }))
  for (const { level, index, width } of placesOf(entries.length)) {
    if (width < 256) continue
    const hashes = (levels[level] ?? new Uint8Array()).slice(index * 8_192, (index + 1) * 8_192)
    rows.push({ table: 'tile', row: { level, index, hashes } })
  }
  return [...rows, { table: 'checkpoint', row: { size: entries.length, note, atMs: 1 } }]
}

const idOf = (purpose: string): string => createHash('sha256').update(purpose).digest('hex').slice(0, 32)

/** The rows of everything but the tree. */
class Rows {
  private readonly entries: readonly LogEntry[]
  private readonly accounts = new Map<string, AccountRow>()
  private readonly holds = new Map<string, HoldRow>()
  private readonly prices = new Map<string, bigint>()
  private readonly gross = new Map<string, bigint>()

  constructor(entries: readonly LogEntry[]) {
    this.entries = entries
  }

  writes(): Write[] {
    const rows = this.entries.flatMap((entry, index) => this.rowsOf(entry, index))
    const accounts = [...this.accounts.values()].map(row => ({ table: 'account', row }) as const)
    const holds = [...this.holds.values()].map(row => ({ table: 'hold', row }) as const)
    return [{ table: 'meta', key: 'transfers-before-log', value: '0' }, ...accounts, ...rows, ...holds]
  }

  private rowsOf(entry: LogEntry, index: number): Write[] {
    switch (entry.type) {
      case 'genesis':
        return [{ table: 'meta', key: 'region-name', value: entry.region }]
      case 'policy': {
        const { feeBasisPoints, holdbackWindowMs, epochMs } = entry
        const value = JSON.stringify({ feeBasisPoints, holdbackWindowMs, epochMs })
        return [{ table: 'meta', key: 'logged-policy', value }]
      }
      case 'transfer':
        return this.transfer(entry)
      case 'device': {
        const { device, publicKey, owner } = entry
        return [{ table: 'device', row: { ...deviceRow(device), publicKey, owner } }]
      }
      case 'standing':
        return this.standing(entry)
      case 'job':
        return [{ table: 'job', row: jobRow(entry.job) }]
      case 'receipt': {
        const { type: _, atMs: __, ...row } = entry
        return [{ table: 'receipt', row: { ...row, entry: index } }]
      }
      case 'price':
        return [
          ['gigafuel', entry.gigafuelPriceMicro] as const,
          ...entry.readings.map(r => [r.quantity, r.priceMicro] as const),
        ].flatMap(([what, priceMicro]) => this.price(what, priceMicro, entry.epoch))
      case 'payout':
        return this.payout(entry)
      case 'binding': {
        const { device, address, atMs: boundAtMs, effectiveAtMs, statement } = entry
        const { seq } = decodeStatement(peekSign1(statement).payload)
        return [{ table: 'binding', row: { device, seq, address, boundAtMs, effectiveAtMs } }]
      }
      case 'dispute':
        return this.dispute(entry)
      default:
        return []
    }
  }

  private transfer({ type: _, basis: __, ...row }: TransferEntry): Write[] {
    const { phase, amountMicro, purpose, kind, atMs } = row
    const [debit, credit] = [this.account(row.debit), this.account(row.credit)]
    const pending = phase === 'single' ? 0n : phase === 'pending' ? amountMicro : -amountMicro
    const posted = phase === 'single' || phase === 'post' ? amountMicro : 0n
    debit.debitsMicro += posted
    credit.creditsMicro += posted
    debit.debitsPendingMicro += pending
    credit.creditsPendingMicro += pending
    if (phase === 'pending') {
      const times = { atMs, timeoutMs: row.timeoutMs ?? 0 }
      const hold = { purpose, kind, debit: row.debit, credit: row.credit, leftMicro: amountMicro, posts: 0, ...times }
      this.holds.set(purpose, hold)
    }
    const hold = this.holds.get(row.pending ?? '')
    if (hold !== undefined) {
      hold.leftMicro -= amountMicro
      if (phase === 'post') hold.posts++
      if (hold.leftMicro === 0n) this.holds.delete(hold.purpose)
    }
    const match = /^payout\/(\d+)\/[a-z2-7]+$/.exec(purpose)
    if (match !== null) {
      const key = `${match[1]} ${row.credit.slice('payout:'.length)}`
      this.gross.set(key, (this.gross.get(key) ?? 0n) + amountMicro)
    }
    return [{ table: 'transfer', row: { id: idOf(purpose), ...row } }]
  }

  private standing({ device, standing, reason }: Extract<LogEntry, { type: 'standing' }>): Write[] {
    const entry = this.entries.find(known => known.type === 'device' && known.device === device)
    if (entry?.type !== 'device') return []
    const { publicKey, owner } = entry
    return [{ table: 'device', row: { ...deviceRow(device), publicKey, owner, standing, standingReason: reason } }]
  }

  private price(what: string, priceMicro: bigint, epoch: number): Write[] {
    const isSame = this.prices.get(what) === priceMicro
    this.prices.set(what, priceMicro)
    return isSame ? [] : [{ table: 'price', row: { what, priceMicro, epoch } }]
  }

  private payout({ type: _, atMs: closedAtMs, ...said }: Extract<LogEntry, { type: 'payout' }>): Write[] {
    const payees = [...this.gross].flatMap(([key, amountMicro]) => {
      const [epoch, payee = ''] = key.split(' ')
      return Number(epoch) === said.epoch ? [{ payee, amountMicro }] : []
    })
    const feeMicro = said.method === 'csv' ? CSV_FEE_MICRO : 0n
    const epochRow: Write = { table: 'epoch', row: { ...said, state: 'closed', closedAtMs, signatures: '' } }
    return [
      epochRow,
      ...payees.map(({ payee, amountMicro }): Write => {
        const { creditsMicro, creditsPendingMicro } = this.account(`payout:${payee}`)
        const cumulativeMicro = creditsMicro + creditsPendingMicro
        return { table: 'payout', row: { epoch: said.epoch, payee, amountMicro, feeMicro, cumulativeMicro } }
      }),
    ]
  }

  private dispute({
    dispute: id,
    account,
    subject,
    depositMicro,
    atMs,
  }: Extract<LogEntry, { type: 'dispute' }>): Write[] {
    const end = this.entries.find(known => known.type === 'dispute-end' && known.dispute === id)
    const [state, detail, endedAtMs] =
      end?.type === 'dispute-end' ? ([end.outcome, end.detail, end.atMs] as const) : (['open', '', null] as const)
    const lease = Number(subject.slice('lease/'.length))
    const [job, device] = this.leaseOf(lease)
    const about = { lease, job, campaign: null, windowMs: null, sensor: null as SensorId | null }
    const times = { openedAtMs: atMs, endedAtMs }
    return [
      { table: 'lease', row: { ...leaseRow(lease, job, device), firstUnit: 0 } },
      { table: 'dispute', row: { id, account, depositMicro, reason: 'I doubt it', state, detail, ...times, ...about } },
    ]
  }

  private leaseOf(lease: number): [JobId, DeviceId] {
    for (const entry of this.entries) {
      if (entry.type !== 'transfer') continue
      const [kind, job, id] = entry.purpose.split('/')
      if (kind === 'pay' && Number(id) === lease) return [job as JobId, entry.credit.split(':')[1] as DeviceId]
    }
    throw new Error(`no payment names lease ${lease}`)
  }

  private account(id: string): AccountRow {
    let row = this.accounts.get(id)
    if (row === undefined) {
      row = { id, debitsMicro: 0n, creditsMicro: 0n, debitsPendingMicro: 0n, creditsPendingMicro: 0n }
      this.accounts.set(id, row)
    }
    return row
  }
}
