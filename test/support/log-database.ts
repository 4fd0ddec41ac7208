/** A coordinator's database with the rows that a log written by hand leads to, worked out here once more. */
import { createHash } from 'node:crypto'
import type { AccountRow, DeviceRow, HoldRow, SubmitterRow, Write } from '../../coordinator/store/index.ts'
import { openSqliteStore } from '../../coordinator/store/index.ts'
import {
  campaignId,
  type DeviceId,
  decodeStatement,
  type LogEntry,
  peekSign1,
  sensorId,
  type TransferEntry,
} from '../../protocol/index.ts'
import { jobOf, type LogBuilder, type LogParts, placesOf } from './log-builder.ts'
import { WorkRows } from './log-work.ts'
import { claimRow, deviceRow, submitterRow } from './rows.ts'
import { CSV_FEE_MICRO } from './sample-log.ts'

/** Writes the database; nobody has it open afterwards. */
export function writeDatabase(path: string, log: LogBuilder, parts: LogParts, more: readonly Write[] = []): void {
  const store = openSqliteStore(path)
  store.commit([...new Rows(log).writes(), ...logWrites(parts), ...more])
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
  private readonly log: LogBuilder
  private readonly entries: readonly LogEntry[]
  private readonly devices = new Map<DeviceId, DeviceRow>()
  private readonly accounts = new Map<string, AccountRow>()
  private readonly holds = new Map<string, HoldRow>()
  private readonly prices = new Map<string, bigint>()
  private readonly gross = new Map<string, bigint>()

  constructor(log: LogBuilder) {
    this.log = log
    this.entries = log.entries
  }

  writes(): Write[] {
    const rows = this.entries.flatMap((entry, index) => this.rowsOf(entry, index))
    const accounts = [...this.accounts.values()].map(row => ({ table: 'account', row }) as const)
    const holds = [...this.holds.values()].map(row => ({ table: 'hold', row }) as const)
    const before: Write = { table: 'meta', key: 'transfers-before-log', value: '0' }
    return [
      before,
      ...this.people(),
      ...accounts,
      ...new WorkRows(this.log, ['ann', 'bob']).writes(),
      ...rows,
      ...holds,
    ]
  }

  /** Devices with what they hold, one of them with the claim it used, and the submitters that there are accounts of. */
  private people(): Write[] {
    const devices = [...this.devices.values()].map((row): Write => {
      const { creditsMicro, debitsMicro } = this.accounts.get(`holdback:${row.id}`) ?? {
        creditsMicro: 0n,
        debitsMicro: 0n,
      }
      return { table: 'device', row: { ...row, heldYoungMicro: creditsMicro - debitsMicro } }
    })
    const names = [...this.accounts.keys()].flatMap(id => (id.startsWith('submitter:') ? [id.slice(10)] : []))
    const submitters = names.map(
      (name): Write => ({ table: 'submitter', row: { ...submitterRow(), name } as SubmitterRow }),
    )
    const claims = [...this.devices.values()].slice(0, 1).flatMap(({ id, owner }): Write[] => [
      { table: 'claim', row: { ...claimRow('a'), owner, usedBy: id } },
      { table: 'floor', row: { device: id, gigafuelMicro: 5n, readingMicro: 0n, seq: 2 } },
    ])
    return [...devices, ...submitters, ...claims]
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
        const { device, publicKey, owner, atMs: joinedAtMs } = entry
        const row = { ...deviceRow(device), publicKey, owner, joinedAtMs, statementSeq: 3 }
        this.devices.set(device, row)
        return []
      }
      case 'standing':
        Object.assign(this.devices.get(entry.device) ?? {}, {
          standing: entry.standing,
          standingReason: entry.reason,
        })
        return []
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
    const units = /^pay\/.*\+(\d+)$/.exec(purpose)?.[1]
    const paid = this.devices.get(row.credit.slice(row.credit.indexOf(':') + 1) as DeviceId)
    if (units !== undefined && paid !== undefined) paid.unitsAccepted += Number(units)
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
    const [what, first = '', windowMs, sensor = ''] = subject.split('/')
    const isLease = what === 'lease'
    const about = {
      lease: isLease ? Number(first) : null,
      job: isLease ? jobOf('one') : null,
      campaign: isLease ? null : campaignId(first),
      windowMs: isLease ? null : Number(windowMs),
      sensor: isLease ? null : sensorId(sensor),
    }
    const times = { openedAtMs: atMs, endedAtMs }
    return [
      { table: 'dispute', row: { id, account, depositMicro, reason: 'I doubt it', state, detail, ...times, ...about } },
    ]
  }

  private account(id: string): AccountRow {
    let row = this.accounts.get(id)
    if (row === undefined) {
      row = { id, debitsMicro: 0n, creditsMicro: 0n, debitsPendingMicro: 0n, creditsPendingMicro: 0n, remainder: 0 }
      this.accounts.set(id, row)
    }
    return row
  }
}
