/** Starts a coordinator on this machine: opens its folder, resumes what was running, then listens. The only file here that picks real parts. */
import { mkdirSync } from 'node:fs'
import { availableParallelism, hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { capacityAnswer } from '../protocol/capacity/index.ts'
import { HedgerowError, messageOf, type RegionName, toBase32 } from '../protocol/index.ts'
import {
  nodeVerifier,
  readJavaScriptEngine,
  startVerifyWorkers,
  systemClock,
  systemRandom,
} from '../protocol/node/index.ts'
import { publishAdminFile } from './admin/admin-file.ts'
import { createSnapshots } from './backup/index.ts'
import { openBlobStore } from './blobs/index.ts'
import { createGarbageBound } from './bound-garbage.ts'
import { type Broker, createBroker } from './broker/index.ts'
import { RegionPolicy } from './config.ts'
import { type BrokerPorts, createCore } from './core.ts'
import { createBlobPutCheck } from './gate/blob-put.ts'
import { createHttpServer, type PageFiles, pageFile, readPageFiles } from './http/index.ts'
import { openRegionKey } from './identity.ts'
import { CommitMeter, openTracing } from './metrics/index.ts'
import { createOperations } from './operations.ts'
import { createSensorThings } from './outputs/index.ts'
import { PayoutConfig, type PayoutSettings } from './payout/index.ts'
import { openHeadGuard } from './settlement/head-guard.ts'
import { openWitnessKey } from './settlement/witness-identity.ts'
import { openSqliteStore } from './store/index.ts'
import { sweepBlobs } from './sweep-blobs.ts'
import { openRegionTls, type TlsOptions } from './tls/index.ts'

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
  /** TLS for MQTT and HTTP. Default: none. */
  tls?: TlsOptions
  /** Tells Home Assistants of devices and their newest readings. Default false. */
  homeAssistant?: boolean
  /** Shows readings to everybody, by the OGC SensorThings API at `/v1.1` and its MQTT topics. Default false. */
  openData?: boolean
  /** Folder of the built page that is served at `/`. Default: no page. */
  dashboardDir?: string
  /** A folder of releases, as `hedgerow release` makes it, that devices update from; shown at `/updates/`. */
  releasesDir?: string
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
  /** Where programs on this machine reach the administration. */
  adminUrl: string
  adminToken: string
  /** The certificate of the region's own authority; null where it has none. */
  caPem: string | null
  /** Stops listening and closes the store. What was running resumes at the next start. */
  close(): Promise<void>
}

