/** The rows of the public log and of what is settled by it. */
import type { CampaignId, DeviceId, JobId, SensorId } from '../../protocol/index.ts'

/** An entry of the log as its bytes; the index counts from 0 without gaps. */
export interface EntryRow {
  index: number
  bytes: Uint8Array
}

/** 256 hashes of one level of the tree, complete: level 0 holds hashes of entries, each next level those of the tiles below. */
export interface TileRow {
  level: number
  index: number
  /** 256 x 32 bytes. */
  hashes: Uint8Array
}

/** A signed state of the log. */
export interface CheckpointRow {
  size: number
  /** The note as text: the region's signature and the cosignatures that have come so far. */
  note: string
  atMs: number
}

/** The newest receipt of a device. */
export interface ReceiptRow {
  device: DeviceId
  seq: number
  /** Where its entry is. */
  entry: number
  earnedMicro: bigint
  lostMicro: bigint
  releasedMicro: bigint
  paidOutMicro: bigint
}

/** Another region: it cosigns our checkpoints and we cosign its. */
export interface PeerRow {
  /** Of its log, unique. */
  origin: string
  /** Verifier keys in the form of C2SP signed notes. */
  logKey: string
  witnessKey: string
  /** Where it is reached, without the last slash. */
  url: string
  /** The last of its checkpoints that we cosigned; 0 and empty before the first. */
  size: number
  root: Uint8Array
  addedAtMs: number
}

/** What an owner or a device asks for its work. */
export interface FloorRow {
  device: DeviceId
  gigafuelMicro: bigint
  readingMicro: bigint
  /** Number of the statement that said so. */
  seq: number
}

/** Base prices of an epoch. `what` is `gigafuel` or a quantity's SenML name. */
export interface PriceRow {
  what: string
  priceMicro: bigint
  epoch: number
}

/** Where a device's earnings go. The newest that has come into effect counts, but one that still waited when the next was bound never does. */
export interface BindingRow {
  device: DeviceId
  /** Number of the statement, which is never used again. */
  seq: number
  /** 20 bytes. */
  address: Uint8Array
  boundAtMs: number
  effectiveAtMs: number
}

export type EpochState = 'open' | 'closed' | 'signed' | 'paid' | 'void'

/** An epoch of payouts. */
export interface EpochRow {
  epoch: number
  method: 'points' | 'csv' | 'chain'
  state: EpochState
  closedAtMs: number
  /** 32 bytes. */
  root: Uint8Array
  payees: number
  epochMicro: bigint
  totalMicro: bigint
  /** Signatures over the root as JSON: `[{ "signer": "0x…", "signature": "0x…" }]`. */
  signatures: string
}

/** What one payee gets of one epoch. */
export interface PayoutRow {
  epoch: number
  /** `0x…` address for `chain`, the owner's name for `csv`. */
  payee: string
  amountMicro: bigint
  /** What the transfer costs, taken from the amount. */
  feeMicro: bigint
  /** Of all epochs, this one included. */
  cumulativeMicro: bigint
}

export type DisputeState = 'open' | 'upheld' | 'dismissed' | 'undecided'

export interface DisputeRow {
  /** Base32 of the first 10 bytes of SHA-256 of what is disputed. */
  id: string
  /** Account of the deposit: `submitter:<name>`, `available:<device>` or `holdback:<device>`. */
  account: string
  depositMicro: bigint
  reason: string
  state: DisputeState
  detail: string
  openedAtMs: number
  endedAtMs: number | null
  /** Of a lease: its id and its job. Null for a verdict. */
  lease: number | null
  job: JobId | null
  /** Of a verdict. Null for a lease. */
  campaign: CampaignId | null
  windowMs: number | null
  sensor: SensorId | null
}
