/** Starts a coordinator on this machine: opens its folder, resumes what was running, then listens. The only file here that picks real parts. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  HedgerowError,
  type JobId,
  messageOf,
  parseStoredJobSpec,
  type RegionName,
  sha256Hex,
  toBase32,
} from '../protocol/index.ts'
import { nodeVerifier, readJavaScriptEngine, systemClock, systemRandom } from '../protocol/node/index.ts'
import { createAdmin } from './admin/admin.ts'
import { publishAdminFile } from './admin/admin-file.ts'
import { aggregateJob } from './aggregation/aggregate-job.ts'
import type { Batch, Effect } from './batch.ts'
import { openBlobStore } from './blobs/blob-store.ts'
import { createBroker } from './broker/index.ts'
import { RegionPolicy } from './config.ts'
import { createDeviceLinks } from './device-links.ts'
import { createDownlink } from './downlink.ts'
import { Fleet } from './fleet/fleet.ts'
import { createBlobPutCheck } from './gate/blob-put.ts'
import { createCounters, createGate } from './gate/index.ts'
import { createHttpServer } from './http/index.ts'
import { openRegionKey } from './identity.ts'
import { createAdmission } from './intake/admission.ts'
import { createCampaigns } from './intake/campaigns.ts'
import { SubmitterDirectory } from './intake/submitter-directory.ts'
import { createSubmitters } from './intake/submitters.ts'
import type { Desk, Job } from './jobs/job.ts'
import { Jobs, type Now } from './jobs/jobs.ts'
import { Loads } from './jobs/loads.ts'
import { Rates } from './jobs/rates.ts'
import { restoreJob } from './jobs/restore.ts'
import { Ledger } from './ledger/ledger.ts'
import { createAnnouncer, createSensingSource, createSensorThings } from './outputs/index.ts'
import { Region } from './region.ts'
import { createCourt } from './sensing/court.ts'
import { openSensing } from './sensing/open-sensing.ts'
import { type JobRow, openSqliteStore } from './store/index.ts'

export interface CoordinatorLog {
  info(event: string, fields: Readonly<Record<string, string | number>>): void
  warn(event: string, fields: Readonly<Record<string, string | number>>): void
}

export interface CoordinatorOptions {
  /** Folder for the key, the ledger and the blobs; made when it is not there. */
  stateDir: string
  /** The region's name in topics. Kept from the first start on. */
  name: RegionName
  /** Address to listen on. Default 127.0.0.1: this machine only. */
  host?: string
  /** Address that devices are told to connect to. Default `host`. */
  publicHost?: string
  /** Default 1883 and 8717. With `portFallback`, a free one when it is taken. */
  mqttPort?: number
  httpPort?: number
  portFallback?: boolean
  /** Tells Home Assistants of devices and their newest readings. Default false. */
  homeAssistant?: boolean
  /** Shows readings to everybody, by the OGC SensorThings API at `/v1.1` and its MQTT topics. Default false. */
  openData?: boolean
  policy?: Partial<RegionPolicy>
  log?: CoordinatorLog
  /** The disk failed: the process must end after printing the sentence. */
  onFatal(error: unknown): void
}

export interface RunningCoordinator {
  name: RegionName
  mqttUrl: string
  httpUrl: string
  adminToken: string
  /** Stops listening and closes the store. What was running resumes at the next start. */
  close(): Promise<void>
}

const TICK_MS = 200
const MQTT_PORT = 1883
const HTTP_PORT = 8717
const ADMIN_TOKEN_BYTES = 24
const silent: CoordinatorLog = { info: () => {}, warn: () => {} }

/**
 * Resolves once devices and submitters can connect.
 * @throws {ConfigError} on a folder that cannot be used · {TransportError} `port_taken`
 */
