/**
 * What the public log says. Each entry is one leaf of the region's append-only tree, so what has been said cannot be taken back, and
 * anybody who reads all of them can work out every balance.
 * @see spec/hedgerow.cddl log-entry
 */
import type { CampaignId, DeviceId, JobId, OwnerName, RegionId, RegionName, SubmitterName } from '../ids.ts'
import type { SensorId } from '../readings/index.ts'

/** What a transfer is for, by its number on the wire. */
export const TRANSFER_KINDS = [
  'fund',
  'escrow',
  'pay',
  'fee',
  'refund',
  'release',
  'slash',
  'deposit',
  'award',
  'payout',
  'dust',
] as const
export type TransferKind = (typeof TRANSFER_KINDS)[number]

/**
 * `single` moves money at once. `pending` only sets it aside on both accounts; `post` moves a part of that, `void` and `expire` give the
 * rest back to the debit account.
 */
export const TRANSFER_PHASES = ['single', 'pending', 'post', 'void', 'expire'] as const
export type TransferPhase = (typeof TRANSFER_PHASES)[number]

/** The accepted work behind a payment. */
export type Basis =
  /** SHA-256 of the accepted outputs of a run of units, and the fuel that they burned. */
  | { readonly kind: 'run'; readonly digest: Uint8Array; readonly fuel: number }
  /** So many readings that a verdict accepted. */
  | { readonly kind: 'readings'; readonly readings: number }

/** Opens the log. */
export interface GenesisEntry {
  readonly type: 'genesis'
  readonly atMs: number
  readonly regionId: RegionId
  readonly region: RegionName
  /** Ed25519, 32 bytes: signs checkpoints, receipts and everything that devices hear. */
  readonly publicKey: Uint8Array
  /** Decimals of a credit, for ever. */
  readonly scale: 6
}

/** What accounts held before the log began; their sum is zero. Several of these when there are many. */
export interface OpeningEntry {
  readonly type: 'opening'
  readonly atMs: number
  readonly balances: readonly {
    readonly account: string
    readonly debitsMicro: bigint
    readonly creditsMicro: bigint
  }[]
}

/** The rules about money from here on. */
export interface PolicyEntry {
  readonly type: 'policy'
  readonly atMs: number
  readonly feeBasisPoints: number
  readonly holdbackWindowMs: number
  readonly epochMs: number
  /** What does not divide into whole micro-credits is carried for each device; left out in logs from before that. */
  readonly keepsRemainders?: true
}

export interface TransferEntry {
  readonly type: 'transfer'
  /** Never before that of an earlier transfer. */
  readonly atMs: number
  readonly kind: TransferKind
  readonly phase: TransferPhase
  readonly debit: string
  readonly credit: string
  /** Above 0. Of `void` and `expire`: what was left. */
  readonly amountMicro: bigint
  /** Names exactly what is paid for; no two transfers have the same. */
  readonly purpose: string
  /** The purpose of the pending transfer that this resolves; null for `single` and `pending`. */
  readonly pending: string | null
  /** Of `pending`: after so long it expires. Null otherwise. */
  readonly timeoutMs: number | null
  /** Of `pay`: the accepted work. Null otherwise. */
  readonly basis: Basis | null
}

/** A device has been enrolled. */
export interface DeviceEntry {
  readonly type: 'device'
  readonly atMs: number
  readonly device: DeviceId
  readonly publicKey: Uint8Array
  readonly owner: OwnerName
}

export const LOGGED_STANDINGS = ['joined', 'caught', 'revoked'] as const

/** A device's standing has changed. */
export interface StandingEntry {
  readonly type: 'standing'
  readonly atMs: number
  readonly device: DeviceId
  readonly standing: (typeof LOGGED_STANDINGS)[number]
  readonly reason: string
}

/** A job has been taken, on these terms. Comes before its escrow. */
export interface JobEntry {
  readonly type: 'job'
  readonly atMs: number
  readonly job: JobId
  readonly submitter: SubmitterName
  /** SHA-256 of the module, and of the specification as it is kept. */
  readonly module: Uint8Array
  readonly spec: Uint8Array
  readonly units: number
  readonly gigafuelPriceMicro: bigint
  readonly feeBasisPoints: number
  readonly budgetMicro: bigint
  /** Whether one device's word is enough for the submitter. */
  readonly trusting: boolean
}

export const JOB_ENDS = ['done', 'failed', 'cancelled'] as const

/** A job is over. Comes after its refund. */
export interface JobEndEntry {
  readonly type: 'job-end'
  readonly atMs: number
  readonly job: JobId
  readonly state: (typeof JOB_ENDS)[number]
  /** SHA-256 of the answer; null unless done. */
  readonly result: Uint8Array | null
}

/** A campaign has been taken, on these terms. Comes before its escrow. */
export interface CampaignEntry {
  readonly type: 'campaign'
  readonly atMs: number
  readonly campaign: CampaignId
  readonly submitter: SubmitterName
  readonly spec: Uint8Array
  /** For one accepted reading, the fee included. */
  readonly priceMicro: bigint
  readonly feeBasisPoints: number
  readonly budgetMicro: bigint
}

