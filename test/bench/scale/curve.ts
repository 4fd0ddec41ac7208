/** One coordinator whose fleet grows: at each size, how fast devices join, beat and are given work, and what they cost. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AdminClient, createAdminClient } from '../../../cli/admin-client.ts'
import { LoadChild } from '../../load/child.ts'
import { LoadFleet } from '../../load/load-fleet.ts'
import type { ServerQuestion, ServerReply } from '../../load/messages.ts'
import { descriptorsMax, establishedAt } from '../../load/sockets.ts'
import { residentMiB } from '../memory.ts'
import { rounded } from '../statistics.ts'
import { until, type Workplace } from '../workplace.ts'

const NOOP = join(import.meta.dirname, '../../../examples/noop/build/noop.wasm')
const OWNERS = 1_000
const CLAIMS_AT_ONCE = 32
const CLAIM_LIFETIME_MS = 3_600_000
const SUBMITTER = 'bench'
const FUND_MICRO = '1000000000000000'
const HEARTBEATS_MS = 4_000
const DISPATCHES_MS = 5_000
const FIRST_ANSWERS_TIMEOUT_MS = 120_000
const UNITS_ENDLESS = 10_000_000
const JOB_END_TIMEOUT_MS = 30_000
/** Files of a coordinator that are no connections of devices. */
const DESCRIPTORS_SPARE = 500

/** What was measured with one number of devices. */
export interface CurvePoint {
  readonly devices: number
  /** Connections of the coordinator's broker, as the kernel counts them. */
  readonly sockets: number
  readonly joinsPerSecond: number
  /** As fast as they are taken, with nothing to do. */
  readonly heartbeatsPerSecond: number
  /** Leases sent, returned, checked, paid and acknowledged, each of one unit. */
  readonly dispatchesPerSecond: number
  /** From the submission of a job that gives everybody work at once, until as many answers as there are devices were acknowledged. */
  readonly firstAnswersSeconds: number
  /** Processor time of the coordinator for each, which a busy machine changes less than the rates. */
  readonly joinMicros: number
  readonly heartbeatMicros: number
  readonly dispatchMicros: number
  /**
   * Resident memory a device, that of an idle connection to the same broker, and what lies between; each beyond what the smallest fleet
   * took, which has everything loaded and compiled. Null for that one.
   */
  readonly residentKbPerDevice: number | null
  readonly residentKbPerConnection: number | null
  readonly beyondBrokerKb: number | null
  /** The same of live objects, after a collection. */
  readonly heapBeyondBrokerKb: number | null
  readonly coordinatorMiB: number
}

export interface Curve {
  readonly points: readonly CurvePoint[]
  /** Until all devices of the largest fleet were back after the coordinator had been stopped and started. */
  readonly comeBackSeconds: number
  /** Connections that ended without having been asked to, before that. */
  readonly lostConnections: number
}

/** How often something was done a second, and what each cost the coordinator. */
interface Rate {
  readonly perSecond: number
  readonly cpuMicros: number
}

/** The memory of a server with so many connections. */
interface Sample {
  readonly count: number
  readonly memory: ServerReply
}

/** What connections cost, in bytes each. */
interface PerConnection {
  readonly resident: number
  readonly heap: number
}

/**
 * Measures fleets of these sizes, ascending. Those for which a process may not have descriptors enough here are left out, and said.
 * @throws {Error} when that is all of them
 */
export async function measureCurve(place: Workplace, wanted: readonly number[]): Promise<Curve> {
  const fleets = wanted.filter(devices => devices + DESCRIPTORS_SPARE <= descriptorsMax())
  if (fleets.length < wanted.length) {
    const most = `A process may have ${descriptorsMax()} files open here (ulimit -Hn)`
    const sentence = `${most}: fleets of ${Math.max(...wanted)} devices need ${Math.max(...wanted) + DESCRIPTORS_SPARE} and are NOT measured.`
    if (fleets.length === 0) throw new Error(sentence)
    place.say(sentence)
  }
  const largest = Math.max(...fleets)
  const idle = await idleConnections(place, fleets)
  const region = await LoadRegion.start(place, largest)
  const points: CurvePoint[] = []
  for (const devices of fleets) points.push(await region.grow(devices, idle.get(devices) ?? null))
  const { lost } = await region.fleet.counts()
  const comeBackSeconds = await region.comeBack()
  await region.stop()
  return { points, comeBackSeconds, lostConnections: lost }
}

