/**
 * Receipts: cumulative cheques that are entries of the log, sent to their devices with a proof that they are in it. A device needs only
 * its newest, so one that is lost on the way is no matter.
 */
import {
  assert,
  type DeviceId,
  encodeInclusionReceipt,
  equalBytes,
  type ReceiptEntry,
  type Signer,
  type TreeHead,
} from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { Now } from '../jobs/jobs.ts'
import { availableAccount, holdbackAccount, type Ledger } from '../ledger/ledger.ts'
import type { ReceiptRow, Store } from '../store/rows.ts'
import type { LogReader } from './log-reader.ts'

export interface ReceiptsComponents {
  ledger: Pick<Ledger, 'turnoverMicro' | 'takeTouchedDevices'>
  reader: LogReader
  store: Pick<Store, 'receipts'>
  /** The region's key. */
  signer: Signer
  /** Everybody who is or was enrolled. */
  devices(): Iterable<DeviceId>
  isConnected(device: DeviceId): boolean
}

/** Written, and sent, at one tick: so a fleet of ten thousand does not hold up whoever waits for the next commit. */
const AT_ONCE = 128

type Totals = Pick<ReceiptRow, 'earnedMicro' | 'lostMicro' | 'releasedMicro' | 'paidOutMicro'>

export class Receipts {
  private readonly components: ReceiptsComponents
  private readonly receiptMs: number
  private readonly signer: Signer
  private readonly rows = new Map<DeviceId, ReceiptRow>()
  /** Whose totals may differ from those of its receipt. */
  private readonly changed: Set<DeviceId>
  /** Whose newest receipt is not below a checkpoint yet. */
  private readonly uncovered = new Set<DeviceId>()
  private readonly unsent = new Set<DeviceId>()
  private head: TreeHead | null
  private nextMs = Number.NEGATIVE_INFINITY

  /** @param head - the checkpoint that is shown */
  constructor(components: ReceiptsComponents, receiptMs: number, head: TreeHead | null) {
    this.components = components
    this.receiptMs = receiptMs
    this.signer = rememberLast(components.signer)
    this.head = head
    for (const row of components.store.receipts()) {
      this.rows.set(row.device, row)
      if (!this.isCovered(row)) this.uncovered.add(row.device)
    }
    // What changed after the last receipts of the run before was remembered nowhere.
    this.changed = new Set(components.devices())
  }

  /** Writes and sends what is due. */
  tick(now: Now, batch: Batch): void {
    if (now.monotonicMs >= this.nextMs) {
      this.nextMs = now.monotonicMs + this.receiptMs
      for (const device of this.components.ledger.takeTouchedDevices()) this.changed.add(device)
    }
    for (const device of take(this.changed)) this.write(device, now, batch)
    for (const device of take(this.unsent)) this.send(device, batch)
  }

  /** A checkpoint is shown: the receipts below it can be proven now. */
  shown(head: TreeHead): void {
    this.head = head
    for (const device of this.uncovered) {
      const row = this.rows.get(device)
      if (row === undefined || !this.isCovered(row)) continue
      this.uncovered.delete(device)
      this.unsent.add(device)
    }
  }

  /** A device is here, and may have lost its newest receipt. */
  greet(device: DeviceId): void {
    const row = this.rows.get(device)
    if (row !== undefined && this.isCovered(row)) this.unsent.add(device)
  }

  private write(device: DeviceId, now: Now, batch: Batch): void {
    const row = this.rows.get(device)
    const totals = this.totals(device)
    if (row === undefined ? isNothing(totals) : isSame(row, totals)) return
    assert(row === undefined || isLater(row, totals), 'no total of a receipt ever falls')
    const seq = (row?.seq ?? 0) + 1
    // Entries of a batch go into the log in this order, after those that are in it.
    const entry = this.components.reader.size + batch.entries.length
    const receipt: ReceiptEntry = { type: 'receipt', atMs: Math.round(now.wallMs), device, seq, ...totals }
    batch.record(receipt)
    const next = { device, seq, entry, ...totals }
    this.rows.set(device, next)
    batch.write({ table: 'receipt', row: { ...next } })
    this.uncovered.add(device)
    this.unsent.delete(device)
  }

  private send(device: DeviceId, batch: Batch): void {
    const { reader, isConnected } = this.components
    const row = this.rows.get(device)
    const { head } = this
    if (head === null || row === undefined || !this.isCovered(row) || !isConnected(device)) return
    const path = reader.inclusion(row.entry, head.size)
    const proof = encodeInclusionReceipt({ root: head.root, size: head.size, index: row.entry, path }, this.signer)
    batch.emit({ kind: 'receipt', device, entry: reader.entry(row.entry), proof })
  }

  private isCovered({ entry }: ReceiptRow): boolean {
    return this.head !== null && entry < this.head.size
  }

  /** @see spec/clauses.md [LOG-8.4] */
  private totals(device: DeviceId): Totals {
    const { ledger } = this.components
    const holdback = ledger.turnoverMicro(holdbackAccount(device))
    const available = ledger.turnoverMicro(availableAccount(device))
    return {
      earnedMicro: holdback.creditsMicro,
      lostMicro: holdback.debitsMicro - available.creditsMicro,
      releasedMicro: available.creditsMicro,
      paidOutMicro: available.debitsMicro,
    }
  }
}

const TOTALS = ['earnedMicro', 'lostMicro', 'releasedMicro', 'paidOutMicro'] as const satisfies (keyof Totals)[]

const isNothing = (totals: Totals): boolean => TOTALS.every(name => totals[name] === 0n)
const isSame = (a: Totals, b: Totals): boolean => TOTALS.every(name => a[name] === b[name])
const isLater = (before: Totals, after: Totals): boolean => TOTALS.every(name => after[name] >= before[name])

/** Takes out the first few. */
function take(devices: Set<DeviceId>): DeviceId[] {
  const taken: DeviceId[] = []
  for (const device of devices) {
    if (taken.length === AT_ONCE) break
    devices.delete(device)
    taken.push(device)
  }
  return taken
}

/** Every proof below one checkpoint has the same signature, which is made once. */
function rememberLast(signer: Signer): Signer {
  let last: { message: Uint8Array; signature: Uint8Array } | null = null
  return {
    publicKey: signer.publicKey,
    sign: message => {
      if (last === null || !equalBytes(last.message, message)) last = { message, signature: signer.sign(message) }
      return last.signature
    },
  }
}
