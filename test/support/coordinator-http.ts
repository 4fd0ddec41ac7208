import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { type BlobStore, openBlobStore } from '../../coordinator/blobs/index.ts'
import type { Dispute } from '../../coordinator/http/dispute-api.ts'
import {
  ApiError,
  type CoordinatorApi,
  createHttpServer,
  type Device,
  type DevicePut,
  type HttpAuth,
  type HttpComponents,
  type HttpInit,
  type HttpServer,
  type Job,
  type Region,
} from '../../coordinator/http/index.ts'
import type { PublicHistory, PublicTotals } from '../../coordinator/http/live-api.ts'
import type { PayoutEpoch, PayoutTerms } from '../../coordinator/http/payout-api.ts'
import type { ReputationImport, ReputationStatement, TrustedRegion } from '../../coordinator/http/reputation-api.ts'
import type { Witness } from '../../coordinator/http/witness-api.ts'
import type { PayoutClaims } from '../../coordinator/payout/chain/index.ts'
import {
  type Campaign,
  type CellWindow,
  type Clock,
  type Evidence,
  NO_RULES,
  type Sha256Hex,
  sha256Hex,
  utf8,
} from '../../protocol/index.ts'
import { systemClock } from '../../protocol/node/index.ts'
import { NO_OPERATIONS } from './no-operations.ts'
import { NO_SETTLEMENT } from './no-settlement.ts'
import { DEVICES, JOBS, NAMES } from './rows.ts'
import { tempDirs } from './temp-dir.ts'

/** The tokens of the server below: the operator's, those of submitters ada and bob, and that of owner greta. */
export const TOKENS = { admin: 'admin-token', ada: 'ada-token', bob: 'bob-token', greta: 'greta-token' } as const

/** What a device's slip must be for the server below to accept it. */
export const SLIP = 'c2lnbmVk'

/** The header that carries a token. */
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** Lower-case hexadecimal SHA-256. */
export const hashOf = (bytes: Uint8Array): Sha256Hex => sha256Hex(createHash('sha256').update(bytes).digest('hex'))

/** A server under test and what it did. */
export interface HttpHarness {
  port: number
  server: HttpServer
  blobs: BlobStore
  /** Calls of the administration, as name and arguments. */
  calls: unknown[][]
  counts: string[]
  warnings: string[]
  slips: DevicePut[]
  /** How the server tells who asks; a test may change it. */
  auth: HttpAuth
  /** Where blobs that are not finished lie. */
  incoming: string
}

export interface HarnessOptions extends Partial<HttpInit> {
  settlement?: HttpComponents['settlement']
  quotaBytes?: number
  clock?: Clock
  live?: HttpComponents['live']
  page?: HttpComponents['page']
  api?: Partial<CoordinatorApi>
}

export const CAMPAIGN: Campaign = {
  id: 'b'.repeat(16),
  name: 'air',
  submitter: 'ada',
  state: 'running',
  reason: '',
  quantity: 'pm2.5',
  unit: 'ug/m3',
  periodMs: 60_000,
  windowMs: 900_000,
  aggregate: 'median',
  sensors: 1,
  cells: 1,
  readings: 0,
  accepted: 0,
  rejected: 0,
  late: 0,
  priceMicro: '10',
  budgetMicro: '1000',
  spentMicro: '0',
  feeMicro: '0',
  frameBytes: 0,
  createdAtMs: 1,
  startMs: 0,
  endMs: 9,
  finishedAtMs: null,
}

const CELL_WINDOW: CellWindow = {
  cell: '881f8d4887fffff',
  fromMs: 0,
  toMs: 900_000,
  revision: 1,
  value: '7.5',
  least: '7',
  greatest: '8',
  readings: 15,
  accepted: 14,
  sensors: 1,
}