const TICK_MS = 200
/** A thread checks nine thousand signatures a second; a coordinator has no use for more than two of them. */
const VERIFY_THREADS_MAX = 2
/** The coordinator's own thread and the system's. With two processors threads gained nothing: 1.34 times the peer against 1.44 without. */
const BUSY_PROCESSORS = 2
const SWEEP_MS = 3_600_000
const MQTT_PORT = 1883
const HTTP_PORT = 8717
const MQTTS_PORT = 8883
const DEFAULT_PORTS: readonly number[] = [MQTT_PORT, HTTP_PORT, MQTTS_PORT]
const LOOPBACK = '127.0.0.1'
/** How often is looked whether a certificate is due. */
const CERTIFICATE_MS = 60_000
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
  const verifyThreads = Math.max(0, Math.min(VERIFY_THREADS_MAX, availableParallelism() - BUSY_PROCESSORS))
  const policy = RegionPolicy({ verifyThreads, ...options.policy })
  // Closed in reverse order, at the end or when the start fails half-way.
  await using opened = new AsyncDisposableStack()
  const commits = new CommitMeter(clock)
  const tracing = await openTracing(reason => log.warn('not_traced', { reason }))
  const kept = opened.adopt(openSqliteStore(join(stateDir, 'ledger.sqlite')), store => store.close())
  const measured = commits.measure(kept)
  const store = tracing?.measure(measured) ?? measured
  const blobs = openBlobStore(join(stateDir, 'blobs'))
  const identity = openRegionKey(join(stateDir, 'region.key'), random)
  const name = keepMeta(store, 'region-name', options.name) as RegionName
  const addresses = { mqttUrl: '', httpUrl: '' }
  const publicHost = options.publicHost ?? host
  const verifier = nodeVerifier()
  const workers = policy.verifyThreads === 0 ? null : startVerifyWorkers(policy.verifyThreads)
  opened.defer(() => workers?.close())
  const breathe = async () => void (await nextTurn())
  // The coordinator and its broker need each other; the coordinator says nothing before the broker is there.
  let broker: Broker | null = null
  const core = await createCore(
    {
      clock,
      random,
      store,
      blobs,
      identity,
      witnessSigner: openWitnessKey(join(stateDir, 'witness.key'), random),
      guard: openHeadGuard(join(stateDir, 'log-head.json')),
      verifier,
      backgroundVerifier: workers,
      broker: portsOf(() => broker),
      fetch,
      readEngine: readJavaScriptEngine,
      capacityAnswer,
      defer: setImmediate,
      breathe,
      warn: (event, fields) => log.warn(event, fields),
      onFatal: options.onFatal,
    },
    {
      name,
      policy,
      payout: PayoutConfig(options.payout),
      payoutKeyPath: join(stateDir, 'payout.key'),
      homeAssistant: options.homeAssistant ?? false,
      openData,
      addresses: () => ({ ...addresses, caKeySha256: tls?.authority?.keySha256 }),
    },
  )
  opened.defer(() => core.close())
  const { directory, departments } = core
  const { fleet } = departments
  const { count } = core.counters
  const tls =
    options.tls === undefined
      ? null
      : openRegionTls(
          { clock, random, log, count },
          {
            options: options.tls,
            stateDir,
            region: name,
            names: () => ({ host, publicHost, hostname: hostname(), addresses: ownAddresses() }),
          },
        )
  const adminToken = toBase32(random.bytes(ADMIN_TOKEN_BYTES))
  const sensorThings = openData
    ? createSensorThings({
        source: core.source,
        baseUrl: () => `${addresses.httpUrl}/v1.1`,
        wallMs: () => clock.wallMs(),
        breathe,
      })
    : null
  const mqttPort = keptPort(store, 'mqtt-port', options.mqttPort ?? MQTT_PORT)
  const plainHost = tls === null || options.tls?.plainToo || isLoopback(host) ? host : LOOPBACK
  const mqttsPort = keptPort(store, 'mqtts-port', options.tls?.mqttPort ?? MQTTS_PORT)
  const mqtt = await createBroker(
    { clock, log, count },
    {
      region: name,
      host: plainHost,
      port: mqttPort,
      fallback: portFallback,
      ...(tls === null ? {} : { tls: { front: tls.front, host, port: mqttsPort, fallback: portFallback } }),
    },
    core.hooks,
  )
  broker = mqtt
  opened.defer(() => mqtt.close())
  const operations = createOperations(
    { core, store, blobs, commits, tracing, clock, random, broker: mqtt },
    { stateDir, name, host: plainHost, checkpointMs: policy.checkpointMs },
  )
  opened.defer(() => operations.close())
  const api = { ...core.admin, databaseSnapshot: createSnapshots(kept, stateDir) }
  const http = await createHttpServer(
    {
      blobs,
      authorityPem: () => tls?.authority?.pem ?? null,
      api: () => api,
      sensorThings,
      settlement: { ...core.settlement, takeStatement: core.takeStatement },
      clock,
      live: core.live,
      page: options.dashboardDir === undefined ? new Map() : pageFilesIn(options.dashboardDir),
      operations,
      auth: {
        adminToken,
        submitterByToken: token => directory.byToken(token),
        ownerByToken: token => core.owners.byToken(token),
        devicePut: createBlobPutCheck({ fleet, verifier }, { regionId: identity.id }),
      },
      ...(options.releasesDir === undefined ? {} : { releasesDir: options.releasesDir }),
      log,
      count,
    },
    {
      host,
      publicHost: options.publicHost,
      port: keptPort(store, 'http-port', options.httpPort ?? HTTP_PORT),
      fallback: portFallback,
      tls: tls?.front,
    },
  )
  opened.defer(() => http.close())
  addresses.mqttUrl = tls === null ? `mqtt://${publicHost}:${mqtt.port}` : `mqtts://${publicHost}:${mqtt.tlsPort}`
  addresses.httpUrl = `${tls === null ? 'http' : 'https'}://${publicHost}:${http.port}`
  // Claims and enrolled devices name these addresses, so a free port that was found once is asked for again.
  store.commit([
    { table: 'meta', key: 'mqtt-port', value: `${mqtt.port}` },
    { table: 'meta', key: 'http-port', value: `${http.port}` },
    ...(mqtt.tlsPort === null ? [] : [{ table: 'meta', key: 'mqtts-port', value: `${mqtt.tlsPort}` } as const]),
  ])

  core.resume()
  const boundGarbage = createGarbageBound()
  const ticker = setInterval(() => {
    core.tick()
    boundGarbage(mqtt.connectionCount())
  }, TICK_MS)
  opened.defer(() => clearInterval(ticker))
  const sweep = async () => {
    try {
      log.info('blobs_swept', { ...(await sweepBlobs({ blobs, store }, policy.holdbackWindowMs, clock.wallMs())) })
    } catch (error) {
      if (!(error instanceof HedgerowError)) return options.onFatal(error)
      log.warn('blobs_not_swept', { message: messageOf(error) })
    }
  }
  const sweeper = setInterval(() => void sweep(), SWEEP_MS)
  opened.defer(() => clearInterval(sweeper))
  if (tls !== null) {
    const renewer = setInterval(() => tls.refresh(), CERTIFICATE_MS)
    opened.defer(() => clearInterval(renewer))
  }
  const caPem = tls?.authority?.pem ?? null
  // Commands on this machine may not reach it by its public name. A certificate of somebody else's making knows no other.
  const ownHost = tls !== null && tls.authority === null ? publicHost : reachableHere(host)
  const adminUrl = `${tls === null ? 'http' : 'https'}://${ownHost}:${http.port}`
  const { mqttUrl } = addresses
  opened.defer(
    publishAdminFile(stateDir, { region: name, mqttUrl, httpUrl: adminUrl, caPem, adminToken, pid: process.pid }),
  )
  log.info('coordinator_started', {
    region: name,
    ...addresses,
    devices: fleet.size,
    jobsResumed: departments.jobsResumed,
  })
  const running = opened.move()
  return { name, ...addresses, adminUrl, adminToken, caPem, close: () => running.disposeAsync() }
}