export async function startCoordinator(options: CoordinatorOptions): Promise<RunningCoordinator> {
  const { stateDir, host = '127.0.0.1', portFallback = false, log = silent, openData = false } = options
  const clock = systemClock
  const random = systemRandom
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const policy = RegionPolicy(options.policy)
  // Closed in reverse order, at the end or when the start fails half-way.
  await using opened = new AsyncDisposableStack()
  const store = opened.adopt(openSqliteStore(join(stateDir, 'ledger.sqlite')), store => store.close())
  const blobs = openBlobStore(join(stateDir, 'blobs'))
  const identity = openRegionKey(join(stateDir, 'region.key'), random)
  const name = keepMeta(store, 'region-name', options.name) as RegionName
  const counters = createCounters()
  const { count } = counters

  const fleet = new Fleet(store.devices(), store.claims(), { ...policy, regionThumbprint: identity.thumbprint })
  const ledger = new Ledger(store.accounts(), store.transferCount())
  const desk: Desk = {
    fleet,
    ledger,
    policy,
    random,
    rates: new Rates(),
    loads: new Loads(),
    liars: new Map(),
    dirty: new Set(),
    nextLeaseId: store.leaseIdMax() + 1,
  }
  const admission = createAdmission(blobs, readJavaScriptEngine)
  const restored: Job[] = []
  const broken: { row: JobRow; reason: string }[] = []
  const readBlob = (sha256: string) => blobs.read(sha256Hex(sha256))
  for (const row of store.jobs({ states: ['running', 'aggregating'] })) {
    try {
      const prepared = await admission.readmit(parseStoredJobSpec(row.spec), row.id, row.ref)
      restored.push(restoreJob({ store, fleet, policy, readBlob }, prepared, clock.monotonicMs()))
    } catch (error) {
      if (!(error instanceof HedgerowError)) throw error
      log.warn('job_not_resumed', { job: row.id, code: error.code })
      broken.push({ row, reason: `it could not be resumed: ${error.message}` })
    }
  }
  const jobs = new Jobs(desk, restored)
  const { sensing, readings, ...opening } = openSensing(store, { fleet, ledger, policy }, clock.wallMs())
  const region = new Region(
    { clock, store, defer: setImmediate, release, onFatal: options.onFatal },
    { fleet, ledger, jobs, sensing },
  )
  const gate = createGate(
    {
      verifier: nodeVerifier(),
      count,
      keys: {
        publicKeyOf: device => fleet.member(device)?.row.publicKey ?? null,
        standingOf: device => fleet.member(device)?.row.standing ?? null,
      },
    },
    { regionId: identity.id },
  )
  const judge = createCourt({ region, store, readings, defer: setImmediate })
  const source = createSensingSource(
    { store, registry: sensing.registry, labelOf: device => fleet.member(device)?.row.label ?? '' },
    name,
  )
  const links = createDeviceLinks({ region, gate, blobs, readings, count })
  const directory = new SubmitterDirectory(store.submitters(), random)
  const adminToken = toBase32(random.bytes(ADMIN_TOKEN_BYTES))

  const addresses = { mqttUrl: '', httpUrl: '' }
  const submitters = createSubmitters(
    {
      region,
      admission,
      store,
      blobs,
      random,
      count,
      publish: (topic, payload) => broker.publishToSubmitter(topic, payload),
      monotonicMs: () => clock.monotonicMs(),
    },
    { region: name, blobUrl: () => `${addresses.httpUrl}/blob` },
  )
  const campaigns = createCampaigns(
    {
      region,
      desk,
      store,
      random,
      count,
      publish: (topic, payload) => broker.publishToSubmitter(topic, payload),
      publishRetained: (topic, payload) => broker.publishRetained(topic, payload),
    },
    { region: name, httpUrl: () => addresses.httpUrl },
  )
  const sensorThingsUrl = () => `${addresses.httpUrl}/v1.1`
  const announcer = createAnnouncer(
    {
      source,
      isOnline: device => links.sessionOf(device) !== null,
      publish: (topic, payload) => broker.publishToSubmitter(topic, payload),
      publishRetained: (topic, payload) => broker.publishRetained(topic, payload),
      wallMs: () => clock.wallMs(),
    },
    {
      region: name,
      version: 'hr/1',
      homeAssistant: options.homeAssistant ?? false,
      observations: openData,
      baseUrl: sensorThingsUrl,
    },
  )
  const breathe = async () => void (await nextTurn())
  const sensorThings = openData
    ? createSensorThings({ source, baseUrl: sensorThingsUrl, wallMs: () => clock.wallMs(), breathe })
    : null
  const admin = createAdmin(
    {
      region,
      desk,
      store,
      blobs,
      submitters,
      campaigns,
      readings,
      source,
      directory,
      counters,
      clock,
      random,
      connections: () => broker.connectionCount(),
    },
    { name, id: identity.id, thumbprint: identity.thumbprint, addresses: () => addresses },
  )
  const downlink = createDownlink(
    {
      signer: identity.signer,
      blobs,
      sessionOf: links.sessionOf,
      preparedJob: id => jobs.active(id)?.prepared ?? null,
      planOf: device => sensing.planOf(device),
      publish: (device, name, frame) => broker.publishToDevice(device, name, frame),
      kick: (device, reason) => broker.kick(device, reason),
      failJob: (id, reason) => void region.step((now, batch) => jobs.stop(id, 'failed', reason, now, batch)),
      wallMs: () => Math.round(clock.wallMs()),
    },
    { regionId: identity.id, blobUrl: () => `${addresses.httpUrl}/blob`, heartbeatMs: policy.heartbeatMs },
  )

  opened.defer(() => region.stop())
  const broker = await createBroker(
    { clock, log, count },
    { region: name, host, port: keptPort(store, 'mqtt-port', options.mqttPort ?? MQTT_PORT), fallback: portFallback },
    {
      ...links,
      authenticateSubmitter: ({ name: submitter, token }) => directory.authenticate(submitter, token),
      onSubmitter: (_name, topic, payload) => {
        submitters.receive(topic, payload)
        campaigns.receive(topic, payload)
      },
    },
  )
  opened.defer(() => broker.close())
  const http = await createHttpServer(
    {
      blobs,
      api: () => admin,
      sensorThings,
      auth: {
        adminToken,
        submitterByToken: token => directory.byToken(token),
        devicePut: createBlobPutCheck({ fleet, verifier: nodeVerifier() }, { regionId: identity.id }),
      },
      log,
      count,
    },
    { host, port: keptPort(store, 'http-port', options.httpPort ?? HTTP_PORT), fallback: portFallback },
  )
  opened.defer(() => http.close())
  const publicHost = options.publicHost ?? host
  addresses.mqttUrl = `mqtt://${publicHost}:${broker.port}`
  addresses.httpUrl = `http://${publicHost}:${http.port}`
  // Claims and enrolled devices name these addresses, so a free port that was found once is asked for again.
  store.commit([
    { table: 'meta', key: 'mqtt-port', value: `${broker.port}` },
    { table: 'meta', key: 'http-port', value: `${http.port}` },
  ])

  function release(effects: readonly Effect[]): void {
    downlink(effects)
    for (const effect of effects) {
      if (effect.kind === 'job-changed') submitters.tell(effect.submitter, effect.job, effect.what)
      else if (effect.kind === 'aggregate') void aggregate(effect.job)
      else if (effect.kind === 'judge') judge(effect)
      else if (effect.kind === 'observed') announcer.observed(effect.device, effect.frame, effect.profile)
      else if (effect.kind === 'sensors-changed') announcer.changed(effect.device)
      else if (effect.kind === 'window') campaigns.tellWindows(effect.campaign, effect.rows)
      else if (effect.kind === 'campaign-changed') campaigns.tell(effect.submitter, effect.campaign, effect.what)
    }
  }

  async function aggregate(id: JobId): Promise<void> {
    const job = jobs.active(id)
    if (!job) return
    try {
      const result = await aggregateJob({ blobs, breathe }, job.prepared.spec, job.row.units, store.acceptedOutputs(id))
      region.step((now, batch) => jobs.aggregated(id, result, now, batch))
    } catch (error) {
      if (!(error instanceof HedgerowError)) throw error
      region.step((now, batch) => jobs.aggregated(id, { error: messageOf(error) }, now, batch))
    }
  }

  region.step((now, batch) => {
    for (const { row, reason } of broken) jobs.abandon(row, reason, now, batch)
    jobs.resume(now, batch)
    opening.resume(now, batch)
  })
  campaigns.republish()
  announcer.republish()
  const tick = (now: Now, batch: Batch) => {
    jobs.tick(now, batch)
    sensing.tick(now, batch)
  }
  const ticker = setInterval(() => region.step(tick), TICK_MS)
  opened.defer(() => clearInterval(ticker))
  opened.defer(publishAdminFile(stateDir, { region: name, ...addresses, adminToken, pid: process.pid }))
  log.info('coordinator_started', { region: name, ...addresses, devices: fleet.size, jobsResumed: restored.length })
  const running = opened.move()
  return { name, ...addresses, adminToken, close: () => running.disposeAsync() }
}

type Meta = Pick<ReturnType<typeof openSqliteStore>, 'meta' | 'commit'>

/** The value kept from the first start, or this one from now on. */
function keepMeta(store: Meta, key: string, value: string): string {
  const kept = store.meta(key)
  if (kept === null) store.commit([{ table: 'meta', key, value }])
  return kept ?? value
}

/** The port of the last start, unless another one than the default is asked for. */
function keptPort(store: Meta, key: string, asked: number): number {
  const kept = store.meta(key)
  return kept !== null && (asked === MQTT_PORT || asked === HTTP_PORT || asked === 0) ? Number(kept) : asked
}