const EVIDENCE: Evidence = {
  version: 1,
  campaign: CAMPAIGN.id,
  sensor: 'ab'.repeat(8),
  windowMs: 0,
  windowLengthMs: 900_000,
  revision: 1,
  frameMax: 1,
  flags: [],
  input: { quantity: 'pm2.5', rules: NO_RULES, periodMs: 60_000, points: [], history: [], twins: [] },
  elevationM: 0,
  neighbours: [],
  extraFlags: [],
  cell: CELL_WINDOW.cell,
  rank: 1,
  paidReadings: 0,
  paidMicro: '0',
  unpaidReason: '',
}

/** A maker of servers on free ports, with blobs in a folder of their own; all closed after each test. */
export function httpHarness(): (options?: HarnessOptions) => Promise<HttpHarness> {
  const tempDir = tempDirs()
  const servers: HttpServer[] = []
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close()
  })
  return async ({
    quotaBytes,
    api = {},
    settlement = NO_SETTLEMENT,
    clock = systemClock,
    live = null,
    page = new Map(),
    ...init
  } = {}) => {
    const dir = tempDir()
    const blobs = openBlobStore(dir, quotaBytes === undefined ? {} : { quotaBytes })
    const calls: unknown[][] = []
    const counts: string[] = []
    const warnings: string[] = []
    const slips: DevicePut[] = []
    const admin = { ...recordingApi(calls), ...api }
    const auth: HttpAuth = {
      adminToken: TOKENS.admin,
      submitterByToken: token => {
        return token === TOKENS.ada ? NAMES.submitter : token === TOKENS.bob ? NAMES.otherSubmitter : null
      },
      ownerByToken: token => (token === TOKENS.greta ? NAMES.owner : null),
      devicePut: slip => {
        slips.push(slip)
        return slip.device === DEVICES[0] && slip.authorization === SLIP
      },
    }
    const server = await createHttpServer(
      {
        blobs,
        api: () => admin,
        sensorThings: null,
        settlement,
        operations: NO_OPERATIONS,
        clock,
        live,
        page,
        auth,
        log: { warn: event => warnings.push(event) },
        count: reason => counts.push(reason),
      },
      { host: '127.0.0.1', port: 0, ...init },
    )
    servers.push(server)
    return { port: server.port, server, blobs, calls, counts, warnings, slips, auth, incoming: join(dir, 'incoming') }
  }
}

/** A job of ada's that is done, with a result. */
export const JOB: Job = {
  id: JOBS[0],
  name: 'primes',
  submitter: 'ada',
  state: 'done',
  reason: '',
  units: 4,
  unitsDone: 4,
  unitsVerified: 4,
  leases: 1,
  replicaLeases: 0,
  speculativeLeases: 0,
  failedUnits: 0,
  fuel: '3600000000',
  unitFuelMax: 1_000_000_000,
  gigafuelPriceMicro: '10',
  budgetMicro: '40',
  spentMicro: '36',
  feeMicro: '4',
  replicaMicro: '0',
  createdAtMs: 1,
  finishedAtMs: 2,
  ratePerSecond: 0,
  etaMs: null,
  result: null,
  bill: null,
}

export const DEVICE: Device = {
  id: DEVICES[0],
  label: 'shed',
  owner: 'greta',
  standing: 'joined',
  standingReason: '',
  drainReason: null,
  online: true,
  slots: 1,
  creditLeases: 4,
  leasesOut: 0,
  checksPassed: 3,
  credibility: 0.9,
  unitsAccepted: 1,
  unitsRejected: 0,
  leasesExpired: 0,
  earnedMicro: '0',
  holdbackMicro: '0',
  availableMicro: '0',
  lastReason: '',
}

const WITNESS: Witness = {
  origin: 'hedgerow/log/a',
  url: 'http://127.0.0.1:1',
  logKey: '',
  witnessKey: '',
  addedAtMs: 1,
  cosignedByUs: 0,
  cosignedByThem: null,
  problem: '',
  conflict: null,
}

