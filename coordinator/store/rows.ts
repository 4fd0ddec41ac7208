/**
 * The rows the coordinator keeps, and the only way departments change them: a {@link Write} per changed row.
 * Amounts are `bigint` micro-credits, times are wall-clock milliseconds of the coordinator, intervals are milliseconds.
 * One row per lease and per accepted run, never one per unit (design §7).
 */
import type {
  CampaignId,
  DeviceId,
  JobId,
  OwnerName,
  ProfileId,
  Sha256Hex,
  SubmitterName,
  TransferKind,
  TransferPhase,
} from '../../protocol/index.ts'
import type { ExclusionRow, ExclusionsFilter, PassedOverRow } from './passed-over-rows.ts'
import type { OwnerRow, SubmitterRow } from './people-rows.ts'
import type {
  CampaignRow,
  CampaignsFilter,
  FrameRow,
  FramesFilter,
  JudgementRow,
  JudgementsFilter,
  PlaceRow,
  ProfileRow,
  SensorRow,
  WindowRow,
  WindowsFilter,
} from './sensing-rows.ts'
import type {
  BindingRow,
  CheckpointRow,
  DisputeRow,
  DisputeState,
  EntryRow,
  EpochRow,
  FloorRow,
  PayoutRow,
  PeerRow,
  PriceRow,
  ReceiptRow,
  TileRow,
} from './settlement-rows.ts'

export type { TransferKind, TransferPhase } from '../../protocol/index.ts'
export type * from './passed-over-rows.ts'
export type * from './people-rows.ts'
export type * from './sensing-rows.ts'
export type * from './settlement-rows.ts'

/** A single-use invitation for one device. The secret itself is never stored. */
export interface ClaimRow {
  /** Hex of the 8-byte claim id. */
  id: string
  /** SHA-256 of the claim secret: the HMAC key that proves the secret is known. */
  key: Uint8Array
  owner: OwnerName
  expiresAtMs: number
  usedBy: DeviceId | null
}

/** `caught`: lost a vote by returning a wrong result; gets no work until an operator reinstates it. */
export type DeviceStanding = 'joined' | 'caught' | 'revoked'

export interface DeviceRow {
  id: DeviceId
  publicKey: Uint8Array
  owner: OwnerName
  label: string
  standing: DeviceStanding
  /** Why the standing is what it is, in words; empty while joined. */
  standingReason: string
  joinedAtMs: number
  /** Highest CONNECT counter accepted; a used counter is burned. */
  counter: number
  /** Checks passed in a row: Sarmenta's k. Zero again when caught. */
  checksPassed: number
  unitsAccepted: number
  unitsRejected: number
  /** Leases the device lost or gave back. */
  leasesExpired: number
  /** Earned in the current holdback window, and in the one before it; a window's end releases the older part. */
  heldYoungMicro: bigint
  heldOldMicro: bigint
  /** Start of the holdback window that `heldYoungMicro` belongs to, in wall milliseconds. */
  heldWindow: number
  /** Number of the last signed statement taken from it; smaller ones are refused. */
  statementSeq: number
  /** When `checksPassed` was last cut for age, in wall milliseconds. */
  decayedAtMs: number
  /** Why the operator lets it finish what it has and gives it no more; null while it may get more. */
  drainReason: string | null
}

export type JobState = 'running' | 'aggregating' | 'done' | 'failed' | 'cancelled'

