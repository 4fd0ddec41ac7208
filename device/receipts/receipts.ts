/** What a device does with receipts: it checks each, keeps the newest, and keeps what contradicts it as evidence. */
import {
  type DeviceId,
  type Hash,
  HedgerowError,
  messageOf,
  ProtocolError,
  portableSha256,
  type Receipt,
  type Verifier,
} from '../../protocol/index.ts'
import type { Log } from '../log.ts'
import { contradictionOf, encodeEvidence, type KeptReceipt, openReceipt, type ReceiptTrust } from './kept-receipt.ts'
import type { KnownRegion, ReceiptStore } from './receipt-store.ts'

export interface ReceiptsComponents {
  readonly store: ReceiptStore
  readonly verifier: Verifier
  readonly log: Log
  readonly hash?: Hash
}

export class Receipts {
  readonly #components: ReceiptsComponents
  readonly #device: DeviceId
  #region: KnownRegion | null = null
  #newest: KeptReceipt | null = null

  constructor(components: ReceiptsComponents, device: DeviceId) {
    this.#components = components
    this.#device = device
  }

  /** Tells which region the device is of. What was kept counts again if this region signed it. */
  belong({ region, regionKey, blobUrl }: KnownRegion): void {
    const before = this.#region
    if (before?.region === region && before.blobUrl === blobUrl) return
    this.#region = { region, regionKey, blobUrl }
    this.#write('region', () => this.#components.store.keepRegion({ region, regionKey, blobUrl }))
    if (before === null) this.#newest = this.#readNewest(this.#trust(regionKey))
  }

  /**
   * Takes a receipt that the region sent.
   * @see spec/clauses.md [LOG-5.2] [LOG-5.3]
   */
  take(message: Receipt): void {
    if (this.#region === null) return
    const { log } = this.#components
    let receipt: KeptReceipt
    try {
      receipt = openReceipt(message, this.#trust(this.#region.regionKey))
    } catch (thrown) {
      if (!(thrown instanceof ProtocolError)) throw thrown
      log({ level: 'warn', event: 'receipt_refused', code: thrown.code, reason: thrown.message })
      return
    }
    const newest = this.#newest
    if (newest !== null) this.#compare(newest, receipt)
    if (newest !== null && receipt.says.seq <= newest.says.seq) return
    this.#newest = receipt
    this.#write('receipt', () => this.#components.store.keep(receipt.bytes))
    log({ level: 'debug', event: 'receipt_kept', seq: receipt.says.seq, entry: receipt.index })
  }

  #compare(kept: KeptReceipt, receipt: KeptReceipt): void {
    const contradiction = contradictionOf(kept, receipt)
    if (contradiction === null) return
    const name = `${kept.says.seq}-${receipt.says.seq}-${contradiction}`
    const evidence = encodeEvidence(kept.bytes, receipt.bytes)
    this.#write('evidence', () => this.#components.store.keepEvidence(name, evidence))
    const seqs = { seq: receipt.says.seq, keptSeq: kept.says.seq }
    this.#components.log({ level: 'warn', event: 'receipts_contradict', contradiction, ...seqs, evidence: name })
  }

  #trust(regionKey: Uint8Array): ReceiptTrust {
    const { verifier, hash = portableSha256 } = this.#components
    return { device: this.#device, regionKey, verifier, hash }
  }

  /** What can no longer be read or was another region's is no receipt; the region sends its newest again. */
  #readNewest(trust: ReceiptTrust): KeptReceipt | null {
    try {
      const bytes = this.#components.store.newest()
      return bytes === null ? null : openReceipt(bytes, trust)
    } catch (thrown) {
      if (!(thrown instanceof HedgerowError)) throw thrown
      this.#components.log({ level: 'warn', event: 'receipt_lost', reason: thrown.message })
      return null
    }
  }

  /** A full or read-only disk must not end the device: it works on, and the next receipt says all of this one and more. */
  #write(what: string, write: () => void): void {
    try {
      write()
    } catch (thrown) {
      this.#components.log({ level: 'warn', event: 'earnings_not_written', what, reason: messageOf(thrown) })
    }
  }
}