/** A campaign is over. Comes after its refund. */
export interface CampaignEndEntry {
  readonly type: 'campaign-end'
  readonly atMs: number
  readonly campaign: CampaignId
}

/** What the checks say of one sensor in one window. */
export interface VerdictLine {
  readonly sensor: SensorId
  readonly device: DeviceId
  readonly readings: number
  readonly accepted: number
  /** Readings of this window and sensor paid so far, this revision included. */
  readonly paidReadings: number
  /** SHA-256 of the flags of its readings in time order, two bytes each, big-endian. */
  readonly flags: Uint8Array
}

/** A window of a campaign has been judged. Comes before the payments for it. */
export interface VerdictEntry {
  readonly type: 'verdict'
  readonly atMs: number
  readonly campaign: CampaignId
  readonly windowMs: number
  readonly revision: number
  /** Frames up to this id were looked at. */
  readonly frameMax: number
  readonly lines: readonly VerdictLine[]
}

/**
 * A cumulative cheque: all that a device has ever had, as of the entries before this one. The newest counts; no total ever falls.
 * Earned is what was credited to its holdback, lost what was taken from there, released what became available, paid out what has left.
 */
export interface ReceiptEntry {
  readonly type: 'receipt'
  readonly atMs: number
  readonly device: DeviceId
  /** 1 for the first of a device, and one more each time. */
  readonly seq: number
  readonly earnedMicro: bigint
  readonly lostMicro: bigint
  readonly releasedMicro: bigint
  readonly paidOutMicro: bigint
}

/** The base prices from here on. */
export interface PriceEntry {
  readonly type: 'price'
  readonly atMs: number
  readonly epoch: number
  readonly gigafuelPriceMicro: bigint
  /** For one accepted reading, by SenML quantity name, in the order of names. */
  readonly readings: readonly { readonly quantity: string; readonly priceMicro: bigint }[]
  /** What moved them: how much of the capacity was at work in the epoch before, in basis points. */
  readonly utilisationBasisPoints: number
  /** Median of the owners' floors for 10^9 fuel, weighted by capacity; 0 when nobody has one. */
  readonly floorMicro: bigint
}

export const PAYOUT_METHODS = ['points', 'csv', 'chain'] as const

/** An epoch was closed: what payees have had in all is the tree under this root. Comes after the epoch's payout transfers. */
export interface PayoutEntry {
  readonly type: 'payout'
  readonly atMs: number
  readonly epoch: number
  readonly method: (typeof PAYOUT_METHODS)[number]
  /** 32 bytes: of the distributor's tree for `chain`, SHA-256 of the file for `csv`. */
  readonly root: Uint8Array
  readonly payees: number
  /** Of this epoch, and of all epochs. */
  readonly epochMicro: bigint
  readonly totalMicro: bigint
}

/** A device's earnings go to this address from `effectiveAtMs` on. The device signed the statement. */
export interface BindingEntry {
  readonly type: 'binding'
  readonly atMs: number
  readonly device: DeviceId
  /** 20 bytes. */
  readonly address: Uint8Array
  readonly effectiveAtMs: number
  /** The signed statement as it came. */
  readonly statement: Uint8Array
}

/** Somebody disputes a lease or a verdict. Comes after the deposit was set aside. */
export interface DisputeEntry {
  readonly type: 'dispute'
  readonly atMs: number
  readonly dispute: string
  /** The account that the deposit is of. */
  readonly account: string
  /** `lease/<id>` or `verdict/<campaign>/<window>/<sensor>`. */
  readonly subject: string
  readonly depositMicro: bigint
}

export const DISPUTE_OUTCOMES = ['upheld', 'dismissed', 'undecided'] as const

/** A dispute is over. Comes after the transfers that it led to. */
export interface DisputeEndEntry {
  readonly type: 'dispute-end'
  readonly atMs: number
  readonly dispute: string
  readonly outcome: (typeof DISPUTE_OUTCOMES)[number]
  readonly detail: string
}

export type LogEntry =
  | GenesisEntry
  | OpeningEntry
  | PolicyEntry
  | TransferEntry
  | DeviceEntry
  | StandingEntry
  | JobEntry
  | JobEndEntry
  | CampaignEntry
  | CampaignEndEntry
  | VerdictEntry
  | ReceiptEntry
  | PriceEntry
  | PayoutEntry
  | BindingEntry
  | DisputeEntry
  | DisputeEndEntry

/** Entry types by their number on the wire. */
export const ENTRY_TYPES = [
  'genesis',
  'opening',
  'policy',
  'transfer',
  'device',
  'standing',
  'job',
  'job-end',
  'campaign',
  'campaign-end',
  'verdict',
  'receipt',
  'price',
  'payout',
  'binding',
  'dispute',
  'dispute-end',
] as const satisfies readonly LogEntry['type'][]
