/** A whole region in this process: the real coordinator on free ports, real devices with real sandboxes, real MQTT and HTTP. */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AdminClient, createAdminClient } from '../../cli/admin-client.ts'
import { auditRegion } from '../../cli/audit-region.ts'
import { trustFor } from '../../cli/trust.ts'
import { connectSubmitter, type SubmitterClient } from '../../client/index.ts'
import {
  type CoordinatorOptions,
  type RegionPolicy,
  type RunningCoordinator,
  startCoordinator,
} from '../../coordinator/index.ts'
import { type Device, type DeviceEvent, type RunDeviceOptions, runDevice } from '../../device/index.ts'
import { regionName, toBase64 } from '../../protocol/index.ts'
import { systemClock } from '../../protocol/node/index.ts'
import { BareSubmitter } from './bare-submitter.ts'
import { eventually } from './eventually.ts'

export const MEADOW = regionName('meadow')
const SANDBOX = join(import.meta.dirname, '../../device/sandbox/main.ts')

/** Waits are short, so that what a region does after them is seen soon; a fuel costs a micro-credit, so that nothing is rounded. */
const QUICK: Partial<RegionPolicy> = {
  leaseTargetMs: 100,
  disconnectGraceMs: 300,
  heartbeatMs: 1_000,
  gigafuelPriceMicro: 1_000_000_000n,
  checkpointMs: 100,
}

export interface TestRegionOptions {
  policy?: Partial<RegionPolicy>
  /** What else it is started with. */
  coordinator?: Partial<CoordinatorOptions>
}

export interface JoinOptions extends Partial<RunDeviceOptions> {
  /** Folder of a device that was here before. */
  stateDir?: string
}

export interface JoinedDevice {
  readonly device: Device
  readonly stateDir: string
  readonly log: DeviceEvent[]
}

export class TestRegion {
  readonly dir = mkdtempSync(join(tmpdir(), 'hedgerow-region-'))
  readonly stateDir = join(this.dir, 'coordinator')
  readonly fatal: unknown[] = []
  readonly #policy: Partial<RegionPolicy>
  readonly #options: Partial<CoordinatorOptions>
  readonly #closers: (() => Promise<void> | void)[] = []
  #coordinator: RunningCoordinator | null = null
  #devices = 0

  private constructor({ policy = {}, coordinator = {} }: TestRegionOptions) {
    this.#policy = { ...QUICK, ...policy }
    this.#options = coordinator
  }

  /** `await using` it: everything it started is gone at the end of the test. */
  static async start(options: TestRegionOptions = {}): Promise<TestRegion> {
    const region = new TestRegion(options)
    await region.startCoordinator()
    return region
  }

  /** Starts the coordinator on the region's folder. */
  async startCoordinator(): Promise<RunningCoordinator> {
    this.#coordinator = await startCoordinator({
      stateDir: this.stateDir,
      name: MEADOW,
      mqttPort: 0,
      httpPort: 0,
      policy: this.#policy,
      ...this.#options,
      onFatal: error => this.fatal.push(error),
    })
    trustFor(this.#coordinator.httpUrl, this.#coordinator.caPem)
    return this.#coordinator
  }

  async stopCoordinator(): Promise<void> {
    const coordinator = this.#coordinator
    this.#coordinator = null
    await coordinator?.close()
  }

  get coordinator(): RunningCoordinator {
    if (this.#coordinator === null) throw new Error('The coordinator is not running.')
    return this.#coordinator
  }

  get admin(): AdminClient {
    return createAdminClient(this.coordinator.httpUrl, this.coordinator.adminToken)
  }

  /** The text of a new claim. */
  async claim(owner: string, lifetimeMs = 60_000): Promise<string> {
    return (await this.admin.claimNew({ owner, lifetimeMs })).code
  }

  /** Starts a device; resolves at once. */
  async start(owner: string, options: JoinOptions = {}): Promise<JoinedDevice> {
    const { stateDir = join(this.dir, `device-${++this.#devices}`), ...rest } = options
    const claim = 'claim' in options ? options.claim : await this.claim(owner)
    const log: DeviceEvent[] = []
    const device = runDevice({
      label: owner,
      sandboxPath: SANDBOX,
      log: event => void log.push(event),
      ...rest,
      stateDir,
      claim,
    })
    this.atEnd(() => device.stop())
    return { device, stateDir, log }
  }

  /** Starts a device and waits until the region has heard what it offers. */
  async join(owner: string, options: JoinOptions = {}): Promise<JoinedDevice> {
    const joined = await this.start(owner, options)
    await this.online(joined.device)
    return joined
  }

  async online(device: Device): Promise<void> {
    await eventually(`device ${device.id} joined`, () => device.state === 'joined')
  }

  /** Starts a device of each owner. */
  async joinAll(...owners: string[]): Promise<JoinedDevice[]> {
    const devices: JoinedDevice[] = []
    for (const owner of owners) devices.push(await this.join(owner))
    return devices
  }

  /** The region's own view of a device. */
  async member(device: Device) {
    const member = (await this.admin.deviceList()).find(({ id }) => id === device.id)
    if (!member) throw new Error(`The region does not know ${device.id}.`)
    return member
  }

  /** Adds a submitter and funds it. */
  async account(name: string, fundMicro = '1000000000000000'): Promise<{ name: string; token: string }> {
    const { token } = await this.admin.submitterAdd({ name, fundMicro })
    return { name, token }
  }

  /** A submitter who has nothing but an MQTT client. */
  async bare(name: string, fundMicro?: string): Promise<BareSubmitter> {
    return this.connectBare(await this.account(name, fundMicro))
  }

  async connectBare(account: { name: string; token: string }): Promise<BareSubmitter> {
    const submitter = await BareSubmitter.connect({ mqttUrl: this.coordinator.mqttUrl, region: MEADOW, ...account })
    this.atEnd(() => submitter.close())
    return submitter
  }

  /** A submitter with the client of this package. */
  async submitter(name: string, fundMicro?: string): Promise<SubmitterClient> {
    return this.connect(await this.account(name, fundMicro))
  }

  async connect(account: { name: string; token: string }): Promise<SubmitterClient> {
    const { mqttUrl, httpUrl, caPem } = this.coordinator
    const ca = caPem === null ? {} : { ca: caPem }
    const client = await connectSubmitter({ mqttUrl, httpUrl, region: MEADOW, ...account, ...ca })
    this.atEnd(() => client.close())
    return client
  }

  /** Waits until the coordinator has counted something so often. */
  async counted(reason: string, times = 1): Promise<void> {
    await eventually(
      `${reason} counted ${times} times`,
      async () => ((await this.admin.metrics())[reason] ?? 0) >= times,
    )
  }

  /** What is wrong with the books; nothing, one hopes. */
  async bookProblems(): Promise<string[]> {
    const report = await auditRegion(this.admin, systemClock, new AbortController().signal)
    return report.problems.map(({ rule, message }) => `${rule}: ${message}`)
  }

  atEnd(close: () => Promise<void> | void): void {
    this.#closers.push(close)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closers.reverse()) await close()
    await this.stopCoordinator()
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** A task of a module that travels with the job. */
export const taskOf = (module: Uint8Array, more: Record<string, unknown> = {}) => ({
  module: { base64: toBase64(module) },
  ...more,
})

export const sha256HexOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
