import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { type BlobStore, openBlobStore } from '../../coordinator/blobs/index.ts'
import {
  type AdminApi,
  ApiError,
  createHttpServer,
  type Device,
  type DevicePut,
  type HttpInit,
  type HttpServer,
  type Job,
} from '../../coordinator/http/index.ts'
import { type Sha256Hex, sha256Hex } from '../../protocol/index.ts'
import { DEVICES, JOBS, NAMES } from './rows.ts'
import { tempDirs } from './temp-dir.ts'

/** The tokens of the server below: the operator's, and those of submitters ada and bob. */
export const TOKENS = { admin: 'admin-token', ada: 'ada-token', bob: 'bob-token' } as const

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
  /** Where blobs that are not finished lie. */
  incoming: string
}

export interface HarnessOptions extends Partial<HttpInit> {
  quotaBytes?: number
  api?: Partial<AdminApi>
}

/** A maker of servers on free ports, with blobs in a folder of their own; all closed after each test. */
export function httpHarness(): (options?: HarnessOptions) => Promise<HttpHarness> {
  const tempDir = tempDirs()
  const servers: HttpServer[] = []
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close()
  })
  return async ({ quotaBytes, api = {}, ...init } = {}) => {
    const dir = tempDir()
    const blobs = openBlobStore(dir, quotaBytes === undefined ? {} : { quotaBytes })
    const calls: unknown[][] = []
    const counts: string[] = []
    const warnings: string[] = []
    const slips: DevicePut[] = []
    const admin = { ...recordingApi(calls), ...api }
    const server = await createHttpServer(
      {
        blobs,
        api: () => admin,
        auth: {
          adminToken: TOKENS.admin,
          submitterByToken: token => {
            return token === TOKENS.ada ? NAMES.submitter : token === TOKENS.bob ? NAMES.otherSubmitter : null
          },
          devicePut: slip => {
            slips.push(slip)
            return slip.device === DEVICES[0] && slip.authorization === SLIP
          },
        },
        log: { warn: event => warnings.push(event) },
        count: reason => counts.push(reason),
      },
      { host: '127.0.0.1', port: 0, ...init },
    )
    servers.push(server)
    return { port: server.port, server, blobs, calls, counts, warnings, slips, incoming: join(dir, 'incoming') }
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

const DEVICE: Device = {
  id: DEVICES[0],
  label: 'shed',
  owner: 'greta',
  standing: 'joined',
  standingReason: '',
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

/** Answers with small values and writes down what was called. */
function recordingApi(calls: unknown[][]): AdminApi {
  const recorded =
    <Args extends unknown[], Result>(name: string, result: Result) =>
    async (...args: Args): Promise<Result> => {
      calls.push([name, ...args])
      return result
    }
  const explanation = { summary: 'It works.', reasons: [], facts: {} }
  const submitter = { name: 'ada', createdAtMs: 1, balanceMicro: '5' }
  return {
    region: async () => ({
      name: 'hagley',
      id: 'a'.repeat(26),
      mqttUrl: '',
      httpUrl: '',
      devicesJoined: 0,
      devicesOnline: 0,
      jobsRunning: 0,
      uptimeMs: 1,
    }),
    claimNew: recorded('claimNew', { id: '01', code: 'hedgerow-claim:1:x', expiresAtMs: 9 }),
    deviceList: recorded('deviceList', [DEVICE]),
    device: recorded('device', DEVICE),
    deviceExplain: recorded('deviceExplain', explanation),
    deviceRevoke: recorded('deviceRevoke', DEVICE),
    deviceReinstate: recorded('deviceReinstate', DEVICE),
    submitterAdd: recorded('submitterAdd', { name: 'ada', token: 't' }),
    submitterList: recorded('submitterList', [submitter]),
    fund: recorded('fund', submitter),
    jobSubmit: recorded('jobSubmit', JOB),
    jobList: recorded('jobList', [JOB]),
    job: async id => {
      if (id !== JOB.id) throw new ApiError('not_found', `There is no job ${id} in this region.`)
      return JOB
    },
    jobExplain: recorded('jobExplain', explanation),
    jobCancel: recorded('jobCancel', JOB),
    paymentExplain: recorded('paymentExplain', explanation),
    ledgerBalance: recorded('ledgerBalance', { accounts: [], transfers: 0 }),
    ledgerVerify: recorded('ledgerVerify', { ok: true, transfers: 0, accounts: 0, problems: [] }),
    metrics: recorded('metrics', { connections: 0 }),
  }
}