const PAYOUT_TERMS: PayoutTerms = {
  method: 'csv',
  minimumMicro: '1',
  feeMicro: '0',
  epochMs: 1,
  nextMs: 2,
  chain: null,
}

const PAYOUT: PayoutEpoch = {
  epoch: 7,
  fromMs: 0,
  toMs: 1,
  method: 'csv',
  state: 'closed',
  closedAtMs: 1,
  root: '00',
  payees: 0,
  epochMicro: '0',
  totalMicro: '0',
  signers: [],
}

const TRUSTED: TrustedRegion = { region: 'a'.repeat(26), key: '', addedAtMs: 1 }

const REPUTATION: ReputationStatement = {
  region: 'a'.repeat(26),
  kind: 'device',
  subject: DEVICES[0],
  checksPassed: 1,
  unitsAccepted: 1,
  unitsRejected: 0,
  credibility: 0.9,
  sinceMs: 0,
  atMs: 1,
  statement: '',
}

const DISPUTE: Dispute = {
  id: 'a'.repeat(16),
  state: 'open',
  stage: 'second_look',
  submitter: 'ada',
  account: 'submitter:ada',
  depositMicro: '1',
  reason: 'wrong',
  detail: '',
  lease: 1,
  job: null,
  campaign: null,
  windowMs: null,
  sensor: null,
  openedAtMs: 1,
  endedAtMs: null,
}

const HISTORY: PublicHistory = {
  campaign: CAMPAIGN.id,
  name: 'air',
  quantity: 'pm2.5',
  unit: 'ug/m3',
  cell: CELL_WINDOW.cell,
  windows: [CELL_WINDOW],
}

const TOTALS: PublicTotals = {
  devices: { joined: 1, caught: 0, revoked: 0 },
  owners: 1,
  jobsFinished: 2,
  unitsVerified: 8,
  transfers: 3,
  paidMicro: '5',
}

export const REGION: Region = {
  name: 'hagley',
  id: 'a'.repeat(26),
  mqttUrl: '',
  httpUrl: '',
  devicesJoined: 0,
  maintenance: null,
  devicesOnline: 0,
  jobsRunning: 0,
  openData: false,
  uptimeMs: 1,
}