/** What the coordinator asks of a broker that is not there yet: nothing can be sent, and nobody is connected. */
function portsOf(broker: () => Broker | null): BrokerPorts {
  return {
    connectionCount: () => broker()?.connectionCount() ?? 0,
    publishToDevice: (device, name, payload) => broker()?.publishToDevice(device, name, payload),
    publishToSubmitter: (topic, payload) => broker()?.publishToSubmitter(topic, payload),
    publishRetained: (topic, payload) => broker()?.publishRetained(topic, payload),
    kick: (device, reason) => broker()?.kick(device, reason),
  }
}

/** The page, and the engine that its editor tries scripts with. */
function pageFilesIn(folder: string): PageFiles {
  const files = readPageFiles(folder)
  return files.set('javascript-engine.wasm', pageFile('application/wasm', readJavaScriptEngine))
}

/** This machine's addresses in its networks. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap(known => (known ?? []).map(({ address }) => address))
}

/** An address for programs on this machine, which cannot connect to "every network". */
function reachableHere(host: string): string {
  if (host === '0.0.0.0' || host === '::') return LOOPBACK
  return host.includes(':') ? `[${host}]` : host
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
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
  return kept !== null && (DEFAULT_PORTS.includes(asked) || asked === 0) ? Number(kept) : asked
}