export interface JobRow {
  id: JobId
  submitter: SubmitterName
  /** The submitter's own text, repeated in every answer; empty when there was none. */
  ref: string
  /** The checked specification as canonical JSON; inline bytes have become blobs by then. */
  spec: string
  state: JobState
  /** Why a job failed or was cancelled; empty otherwise. */
  reason: string
  createdAtMs: number
  finishedAtMs: number | null
  units: number
  /** Price of 10^9 fuel, as it was at acceptance. 0 marks a job from before work was metered, which cannot go on. */
  gigafuelPriceMicro: bigint
  /** The region's fee, as it was at acceptance. */
  feeBasisPoints: number
  budgetMicro: bigint
  /** Paid to devices so far, and the fee taken at the end. */
  paidMicro: bigint
  feeMicro: bigint
  /** Of both, what answers beyond the first of each run cost. */
  replicaMicro: bigint
  /** What rounding up the price of each answer has added to both so far, in 10^-9 of a micro-credit. */
  roundedNano: bigint
  /** Fuel of the accepted units, each once. Up to 10^18, so it does not fit a `number`. */
  fuel: bigint
  failedUnits: number
  /** Leases handed out beyond the first of each run for agreement, and for stragglers. */
  replicaLeases: number
  speculativeLeases: number
  leases: number
  /** Set when done: the aggregate as a blob, and inline when small. */
  resultSha256: Sha256Hex | null
  resultBytes: number | null
  /** Set when done: fuel of the cheapest and the dearest unit, and the bill as a blob. Null too for a job of before metering. */
  unitFuelLeast: number | null
  unitFuelGreatest: number | null
  billSha256: Sha256Hex | null
  billBytes: number | null
  /** How many of the accepted units are wrong on average, when devices are as credible as the region takes them to be. */
  expectedWrongUnits: number
}

export type LeaseState = 'out' | 'returned' | 'accepted' | 'rejected' | 'expired' | 'cancelled' | 'failed'

/** A contiguous run of units in the hands of one device. */
export interface LeaseRow {
  id: number
  job: JobId
  device: DeviceId
  firstUnit: number
  unitCount: number
  state: LeaseState
  issuedAtMs: number
  leaseMs: number
  speculative: boolean
  /** Why this device got it, as `coordinator/scheduling/placement.ts` writes it; empty for leases of before reasons were kept. */
  placement: string
  digest: Uint8Array | null
  /** The returned bytes while the run is undecided; null once decided (the accepted run keeps them) or when they are a blob. */
  outputs: Uint8Array | null
}

/** A run of units whose result has been decided. Together they cover a finished job exactly once. */
export interface AcceptedRow {
  job: JobId
  firstUnit: number
  unitCount: number
  digest: Uint8Array
  /** Null when the bytes are the blob named by the digest. */
  outputs: Uint8Array | null
  /** The device on whose word alone it was accepted; null when others agreed, and in jobs of before that trust single answers. */
  solo: DeviceId | null
  /** Fuel of its units, what each answer to it was paid by. */
  fuel: number
}

export interface AccountRow {
  /** `kind` or `kind:subject`, such as `holdback:<device id>`. */
  id: string
  debitsMicro: bigint
  creditsMicro: bigint
  /** Set aside by pending transfers, and not part of the sums above. */
  debitsPendingMicro: bigint
  creditsPendingMicro: bigint
  /** What it is owed beyond whole micro-credits, in parts of 10^-13 of one, below 10^13; always 0 but for holdbacks. */
  remainder: number
}

export interface TransferRow {
  /** Hex of the first 16 bytes of SHA-256 over what it pays for: the same work can never be paid twice. */
  id: string
  kind: TransferKind
  phase: TransferPhase
  debit: string
  credit: string
  amountMicro: bigint
  /** What it is for, as the text that was hashed into the id. */
  purpose: string
  /** Purpose of the pending transfer that this resolves; null for `single` and `pending`. */
  pending: string | null
  /** Of `pending`: the interval after which it expires. Null otherwise. */
  timeoutMs: number | null
  atMs: number
}

/** A pending transfer that is not resolved yet, with what is left of it. */
export interface HoldRow {
  purpose: string
  kind: TransferKind
  debit: string
  credit: string
  leftMicro: bigint
  /** Parts posted so far; names the next. */
  posts: number
  atMs: number
  timeoutMs: number
}

/**
 * Upserts by primary key unless named otherwise. `transfer` and `frame` must insert: an existing id is a bug and stops the
 * process. So is a row that names a job, device, account, lease, sensor, profile, campaign or epoch that is not there. Within a batch
 * only the order of writes to the same table matters: rows that others name are written first. The `spec` of a job or campaign,
 * all of a profile, and of a lease all but its state, digest and outputs, is fixed when it is first written. A judgement's key is its campaign, window and sensor; a window's, its
 * campaign, cell and time.
 */
