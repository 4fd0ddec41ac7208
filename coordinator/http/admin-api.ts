/**
 * What an operator, and within bounds an owner, a submitter or anybody, can ask of a running coordinator. The HTTP router calls an object of
 * this shape, and a client over HTTP offers the same shape again. Every value survives JSON unchanged: amounts are decimal
 * strings of micro-credits in fields named `…Micro`, times are wall-clock milliseconds, absent values are null.
 *
 * Each method names its route. A reply is the method's result as the whole JSON body; `POST` answers 200, or 201 where
 * something was made; failures are `{"error": {"code", "message"}}`.
 */
import type { Sha256Hex } from '../../protocol/index.ts'
import { HedgerowError } from '../../protocol/index.ts'
import type { DeviceStanding, JobState } from '../store/index.ts'
import type { BackupAdminApi } from './backup-api.ts'
import type { DisputeAdminApi } from './dispute-api.ts'
import type { DoubtsAdminApi } from './doubts-api.ts'
import type { PublicAdminApi } from './live-api.ts'
import type { PayoutAdminApi } from './payout-api.ts'
import type { PriceAdminApi } from './price-api.ts'
import type { ReputationAdminApi } from './reputation-api.ts'
import type { SchedulingAdminApi } from './scheduling-api.ts'
import type { SensingAdminApi } from './sensing-api.ts'
import type { OwnerAdminApi } from './session-api.ts'
import type { WitnessAdminApi } from './witness-api.ts'

/** Why a request was refused, in the words a program can act on. Each has one HTTP status, see {@link API_STATUS}. */
export interface ApiFailure {
  code: keyof typeof API_STATUS
}

/** The HTTP status of every failure code. */
export const API_STATUS = {
  bad_request: 400,
  wrong_hash: 400,
  no_token: 401,
  bad_token: 401,
  not_allowed: 403,
  not_found: 404,
  bad_method: 405,
  conflict: 409,
  too_large: 413,
  bad_range: 416,
  too_busy: 429,
  internal: 500,
  busy: 503,
  no_space: 507,
} as const

/** A request that cannot be met; the message is a sentence that says what to do. */
export class ApiError extends HedgerowError<ApiFailure> {
  constructor(code: ApiFailure['code'], message: string, options?: ErrorOptions) {
    super({ code }, message, options)
  }

  /** The HTTP status that carries this failure. */
  get status(): number {
    return API_STATUS[this.info.code]
  }
}

/** The coordinator's domain and how busy it is. */
export interface Region {
  name: string
  id: string
  mqttUrl: string
  httpUrl: string
  devicesJoined: number
  devicesOnline: number
  /** Why no work is handed out at present; null while it is. */
  maintenance: string | null
  jobsRunning: number
  /** Whether readings, and what cells come to, are shown to everybody. */
  openData: boolean
  uptimeMs: number
}

/** A new invitation. `code` holds the secret and is shown this once. */
export interface Claim {
  id: string
  code: string
  expiresAtMs: number
}

/** A device's standing, load, record and earnings. */
export interface Device {
  id: string
  label: string
  owner: string
  standing: DeviceStanding
  /** Empty while joined. */
  standingReason: string
  /** Why it finishes what it holds and gets no more; null when it may get more. */
  drainReason: string | null
  online: boolean
  slots: number
  /** Leases it asks to hold at once. */
  creditLeases: number
  leasesOut: number
  /** Checks passed in a row. */
  checksPassed: number
  /** Probability that its next result is right, 0..1. */
  credibility: number
  unitsAccepted: number
  unitsRejected: number
  leasesExpired: number
  earnedMicro: string
  holdbackMicro: string
  availableMicro: string
  /** The device's own last word on why it takes no work; empty when it works. */
  lastReason: string
}

/** Why something is as it is: one sentence, then the reasons, then the numbers behind them. */
export interface Explanation {
  summary: string
  reasons: string[]
  facts: Record<string, string | number | boolean>
}

/** A new submitter. `token` is shown this once; the coordinator keeps only its hash. */
export interface NewSubmitter {
  name: string
  token: string
}

/** Who pays for jobs, and what is left to pay with. */
export interface Submitter {
  name: string
  createdAtMs: number
  balanceMicro: string
}

/** A finished job's aggregate: the blob, and its bytes in base64 when small. */
export interface JobResult {
  sha256: Sha256Hex
  bytes: number
  mediaType: string
  inline?: string
}

/** What a finished job's units burned: a CSV blob with the header `unit,outcome,fuel`, and its least and greatest fuel. */
export interface JobBill {
  sha256: Sha256Hex
  bytes: number
  unitFuelLeast: number
  unitFuelGreatest: number
}