/** Answers with small values and writes down what was called. */
function recordingApi(calls: unknown[][]): CoordinatorApi {
  const recorded =
    <Args extends unknown[], Result>(name: string, result: Result) =>
    async (...args: Args): Promise<Result> => {
      calls.push([name, ...args])
      return result
    }
  const explanation = { summary: 'It works.', reasons: [], facts: {} }
  const submitter = { name: 'ada', createdAtMs: 1, balanceMicro: '5' }
  return {
    region: async () => REGION,
    claimNew: recorded('claimNew', { id: '01', code: 'hedgerow-claim:1:x', expiresAtMs: 9 }),
    deviceList: recorded('deviceList', [DEVICE]),
    device: recorded('device', DEVICE),
    deviceExplain: recorded('deviceExplain', explanation),
    deviceRevoke: recorded('deviceRevoke', DEVICE),
    deviceReinstate: recorded('deviceReinstate', DEVICE),
    deviceDrain: recorded('deviceDrain', DEVICE),
    deviceUndrain: recorded('deviceUndrain', DEVICE),
    maintenanceBegin: recorded('maintenanceBegin', REGION),
    maintenanceEnd: recorded('maintenanceEnd', REGION),
    databaseSnapshot: recorded('databaseSnapshot', { path: 'ledger-snapshot.sqlite', bytes: 4_096, entries: 1 }),
    jobPlacements: recorded('jobPlacements', { job: JOB.id, leases: [], exclusions: [], passes: [] }),
    submitterAdd: recorded('submitterAdd', { name: 'ada', token: 't' }),
    ownerAdd: recorded('ownerAdd', { name: 'greta', token: 't' }),
    ownerList: recorded('ownerList', []),
    ownerRenew: recorded('ownerRenew', { name: 'greta', token: 't' }),
    ownerRemove: recorded('ownerRemove', { name: 'greta', createdAtMs: 1, devices: 1 }),
    publicCells: recorded('publicCells', { cells: [] }),
    publicHistory: recorded('publicHistory', HISTORY),
    publicTotals: recorded('publicTotals', TOTALS),
    submitterList: recorded('submitterList', [submitter]),
    fund: recorded('fund', submitter),
    jobSubmit: recorded('jobSubmit', JOB),
    jobList: recorded('jobList', [JOB]),
    job: async id => {
      if (id !== JOB.id) throw new ApiError('not_found', `There is no job ${id} in this region.`)
      return JOB
    },
    jobExplain: recorded('jobExplain', explanation),
    jobDoubts: recorded('jobDoubts', { job: JOB.id, suspect: [], wrong: [], right: [] }),
    jobCancel: recorded('jobCancel', JOB),
    paymentExplain: recorded('paymentExplain', explanation),
    ledgerBalance: recorded('ledgerBalance', { accounts: [], transfers: 0 }),
    metrics: recorded('metrics', { connections: 0 }),
    campaignSubmit: recorded('campaignSubmit', CAMPAIGN),
    campaignList: recorded('campaignList', [CAMPAIGN]),
    campaign: async id => {
      if (id !== CAMPAIGN.id) throw new ApiError('not_found', `There is no campaign ${id} in this region.`)
      return CAMPAIGN
    },
    campaignExplain: recorded('campaignExplain', explanation),
    campaignStop: recorded('campaignStop', CAMPAIGN),
    campaignWindows: recorded('campaignWindows', [CELL_WINDOW]),
    sensorList: recorded('sensorList', []),
    witnessList: recorded('witnessList', []),
    witnessAdd: recorded('witnessAdd', WITNESS),
    witnessRemove: recorded('witnessRemove', WITNESS),
    payoutList: recorded('payoutList', { terms: PAYOUT_TERMS, epochs: [PAYOUT] }),
    payout: recorded('payout', { ...PAYOUT, payments: [] }),
    payoutClaims: recorded('payoutClaims', {} as PayoutClaims),
    payoutConfirm: recorded('payoutConfirm', PAYOUT),
    payoutVoid: recorded('payoutVoid', PAYOUT),
    payoutSign: recorded('payoutSign', PAYOUT),
    payoutFile: () => 'payee\r\n',
    bindingList: recorded('bindingList', []),
    disputeOpen: recorded('disputeOpen', DISPUTE),
    disputeList: recorded('disputeList', [DISPUTE]),
    dispute: recorded('dispute', DISPUTE),
    disputeExplain: recorded('disputeExplain', explanation),
    priceList: recorded('priceList', {
      epoch: 1,
      epochMs: 1,
      nextMs: 2,
      targetUtilisation: 0.7,
      priceStepMax: 0,
      prices: [],
      moves: [],
    }),
    priceExplain: recorded('priceExplain', explanation),
    reputationOfDevice: recorded('reputationOfDevice', REPUTATION),
    reputationOfOwner: recorded('reputationOfOwner', REPUTATION),
    reputationImport: recorded('reputationImport', {} as ReputationImport),
    trustedRegions: recorded('trustedRegions', []),
    regionTrust: recorded('regionTrust', TRUSTED),
    regionDistrust: recorded('regionDistrust', TRUSTED),
    evidence: recorded('evidence', EVIDENCE),
    campaignReadings: (...args) => {
      calls.push(['campaignReadings', ...args])
      return { mediaType: 'text/csv; charset=utf-8', chunks: [utf8('time,'), utf8('value\n')] }
    },
    readings: (...args) => {
      calls.push(['readings', ...args])
      return { mediaType: 'text/csv; charset=utf-8', chunks: [utf8('time,'), utf8('value\n')] }
    },
  }
}