export type Write =
  | { table: 'meta'; key: string; value: string }
  | { table: 'claim'; row: ClaimRow }
  | { table: 'device'; row: DeviceRow }
  | { table: 'submitter'; row: SubmitterRow }
  | { table: 'owner'; row: OwnerRow }
  | { table: 'job'; row: JobRow }
  | { table: 'lease'; row: LeaseRow }
  | { table: 'lease-state'; id: number; state: LeaseState; digest: Uint8Array | null; outputs: Uint8Array | null }
  | { table: 'exclusion'; row: ExclusionRow }
  | { table: 'passed-over'; row: PassedOverRow }
  | { table: 'accepted'; row: AcceptedRow }
  /** Deletes the accepted runs that lie in this range of units. */
  | { table: 'accepted-delete'; job: JobId; firstUnit: number; unitCount: number }
  | { table: 'place'; row: PlaceRow }
  | { table: 'sensor'; row: SensorRow }
  | { table: 'profile'; row: ProfileRow }
  /** Must insert: the department has looked whether the device's number is there already. */
  | { table: 'frame'; row: FrameRow }
  | { table: 'campaign'; row: CampaignRow }
  | { table: 'judgement'; row: JudgementRow }
  | { table: 'window'; row: WindowRow }
  | { table: 'account'; row: AccountRow }
  | { table: 'transfer'; row: TransferRow }
  | { table: 'hold'; row: HoldRow }
  /** The hold is there. */
  | { table: 'hold-delete'; purpose: string }
  /** Must insert, and the index is the number of entries there are. */
  | { table: 'entry'; row: EntryRow }
  /** Must insert. */
  | { table: 'tile'; row: TileRow }
  /** Only the newest is kept: one of a smaller size than that changes nothing. */
  | { table: 'checkpoint'; row: CheckpointRow }
  | { table: 'receipt'; row: ReceiptRow }
  | { table: 'peer'; row: PeerRow }
  | { table: 'peer-delete'; origin: string }
  | { table: 'floor'; row: FloorRow }
  | { table: 'price'; row: PriceRow }
  | { table: 'binding'; row: BindingRow }
  | { table: 'epoch'; row: EpochRow }
  /** Must insert. */
  | { table: 'payout'; row: PayoutRow }
  | { table: 'dispute'; row: DisputeRow }

/** Which jobs to list. `limit` counts the newest. */
export interface JobsFilter {
  states?: readonly JobState[]
  submitter?: SubmitterName
  /** Jobs that are not over, and those that ended at this wall time or later. */
  endedSinceMs?: number
  limit?: number
}

export interface DisputesFilter {
  states?: readonly DisputeState[]
  job?: JobId
  account?: string
  limit?: number
}

/**
 * The coordinator's durable memory. Every implementation passes the same conformance suite.
 * `commit` is one transaction and is on stable storage when it returns; on failure nothing of it is applied and it throws.
 */