/** One submission, how far it is and what it has cost. */
export interface Job {
  id: string
  /** Empty when the submission named none. */
  name: string
  submitter: string
  state: JobState
  /** Why it failed or was cancelled; empty otherwise. */
  reason: string
  units: number
  /** Units whose results came back, then those decided. */
  unitsDone: number
  unitsVerified: number
  leases: number
  replicaLeases: number
  speculativeLeases: number
  failedUnits: number
  /** Fuel of the verified units, each counted once, as a decimal string: it may pass 2^53. */
  fuel: string
  /** Fuel that one unit may burn. */
  unitFuelMax: number
  /** Price of 10^9 fuel. */
  gigafuelPriceMicro: string
  budgetMicro: string
  /** Cost so far: what devices were paid, and the region's fee. */
  spentMicro: string
  /** Of the cost, the region's fee. */
  feeMicro: string
  /** Of the cost, what answers beyond the first of each run took. */
  replicaMicro: string
  createdAtMs: number
  finishedAtMs: number | null
  /** Units verified a second, lately. */
  ratePerSecond: number
  etaMs: number | null
  result: JobResult | null
  /** Null until it is done, and for a job of before work was metered. */
  bill: JobBill | null
  /** Devices at work on it now. */
  devices?: number
  /** Units that rest on the word of a device that has been caught, such as `3-17, 40`; of one job alone, and absent where there are none. */
  suspect?: string
  /** Units that a second look found to be wrong; as `suspect`. */
  wrong?: string
}

/** One side of every transfer. */
export interface LedgerAccount {
  id: string
  debitsMicro: string
  creditsMicro: string
  /** Credits less debits. */
  balanceMicro: string
}

/** The accounts of a region, or one of them, and how many transfers there are in all. */
export interface Ledger {
  accounts: LedgerAccount[]
  transfers: number
}

/** Counters and gauges by name; names end in their unit. */
export type Metrics = Record<string, number>

/**
 * The administration of one region. Methods that change something answer after it is durable.
 * All reject with {@link ApiError}, or with a failure of the families in `protocol/errors.ts` that the router maps
 * to a status: bad ids, options and jobs 400, unknown things 404, insufficient funds 409, no space 507.
 */
export interface AdminApi
  extends SensingAdminApi,
    WitnessAdminApi,
    PayoutAdminApi,
    DisputeAdminApi,
    DoubtsAdminApi,
    PriceAdminApi,
    ReputationAdminApi,
    SchedulingAdminApi,
    OwnerAdminApi,
    BackupAdminApi,
    PublicAdminApi {
  /** `GET /api/region` */
  region(): Promise<Region>
  /** `POST /api/claims` with `{owner, lifetimeMs?}`; a day when left out, `by` says that the owner asks, whose claims a day are bounded. 201. */
  claimNew(request: { owner: string; lifetimeMs: number; by?: string }): Promise<Claim>
  /** `GET /api/devices`; an operator may give `?owner=`. */
  deviceList(filter?: { owner?: string }): Promise<Device[]>
  /** `GET /api/devices/:id` */
  device(id: string): Promise<Device>
  /** `GET /api/devices/:id/explain` */
  deviceExplain(id: string): Promise<Explanation>
  /** `POST /api/devices/:id/revoke` with `{reason}` */
  deviceRevoke(id: string, reason: string): Promise<Device>
  /** `POST /api/devices/:id/reinstate` */
  deviceReinstate(id: string): Promise<Device>
  /** `POST /api/submitters` with `{name, fundMicro?}`. 201 */
  submitterAdd(request: { name: string; fundMicro?: string }): Promise<NewSubmitter>
  /** `GET /api/submitters` */
  submitterList(): Promise<Submitter[]>
  /** `POST /api/submitters/:name/fund` with `{amountMicro}` */
  fund(name: string, amountMicro: string): Promise<Submitter>
  /** `POST /api/jobs` with the specification; an operator names the payer in `?submitter=`. 201 */
  jobSubmit(submitter: string, specification: unknown): Promise<Job>
  /** `GET /api/jobs`; newest first; an operator may give `?submitter=`. */
  jobList(filter: { submitter?: string }): Promise<Job[]>
  /** `GET /api/jobs/:id`; its result's bytes are at `GET /api/jobs/:id/result`, its bill's at `…/bill`, with ranges. */
  job(id: string): Promise<Job>
  /** `GET /api/jobs/:id/explain` */
  jobExplain(id: string): Promise<Explanation>
  /** `POST /api/jobs/:id/cancel`; `by` is whoever asks, and what devices lose by it is counted against a submitter alone. */
  jobCancel(id: string, by?: 'submitter' | 'operator'): Promise<Job>
  /** `GET /api/payments/:id`, the id of a transfer. */
  paymentExplain(id: string): Promise<Explanation>
  /** `GET /api/ledger`, of one account with `?account=`. */
  ledgerBalance(account?: string): Promise<Ledger>
  /** `GET /api/metrics` */
  metrics(): Promise<Metrics>
}
