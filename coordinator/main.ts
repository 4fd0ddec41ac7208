/** Starts a coordinator on this machine: opens its folder, resumes what was running, then listens. The only file here that picks real parts. */
import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { HedgerowError, messageOf, type RegionName, toBase32 } from '../protocol/index.ts'
import {
  nodeVerifier,
  readJavaScriptEngine,
  startVerifyWorkers,
  systemClock,
  systemRandom,
} from '../protocol/node/index.ts'
import { publishAdminFile } from './admin/admin-file.ts'
import { openBlobStore } from './blobs/index.ts'
import { type Broker, createBroker } from './broker/index.ts'
import { RegionPolicy } from './config.ts'
import { type BrokerPorts, createCore } from './core.ts'
import { createBlobPutCheck } from './gate/blob-put.ts'
import { createHttpServer } from './http/index.ts'
import { openRegionKey } from './identity.ts'
import { createSensorThings } from './outputs/index.ts'
import { PayoutConfig, type PayoutSettings } from './payout/index.ts'
import { openHeadGuard } from './settlement/head-guard.ts'
import { openWitnessKey } from './settlement/witness-identity.ts'
import { openSqliteStore } from './store/index.ts'
import { sweepBlobs } from './sweep-blobs.ts'

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
/** A thread checks nine thousand signatures a second; a coordinator has no use for more than two of them. */
const VERIFY_THREADS_MAX = 2
/** The coordinator's own thread and the system's. With two processors threads gained nothing: 1.34 times the peer against 1.44 without. */
const BUSY_PROCESSORS = 2
const SWEEP_MS = 3_600_000
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
  const verifyThreads = Math.max(0, Math.min(VERIFY_THREADS_MAX, availableParallelism() - BUSY_PROCESSORS))
  const policy = RegionPolicy({ verifyThreads, ...options.policy })
  // Closed in reverse order, at the end or when the start fails half-way.
  await using opened = new AsyncDisposableStack()
  const store = opened.adopt(openSqliteStore(join(stateDir, 'ledger.sqlite')), store => store.close())
  const blobs = openBlobStore(join(stateDir, 'blobs'))
  const identity = openRegionKey(join(stateDir, 'region.key'), random)
  const name = keepMeta(store, 'region-name', options.name) as RegionName
  const addresses = { mqttUrl: '', httpUrl: '' }
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
      addresses: () => addresses,
    },
  )
  opened.defer(() => core.close())
  const { directory, departments } = core
  const { fleet } = departments
  const { count } = core.counters
  const adminToken = toBase32(random.bytes(ADMIN_TOKEN_BYTES))
  const sensorThings = openData
    ? createSensorThings({
        source: core.source,
        baseUrl: () => `${addresses.httpUrl}/v1.1`,
        wallMs: () => clock.wallMs(),
        breathe,
      })
    : null
  const mqtt = await createBroker(
    { clock, log, count },
    { region: name, host, port: keptPort(store, 'mqtt-port', options.mqttPort ?? MQTT_PORT), fallback: portFallback },
    core.hooks,
  )
  broker = mqtt
  opened.defer(() => mqtt.close())
  const http = await createHttpServer(
    {
      blobs,
      api: () => core.admin,
      sensorThings,
      settlement: { ...core.settlement, takeStatement: core.takeStatement },
      auth: {
        adminToken,
        submitterByToken: token => directory.byToken(token),
        devicePut: createBlobPutCheck({ fleet, verifier }, { regionId: identity.id }),
      },
      log,
      count,
    },
    { host, port: keptPort(store, 'http-port', options.httpPort ?? HTTP_PORT), fallback: portFallback },
  )
  opened.defer(() => http.close())
  const publicHost = options.publicHost ?? host
  addresses.mqttUrl = `mqtt://${publicHost}:${mqtt.port}`
  addresses.httpUrl = `http://${publicHost}:${http.port}`
  // Claims and enrolled devices name these addresses, so a free port that was found once is asked for again.
  store.commit([
    { table: 'meta', key: 'mqtt-port', value: `${mqtt.port}` },
    { table: 'meta', key: 'http-port', value: `${http.port}` },
  ])

  core.resume()
  const ticker = setInterval(() => core.tick(), TICK_MS)
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