export interface Store {
  commit(writes: readonly Write[]): void
  meta(key: string): string | null
  claims(): ClaimRow[]
  devices(): DeviceRow[]
  submitters(): SubmitterRow[]
  /** By name, those without a token too. */
  owners(): OwnerRow[]
  /** Newest first. */
  jobs(filter?: JobsFilter): JobRow[]
  job(id: JobId): JobRow | null
  /** How many jobs are done, and how many units they have together. */
  jobsDone(): { jobs: number; units: number }
  /** Names of the answers and bills of all jobs, as blobs; in no order, and some more than once. */
  answerBlobs(): Sha256Hex[]
  /** Leases that matter for resuming a job: `out` and `returned`, by ascending id, with outputs. */
  openLeases(job: JobId): LeaseRow[]
  /** All leases of a device by id, newest first, without outputs. */
  leasesOfDevice(device: DeviceId, limit: number): LeaseRow[]
  /** All leases of a job by id, newest first, without outputs. */
  leasesOfJob(job: JobId, limit: number): LeaseRow[]
  /** All leases of a job that were given to any of these devices by id, newest first, without outputs. */
  leasesHeld(job: JobId, devices: readonly DeviceId[]): LeaseRow[]
  /** All leases of a job that cover any of these units by id, newest first, without outputs. */
  leasesOver(job: JobId, firstUnit: number, unitCount: number): LeaseRow[]
  /** Newest first, then by device. */
  exclusions(filter?: ExclusionsFilter): ExclusionRow[]
  /** Of one scope, the most frequent first, then by kind. */
  passedOver(scope: string): PassedOverRow[]
  /** 0 before the first. */
  leaseIdMax(): number
  /** Accepted runs by ascending first unit, without the outputs. */
  acceptedRuns(job: JobId): Omit<AcceptedRow, 'outputs'>[]
  /** Accepted runs that hold any of these units by ascending first unit, without the outputs. */
  acceptedRunsOver(job: JobId, firstUnit: number, unitCount: number): Omit<AcceptedRow, 'outputs'>[]
  /** The accepted run that begins with this unit, without the outputs. */
  acceptedRun(job: JobId, firstUnit: number): Omit<AcceptedRow, 'outputs'> | null
  /** Accepted runs that begin with this unit or a later one, by ascending first unit, one at a time, with outputs. */
  acceptedOutputs(job: JobId, fromUnit?: number): Iterable<AcceptedRow>
  /** The inline outputs a lease returned, while it is undecided. */
  leaseOutputs(id: number): Uint8Array | null
  accounts(): AccountRow[]
  /** All, in the order they were booked. */
  transfers(): Iterable<TransferRow>
  /** Into or out of an account, newest first. */
  transfersFor(account: string, limit: number): TransferRow[]
  transfer(id: string): TransferRow | null
  /** The transfer for exactly this purpose. */
  transferFor(purpose: string): TransferRow | null
  transferCount(): number
  /** Unresolved pending transfers in the order they were booked. */
  holds(): HoldRow[]
  entryCount(): number
  entry(index: number): Uint8Array | null
  /** Entries `from`..`to` (exclusive) in order, as many as there are. */
  entries(from: number, to: number): Uint8Array[]
  tile(level: number, index: number): Uint8Array | null
  /** The newest; null before the first. */
  checkpoint(): CheckpointRow | null
  /** By device. */
  receipts(): ReceiptRow[]
  /** By origin. */
  peers(): PeerRow[]
  /** By device. */
  floors(): FloorRow[]
  /** By what. */
  prices(): PriceRow[]
  /** By device, then number. */
  bindings(): BindingRow[]
  /** Newest first. */
  epochs(): EpochRow[]
  /** Of one epoch, by payee. */
  payouts(epoch: number): PayoutRow[]
  /** Newest first. */
  disputes(filter?: DisputesFilter): DisputeRow[]
  dispute(id: string): DisputeRow | null
  /** A lease by id, without outputs. */
  lease(id: number): LeaseRow | null
  /** By device. */
  places(): PlaceRow[]
  /** By id. */
  sensors(): SensorRow[]
  profile(id: ProfileId): ProfileRow | null
  /** 0 before the first. */
  frameIdMax(): number
  /** Frames with a larger id, in the order of receipt. One at a time. */
  framesAbove(id: number): Iterable<FrameRow>
  /** Whether the frame with this number of a device is there. */
  hasFrame(device: DeviceId, seq: number): boolean
  /** Frames by ascending `fromMs`, then id; the whole order turned round with `newestFirst`. Read as they are taken, a few at a time. */
  frames(filter: FramesFilter): Iterable<FrameRow>
  /** Newest first. */
  campaigns(filter?: CampaignsFilter): CampaignRow[]
  campaign(id: CampaignId): CampaignRow | null
  /** By ascending window, then sensor, then campaign. */
  judgements(filter: JudgementsFilter): JudgementRow[]
  /** By ascending window, then cell; by descending window, then cell, with `newestFirst`. */
  windows(filter: WindowsFilter): WindowRow[]
  close(): void
}
