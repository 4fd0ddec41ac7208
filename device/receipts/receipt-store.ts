/** Where a device keeps what it can prove about its earnings. */
import type { RegionName } from '../../protocol/index.ts'
import type { ReceiptBytes } from './kept-receipt.ts'

/** What must be known of a region to check its receipts apart from a connection. */
export interface KnownRegion {
  readonly region: RegionName
  /** Ed25519: signs receipts and checkpoints. */
  readonly regionKey: Uint8Array
  /** Where blobs are; its log is at the same place. */
  readonly blobUrl: string
}

export interface ReceiptStore {
  /** The newest, as it was kept; null when there is none that can be read. */
  newest(): ReceiptBytes | null
  /** @throws when it cannot be written */
  keep(receipt: ReceiptBytes): void
  /**
   * Keeps a proof against the region. Of the same name it is kept once, and only so many are.
   * @throws when it cannot be written
   */
  keepEvidence(name: string, bytes: Uint8Array): void
  /** @throws when it cannot be written */
  keepRegion(region: KnownRegion): void
}

/** A store that lasts as long as the process. */
export function memoryReceipts(): ReceiptStore & { readonly evidence: ReadonlyMap<string, Uint8Array> } {
  let newest: ReceiptBytes | null = null
  const evidence = new Map<string, Uint8Array>()
  return {
    evidence,
    newest: () => newest,
    keep: receipt => {
      newest = receipt
    },
    keepEvidence: (name, bytes) => void evidence.set(name, bytes),
    keepRegion: () => {},
  }
}
