/** Starts a coordinator on this machine: opens its folder, resumes what was running, then listens. The only file here that picks real parts. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { HedgerowError, type JobId, messageOf, type RegionName, toBase32 } from '../protocol/index.ts'
import { nodeSha256, nodeVerifier, readJavaScriptEngine, systemClock, systemRandom } from '../protocol/node/index.ts'
import { createAdmin } from './admin/admin.ts'
import { publishAdminFile } from './admin/admin-file.ts'
import { aggregateJob } from './aggregation/aggregate-job.ts'
import type { Batch, Effect } from './batch.ts'
import { openBlobStore } from './blobs/blob-store.ts'
import { createBroker } from './broker/index.ts'
import { RegionPolicy } from './config.ts'
import { createDeviceLinks } from './device-links.ts'
import { createDisputeIntake } from './disputes/intake.ts'
import { createRehearings } from './disputes/rehearing.ts'
import { createRetrials } from './disputes/retrial.ts'
import { createDownlink } from './downlink.ts'
import { createBlobPutCheck } from './gate/blob-put.ts'
import { createCounters, createGate } from './gate/index.ts'
import { createHttpServer } from './http/index.ts'
import { openRegionKey } from './identity.ts'
import { createAdmission } from './intake/admission.ts'
import { createCampaigns } from './intake/campaigns.ts'
import { SubmitterDirectory } from './intake/submitter-directory.ts'
import { createSubmitters } from './intake/submitters.ts'
import type { Now } from './jobs/jobs.ts'
import { openDepartments } from './open-departments.ts'
import { createAnnouncer, createSensingSource, createSensorThings } from './outputs/index.ts'
import { PayoutConfig, type PayoutSettings } from './payout/index.ts'
import { Region } from './region.ts'
import { createCourt } from './sensing/court.ts'
import { beginLog, newestEntryMs } from './settlement/begin-log.ts'
import { createStatements, openSettlement } from './settlement/index.ts'
import { openSqliteStore } from './store/index.ts'
import { takeStatement } from './take-statement.ts'

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
  /** How earnings are paid out. Default: they are points and stay. */
  payout?: PayoutSettings
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

  const admission = createAdmission(blobs, readJavaScriptEngine)
  const warn: CoordinatorLog['warn'] = (event, fields) => log.warn(event, fields)
  const departments = await openDepartments(
    { store, blobs, admission, clock, random, warn },
    {
      policy,
      payout: PayoutConfig(options.payout),
      payoutKeyPath: join(stateDir, 'payout.key'),
      thumbprint: identity.thumbprint,
    },
  )
  const { fleet, ledger, jobs, sensing, readings, pricing, payouts, disputes, reputations, desk } = departments
  const region = new Region(
    { clock, store, notBeforeMs: newestEntryMs(store), defer: setImmediate, release, onFatal: options.onFatal },
    departments,
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
  const settlement = await openSettlement(
    {
      region,
      log: departments.log,
      ledger,
      store,
      signer: identity.signer,
      verifier: nodeVerifier(),
      hash: nodeSha256,
      clock,
      random,
      fetch,
      devices: () => [...fleet.all()].map(({ row }) => row.id),
      isConnected: device => links.sessionOf(device) !== null,
      warn,
      onFatal: options.onFatal,
    },
    { regionId: identity.id, name, stateDir, policy, httpUrl: () => addresses.httpUrl },
  )
  opened.defer(() => settlement.close())
  const judge = createCourt({ region, store, readings, defer: setImmediate })
  const disputeIntake = createDisputeIntake({ region, disputes, store })
  const retry = createRetrials({ step: work => region.step(work), disputes, store, blobs, admission })
  const rejudge = createRehearings({
    step: work => region.step(work),
    disputes,
    store,
    readings,
    defer: setImmediate,
  })
  const statementParts = { region, payouts, pricing, disputes, disputeIntake }
  const takeSigned = createStatements(
    {
      region,
      fleet,
      verifier: nodeVerifier(),
      take: async (member, stated, frame) => takeStatement(statementParts, member, stated, frame),
    },
    { regionId: identity.id },
  )
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
      desk: { ledger, policy, pricing },
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
      settlement,
      payouts,
      pricing,
      disputes,
      disputeIntake,
      reputations,
      policy,
      signer: identity.signer,
      verifier: nodeVerifier(),
    },
    { name, id: identity.id, thumbprint: identity.thumbprint, addresses: () => addresses },
  )
  const downlink = createDownlink(
    {
      signer: identity.signer,
      blobs,
      sessionOf: links.sessionOf,
      preparedJob: id => jobs.preparedOf(id),
      planOf: device => sensing.planOf(device),
      publish: (device, name, frame) => broker.publishToDevice(device, name, frame),
      kick: (device, reason) => broker.kick(device, reason),
      failJob: (id, reason) => void region.step((now, batch) => jobs.fail(id, reason, now, batch)),
      wallMs: () => Math.round(clock.wallMs()),
    },
    { regionId: identity.id, blobUrl: () => `${addresses.httpUrl}/blob`, heartbeatMs: policy.heartbeatMs },
  )

  opened.defer(() => region.stop())
  opened.defer(() => (region.isStopped ? undefined : settlement.seal()))
  const logRegion = { regionId: identity.id, region: name, publicKey: identity.signer.publicKey }
  // Before anybody can connect, so that nothing is said before the region has said who it is.
  region.step((now, batch) => beginLog(store, logRegion, policy, now.wallMs, batch))
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
      settlement: { ...settlement, takeStatement: takeSigned },
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
      else if (effect.kind === 'welcome') settlement.greet(effect.device)
      else if (effect.kind === 'judge') judge(effect)
      else if (effect.kind === 'retry') void retry(effect)
      else if (effect.kind === 'rejudge') rejudge(effect)
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

  region.step((now, batch) => departments.resume(now, batch))
  campaigns.republish()
  announcer.republish()
  const tick = (now: Now, batch: Batch) => {
    departments.tick(now, batch)
    settlement.tick(now, batch)
  }
  const ticker = setInterval(() => region.step(tick), TICK_MS)
  opened.defer(() => clearInterval(ticker))
  opened.defer(publishAdminFile(stateDir, { region: name, ...addresses, adminToken, pid: process.pid }))
  log.info('coordinator_started', {
    region: name,
    ...addresses,
    devices: fleet.size,
    jobsResumed: departments.jobsResumed,
  })
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