/** What silent connections to the same broker cost, with nothing behind it. */
async function idleConnections(place: Workplace, fleets: readonly number[]): Promise<Map<number, PerConnection>> {
  const broker = new LoadChild<ServerQuestion, ServerReply>(place, 'broker-process.ts', [])
  const { mqttUrl } = await broker.listening()
  const fleet = new LoadFleet(place, mqttUrl, Math.max(...fleets))
  const costs = new Map<number, PerConnection>()
  let connected = 0
  let smallest: Sample | null = null
  for (const count of fleets) {
    await fleet.connectIdle(count - connected)
    connected = count
    expectSockets(mqttUrl, count)
    const sample = { count, memory: await broker.ask('memory') }
    const cost = perConnection(smallest, sample)
    smallest ??= sample
    if (cost === null) continue
    costs.set(count, cost)
    place.say(`${count} idle connections: ${kb(cost.resident)} kB each`)
  }
  await fleet.stop()
  await broker.stop()
  return costs
}

class LoadRegion {
  readonly fleet: LoadFleet
  private readonly place: Workplace
  private readonly stateDir: string
  private coordinator: LoadChild<ServerQuestion, ServerReply>
  private admin: AdminClient
  private readonly mqttUrl: string
  /** Of the smallest fleet, once it has done everything that is measured. */
  private smallest: Sample | null = null
  private devices = 0

  private constructor(init: {
    place: Workplace
    stateDir: string
    coordinator: LoadChild<ServerQuestion, ServerReply>
    admin: AdminClient
    mqttUrl: string
    devicesMax: number
  }) {
    this.place = init.place
    this.stateDir = init.stateDir
    this.coordinator = init.coordinator
    this.admin = init.admin
    this.mqttUrl = init.mqttUrl
    this.fleet = new LoadFleet(init.place, init.mqttUrl, init.devicesMax)
  }

  static async start(place: Workplace, devicesMax: number): Promise<LoadRegion> {
    const stateDir = place.folder()
    const { coordinator, admin, mqttUrl } = await startCoordinator(place, stateDir)
    await admin.submitterAdd({ name: SUBMITTER, fundMicro: FUND_MICRO })
    return new LoadRegion({ place, stateDir, coordinator, admin, mqttUrl, devicesMax })
  }

  /** Lets devices join until there are so many, and measures. */
  async grow(devices: number, idle: PerConnection | null): Promise<CurvePoint> {
    const { place } = this
    const claims = await this.claims(devices - this.devices)
    const joins = await this.rateOf(async () => {
      await this.fleet.enter(claims)
      return claims.length
    })
    this.devices = devices
    const sockets = expectSockets(this.mqttUrl, devices)
    place.say(`${devices} devices joined, ${joins.perSecond} a second; ${sockets} sockets are established`)
    const cost = perConnection(this.smallest, { count: devices, memory: await this.coordinator.ask('memory') })
    const heartbeats = await this.rateOf(() => this.fleet.heartbeats(HEARTBEATS_MS))
    place.say(`${heartbeats.perSecond} heartbeats a second`)
    const dispatches = await this.dispatch()
    place.say(`${dispatches.perSecond} dispatches a second`)
    this.smallest ??= { count: devices, memory: await this.coordinator.ask('memory') }
    return {
      devices,
      sockets,
      joinsPerSecond: joins.perSecond,
      heartbeatsPerSecond: heartbeats.perSecond,
      dispatchesPerSecond: dispatches.perSecond,
      firstAnswersSeconds: dispatches.firstAnswersSeconds,
      joinMicros: joins.cpuMicros,
      heartbeatMicros: heartbeats.cpuMicros,
      dispatchMicros: dispatches.cpuMicros,
      residentKbPerDevice: cost && kb(cost.resident),
      residentKbPerConnection: idle && kb(idle.resident),
      beyondBrokerKb: cost && idle && kb(cost.resident - idle.resident),
      heapBeyondBrokerKb: cost && idle && kb(cost.heap - idle.heap),
      coordinatorMiB: residentMiB(this.coordinator.pid).now,
    }
  }

