import { assert } from '../../protocol/index.ts'
import { copies, copyOf, sorted } from './memory-copies.ts'
import type { PendingRows } from './pending-rows.ts'
import type {
  BindingRow,
  CheckpointRow,
  DisputeRow,
  DisputesFilter,
  EntryRow,
  EpochRow,
  FloorRow,
  HoldRow,
  PayoutRow,
  PeerRow,
  PriceRow,
  ReceiptRow,
  Write,
} from './rows.ts'
import type { UndoLog } from './undo-log.ts'

/** Stops when a row that others name is not there. */
export type KnowsRow = (
  what: 'account' | 'device' | 'job' | 'lease' | 'campaign' | 'sensor',
  id: string | number | null,
) => void

/** The rows of the public log and of what is settled by it in memory, and the questions about them. */
export class MemorySettlement {
  private readonly undo: UndoLog
  private readonly knows: KnowsRow
  private readonly log: Uint8Array[] = []
  private readonly tiles = new Map<string, Uint8Array>()
  private readonly checkpointRows = new Map<'newest', CheckpointRow>()
  /** With the order in which they were booked. */
  private readonly holdRows = new Map<string, { no: number; row: HoldRow }>()
  private readonly receiptRows = new Map<string, ReceiptRow>()
  private readonly peerRows = new Map<string, PeerRow>()
  private readonly floorRows = new Map<string, FloorRow>()
  private readonly priceRows = new Map<string, PriceRow>()
  private readonly bindingRows = new Map<string, BindingRow>()
  private readonly epochRows = new Map<number, EpochRow>()
  private readonly payoutRows = new Map<string, PayoutRow>()
  private readonly disputeRows = new Map<string, DisputeRow>()
  private holdNo = 0

  constructor(undo: UndoLog, knows: KnowsRow) {
    this.undo = undo
    this.knows = knows
  }

  /** Takes the rows that others name. */
  applyNamed({ epochs }: PendingRows): void {
    for (const [epoch, row] of epochs) this.undo.set(this.epochRows, epoch, { ...row })
  }

  /** Takes the rows that are written last. */
  applyLast({ disputes }: PendingRows): void {
    for (const [id, row] of disputes) {
      this.knows('lease', row.lease)
      this.knows('job', row.job)
      this.knows('campaign', row.campaign)
      this.knows('sensor', row.sensor)
      this.undo.set(this.disputeRows, id, { ...row })
    }
  }

  /** Applies a write of the tables whose rows go in their order. The others are not for it. */
  apply(write: Write): void {
    switch (write.table) {
      case 'entry':
        this.addEntry(write.row)
        break
      case 'tile':
        this.insert(this.tiles, `${write.row.level}/${write.row.index}`, write.row.hashes)
        break
      case 'hold': {
        const { purpose, debit, credit } = write.row
        this.knows('account', debit)
        this.knows('account', credit)
        const no = this.holdRows.get(purpose)?.no ?? ++this.holdNo
        this.undo.set(this.holdRows, purpose, { no, row: { ...write.row } })
        break
      }
      case 'hold-delete':
        assert(this.holdRows.has(write.purpose), `hold ${write.purpose} is there before it is deleted`)
        this.undo.delete(this.holdRows, write.purpose)
        break
      case 'checkpoint':
        if (write.row.size < (this.checkpointRows.get('newest')?.size ?? 0)) break
        this.undo.set(this.checkpointRows, 'newest', { ...write.row })
        break
      case 'peer':
        this.undo.set(this.peerRows, write.row.origin, { ...write.row })
        break
      case 'peer-delete':
        this.undo.delete(this.peerRows, write.origin)
        break
      case 'price':
        this.undo.set(this.priceRows, write.row.what, { ...write.row })
        break
      case 'payout': {
        const { epoch, payee } = write.row
        assert(this.epochRows.has(epoch), `epoch ${epoch} is there before rows that name it`)
        this.insert(this.payoutRows, `${epoch}/${payee}`, { ...write.row })
        break
      }
      case 'receipt':
        this.ofDevice(this.receiptRows, write.row, write.row.device)
        break
      case 'floor':
        this.ofDevice(this.floorRows, write.row, write.row.device)
        break
      case 'binding':
        this.ofDevice(this.bindingRows, write.row, `${write.row.device}/${write.row.seq}`)
    }
  }

  holds(): HoldRow[] {
    const inOrder = [...this.holdRows.values()].sort((a, b) => a.no - b.no)
    return copies(inOrder.map(({ row }) => row))
  }

  entryCount(): number {
    return this.log.length
  }

  entry(index: number): Uint8Array | null {
    return this.log[index] ?? null
  }

  entries(from: number, to: number): Uint8Array[] {
    return this.log.slice(from, to)
  }

  tile(level: number, index: number): Uint8Array | null {
    return this.tiles.get(`${level}/${index}`) ?? null
  }

  checkpoint(): CheckpointRow | null {
    return copyOf(this.checkpointRows.get('newest'))
  }

  receipts(): ReceiptRow[] {
    return sorted(copies(this.receiptRows.values()), row => row.device)
  }

  peers(): PeerRow[] {
    return sorted(copies(this.peerRows.values()), row => row.origin)
  }

  floors(): FloorRow[] {
    return sorted(copies(this.floorRows.values()), row => row.device)
  }

  prices(): PriceRow[] {
    return sorted(copies(this.priceRows.values()), row => row.what)
  }

  bindings(): BindingRow[] {
    const bySeq = copies(this.bindingRows.values()).sort((a, b) => a.seq - b.seq)
    return bySeq.sort((a, b) => (a.device < b.device ? -1 : a.device > b.device ? 1 : 0))
  }

  epochs(): EpochRow[] {
    return copies(this.epochRows.values()).sort((a, b) => b.epoch - a.epoch)
  }

  payouts(epoch: number): PayoutRow[] {
    const wanted = [...this.payoutRows.values()].filter(row => row.epoch === epoch)
    return sorted(copies(wanted), row => row.payee)
  }

  disputes({ states, job, account, limit }: DisputesFilter = {}): DisputeRow[] {
    const wanted = copies(this.disputeRows.values())
      .reverse()
      .filter(
        row =>
          (!states || states.includes(row.state)) &&
          (job === undefined || row.job === job) &&
          (account === undefined || row.account === account),
      )
    return wanted.slice(0, limit)
  }

  dispute(id: string): DisputeRow | null {
    return copyOf(this.disputeRows.get(id))
  }

  private addEntry({ index, bytes }: EntryRow): void {
    const { log } = this
    assert(index === log.length, `entry ${index} of the log is the next one, which is ${log.length}`)
    log.push(bytes)
    this.undo.later(() => log.pop())
  }

  private insert<K, V>(map: Map<K, V>, key: K, value: V): void {
    assert(!map.has(key), `a commit keeps the rules of the schema: ${key} is there already`)
    this.undo.set(map, key, value)
  }

  private ofDevice<Row extends { device: string }>(map: Map<string, Row>, row: Row, key: string): void {
    this.knows('device', row.device)
    this.undo.set(map, key, { ...row })
  }
}
