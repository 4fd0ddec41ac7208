/** Small, valid rows of settlement for tests of the store and of what reads it. */
import type {
  BindingRow,
  CheckpointRow,
  DisputeRow,
  EntryRow,
  EpochRow,
  FloorRow,
  HoldRow,
  PayoutRow,
  PeerRow,
  ReceiptRow,
  TileRow,
} from '../../coordinator/store/index.ts'
import type { DeviceId } from '../../protocol/index.ts'

/** An entry of two bytes; none that decodes. */
export function entryRow(index: number): EntryRow {
  return { index, bytes: Uint8Array.of(0xff, index % 256) }
}

/** A tile of hashes that are all alike. */
export function tileRow(level: number, index: number): TileRow {
  return { level, index, hashes: new Uint8Array(8_192).fill(index + 1) }
}

/** A checkpoint that nobody has signed. */
export function checkpointRow(size: number): CheckpointRow {
  return { size, note: `hedgerow/log/test\n${size}\nAAAA\n`, atMs: size * 10 }
}

/** A deposit of 100 set aside for ten seconds. */
export function holdRow(purpose: string, debit: string, credit: string): HoldRow {
  return { purpose, kind: 'deposit', debit, credit, leftMicro: 100n, posts: 0, atMs: 90, timeoutMs: 10_000 }
}

/** The first receipt of a device. */
export function receiptRow(device: DeviceId): ReceiptRow {
  return { device, seq: 1, entry: 7, earnedMicro: 9n, lostMicro: 1n, releasedMicro: 5n, paidOutMicro: 2n }
}

/** A neighbour of which nothing has been cosigned. */
export function peerRow(origin: string): PeerRow {
  const url = 'https://peer.example'
  return {
    origin,
    logKey: `${origin}+log`,
    witnessKey: `${origin}+w`,
    url,
    size: 0,
    root: new Uint8Array(),
    addedAtMs: 5,
  }
}

/** What a device asks. */
export function floorRow(device: DeviceId): FloorRow {
  return { device, gigafuelMicro: 8n, readingMicro: 3n, seq: 4 }
}

/** An address bound by the statement of this number. */
export function bindingRow(device: DeviceId, seq: number): BindingRow {
  return { device, seq, address: new Uint8Array(20).fill(seq), boundAtMs: 100, effectiveAtMs: 200 }
}

/** An epoch that is closed. */
export function epochRow(epoch: number): EpochRow {
  return {
    epoch,
    method: 'chain',
    state: 'closed',
    closedAtMs: epoch * 1_000,
    root: new Uint8Array(32).fill(epoch),
    payees: 2,
    epochMicro: 30n,
    totalMicro: 50n,
    signatures: '[]',
  }
}

/** What somebody gets. */
export function payoutRow(epoch: number, payee: string): PayoutRow {
  return { epoch, payee, amountMicro: 15n, feeMicro: 1n, cumulativeMicro: 25n }
}

/** An open dispute, of nothing yet. */
export function disputeRow(id: string): DisputeRow {
  return {
    id,
    account: 'submitter:ada',
    depositMicro: 100n,
    reason: 'The answer is wrong.',
    state: 'open',
    detail: '',
    openedAtMs: 300,
    endedAtMs: null,
    lease: null,
    job: null,
    campaign: null,
    windowMs: null,
    sensor: null,
  }
}