  /** Stops the coordinator and starts it again on the same port. @returns seconds from then until all devices are back */
  async comeBack(): Promise<number> {
    await this.coordinator.stop()
    const startMs = performance.now()
    const { coordinator, admin } = await startCoordinator(this.place, this.stateDir)
    this.coordinator = coordinator
    this.admin = admin
    const back = await this.fleet.comeBack()
    const seconds = rounded((performance.now() - startMs) / 1_000)
    if (back !== this.devices) throw new Error(`${back} of ${this.devices} devices came back.`)
    expectSockets(this.mqttUrl, this.devices)
    this.place.say(`${back} devices were back ${seconds} s after the start`)
    return seconds
  }

  async stop(): Promise<void> {
    await this.fleet.stop()
    await this.coordinator.stop()
  }

  /** Does something that is counted, and says how often it was done a second and what each cost the coordinator. */
  private async rateOf(run: () => Promise<number>): Promise<Rate> {
    const before = await this.coordinator.ask('cpu')
    const startMs = performance.now()
    const count = await run()
    const ms = performance.now() - startMs
    const after = await this.coordinator.ask('cpu')
    return {
      perSecond: rounded((count * 1_000) / ms),
      cpuMicros: rounded(((after.cpuMs - before.cpuMs) * 1_000) / Math.max(1, count)),
    }
  }

  private async claims(count: number): Promise<string[]> {
    const claims: string[] = []
    const left = Array.from({ length: count }, (_, i) => `owner-${i % OWNERS}`)
    const worker = async () => {
      for (let owner = left.pop(); owner !== undefined; owner = left.pop()) {
        claims.push((await this.admin.claimNew({ owner, lifetimeMs: CLAIM_LIFETIME_MS })).code)
      }
    }
    await Promise.all(Array.from({ length: CLAIMS_AT_ONCE }, worker))
    return claims
  }

  /** A job without end, until everybody has been at work for a while. */
  private async dispatch(): Promise<Rate & { firstAnswersSeconds: number }> {
    const before = await this.fleet.counts()
    const { id } = await this.admin.jobSubmit(SUBMITTER, {
      name: 'no-ops without end',
      task: { module: { base64: readFileSync(NOOP, 'base64') }, memoryMiB: 1, unitFuelMax: 1_000 },
      split: { kind: 'range', from: 0, to: UNITS_ENDLESS, chunk: 1 },
      aggregate: { kind: 'collect' },
      verify: 'trust',
      leaseUnitsMax: 1,
    })
    const startMs = performance.now()
    // The whole fleet is given work at once: what follows is the steady state.
    await until('An answer of every device', FIRST_ANSWERS_TIMEOUT_MS, async () =>
      (await this.fleet.counts()).acked - before.acked >= this.devices ? true : null,
    )
    const firstAnswersSeconds = rounded((performance.now() - startMs) / 1_000)
    const rate = await this.rateOf(async () => {
      const { acked } = await this.fleet.counts()
      await sleep(DISPATCHES_MS)
      return (await this.fleet.counts()).acked - acked
    })
    await this.admin.jobCancel(id)
    await until('The end of the job', JOB_END_TIMEOUT_MS, async () =>
      (await this.admin.job(id)).state === 'cancelled' ? true : null,
    )
    return { ...rate, firstAnswersSeconds }
  }
}

async function startCoordinator(place: Workplace, stateDir: string) {
  const coordinator = new LoadChild<ServerQuestion, ServerReply>(place, 'coordinator-process.ts', [stateDir])
  const { mqttUrl, httpUrl, adminToken } = await coordinator.listening()
  return { coordinator, mqttUrl, admin: createAdminClient(httpUrl, adminToken) }
}

function expectSockets(mqttUrl: string, least: number): number {
  const sockets = establishedAt(Number(new URL(mqttUrl).port))
  if (sockets < least) throw new Error(`Only ${sockets} of ${least} connections are established.`)
  return sockets
}

/** What each connection of a larger fleet costs beyond a smaller one; null without one. */
function perConnection(few: Sample | null, many: Sample): PerConnection | null {
  if (few === null) return null
  const count = many.count - few.count
  return {
    resident: (many.memory.residentBytes - few.memory.residentBytes) / count,
    heap: (many.memory.heapBytes - few.memory.heapBytes) / count,
  }
}

const kb = (bytes: number): number => rounded(bytes / 1_000)
const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
