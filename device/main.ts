/** The entry point of a device: real clock, disk, broker and sandbox. Loads nothing of the coordinator. */
import { existsSync, mkdirSync } from 'node:fs'
import { arch, cpus, hostname, totalmem } from 'node:os'
import { join } from 'node:path'
import type { SensorsFile } from '../hardware/config.ts'
import { ConfigError, clipText, decodeClaimCode, LIMITS, METERING_VERSION } from '../protocol/index.ts'
import { nodeVerifier, systemClock, systemRandom } from '../protocol/node/index.ts'
import { BlobCache, nodeHttp, regionBlobs } from './blobs/index.ts'
import { createDevice, type Device } from './device.ts'
import { GovernorPolicy, pacedRunner, processUse } from './governor/index.ts'
import { openIdentity } from './identity.ts'
import { keepAuthority } from './keep-authority.ts'
import { type ClockEvidence, clockEvidence, type RegionTrust, SYNCHRONIZED_FILE } from './link/index.ts'
import { parseMqttAddress } from './link/mqtt-address.ts'
import { mqttLink } from './link/mqtt-link.ts'
import type { Log } from './log.ts'
import type { Machine } from './machine.ts'
import { chooseMembership, type Membership } from './membership.ts'
import { memorySentence } from './memory-bounds.ts'
import { readMemoryController } from './memory-controller.ts'
import { leavePid } from './pid-file.ts'
import { bootId, readHere } from './read-here.ts'
import { openEarningsFolder } from './receipts/earnings-folder.ts'
import type { Boot, OpenSensors } from './sampling/index.ts'
import { settleMemory } from './settle-memory.ts'
import { openDeviceStore } from './store/index.ts'
import { Watchdog, type Watcher } from './watchdog.ts'
import { watchedLink, watchedReader, watchedRunner, watchedSensors } from './watchdog-parts.ts'
import { findKernelTools } from './work/find-kernel-tools.ts'
import type { Runner } from './work/runner.ts'

export interface RunDeviceOptions {
  /** Folder of the device's key, records and cache; made when missing. */
  readonly stateDir: string
  /** Claim code; needed once. */
  readonly claim?: string | undefined
  /** The owner's name for the device; default the host's name. */
  readonly label?: string | undefined
  /** Leases that run at the same time. 1..processors - 1, default 1. */
  readonly slots?: number | undefined
  /** Leases held at most, running or waiting. 1..256, default 64 a slot, and 256. */
  readonly creditLeases?: number | undefined
  /** The built `device/sandbox/main.cjs`. */
  readonly sandboxPath: string
  readonly log: Log
  /** Bytes of fetched content kept. Default 256 MiB. */
  readonly cacheQuotaBytes?: number | undefined
  /** Bytes of unacknowledged results kept. Default 64 MiB. */
  readonly outboxQuotaBytes?: number | undefined
  /** When this device may work. Default: whenever its board is well. */
  readonly governor?: GovernorPolicy | undefined
  /** What is connected to this machine, and where it stands. */
  readonly sensors?: SensorsFile | undefined
  /** Bytes of readings kept until the region has them. Default 32 MiB. */
  readonly samplesQuotaBytes?: number | undefined
  /** What the device calls its software, such as `hedgerow/0.1.0`. */
  readonly software?: string | undefined
  /** Told for as long as the device makes progress, and not when a part of it stands still. */
  readonly watcher?: Watcher | undefined
  /** Puts something between the device and its sandbox, for demonstrations and tests. */
  wrapRunner?(runner: Runner): Runner
}

/** Enough one-unit leases for a slot to be busy until more come. How much time they may take together the region bounds itself. */
const CREDIT_LEASES_PER_SLOT = 64
const CACHE_QUOTA_BYTES = 256 * 1024 * 1024
const MIB = 1_048_576
/** Long enough for everything that follows the first welcome. */
const SETTLE_AFTER_MS = 1_000

/**
 * Starts a device. It keeps trying for as long as that makes sense; `device.ended` tells when it does not.
 * @throws {ConfigError} when the options, the folder or the key cannot be used; {@link ProtocolError} `bad_claim`
 */
export function runDevice(options: RunDeviceOptions): Device {
  const { stateDir, log } = options
  const policy = options.governor ?? GovernorPolicy()
  const slots = slotsOf(options, policy)
  const creditLeases = bounded(
    'creditLeases',
    options.creditLeases,
    slots * CREDIT_LEASES_PER_SLOT,
    LIMITS.creditLeasesMax,
  )
  const claim = options.claim === undefined ? null : decodeClaimCode(options.claim)
  if (!existsSync(options.sandboxPath)) throw noSandbox(options.sandboxPath)
  makeFolder(stateDir)
  const identity = openIdentity(join(stateDir, 'device.key'), systemRandom)
  const { outboxQuotaBytes, samplesQuotaBytes } = options
  const store = openDeviceStore(join(stateDir, 'device.db'), {
    ...(outboxQuotaBytes === undefined ? {} : { outboxQuotaBytes }),
    ...(samplesQuotaBytes === undefined ? {} : { samplesQuotaBytes }),
  })
  try {
    const membership = membershipOf(store.enrolment(), claim, stateDir)
    const { trust, evidence } = trustOf(membership, stateDir)
    const folder = join(stateDir, 'blobs')
    const cache = new BlobCache(
      { clock: systemClock },
      { folder, quotaBytes: options.cacheQuotaBytes ?? CACHE_QUOTA_BYTES },
    )
    const host = readHere(policy, { stateDir, devicePid: process.pid, log })
    const watchdog = watchdogOf(options)
    const transfers = { clock: systemClock, random: systemRandom, http: nodeHttp(trust), cache }
    const device = createDevice(
      {
        clock: systemClock,
        random: systemRandom,
        link: watchedLink(mqttLink({ trust }), watchdog),
        store,
        identity,
        verifier: nodeVerifier(1),
        blobs: target => regionBlobs({ ...transfers, device: identity.id, signer: identity.signer }, target),
        createRunner: () => makeRunner(options, slots, policy, watchdog),
        openSensors: watchedSensors(openLater, watchdog),
        readHealth: watchedReader(() => host.read(), watchdog),
        receipts: openEarningsFolder(stateDir),
        log,
      },
      {
        membership,
        label: labelOf(options.label),
        machine: machineOf(options.software),
        slots,
        creditLeases,
        memoryBounds: memoryBounds(log),
        governor: policy,
        sensing: { location: null, sensors: [], ...options.sensors, ...bootOf() },
      },
    )
    const unsubscribe = device.on('state', ({ state }) => {
      if (state !== 'joined') return
      unsubscribe()
      systemClock.setTimeout(settleMemory, SETTLE_AFTER_MS)
    })
    device.on('time', ({ regionMs }) => evidence.heard(regionMs))
    const takePidAway = leavePid(stateDir)
    void device.ended.then(() => {
      watchdog?.stop()
      host.close()
      takePidAway()
    })
    device.start()
    watchdog?.start(() => device.explain())
    return device
  } catch (thrown) {
    store.close()
    throw thrown
  }
}

/** Whom to believe behind TLS. The authority's certificate is left in the folder, for the commands about this device. */
function trustOf({ caKeySha256 }: Membership, stateDir: string): { trust: RegionTrust; evidence: ClockEvidence } {
  const evidence = clockEvidence({ clock: systemClock, isSynchronized: () => existsSync(SYNCHRONIZED_FILE) })
  const keep = keepAuthority(stateDir)
  return { evidence, trust: { caKeySha256, nowMs: () => evidence.nowMs(), onAuthority: keep } }
}

function membershipOf(...choice: Parameters<typeof chooseMembership>): ReturnType<typeof chooseMembership> {
  const membership = chooseMembership(...choice)
  parseMqttAddress(membership.mqttUrl)
  return membership
}

/** Linux names its boots, and its monotonic clock goes on over restarts of this program; elsewhere each start is a boot of its own. */
function bootOf(): { boot?: Boot } {
  const machine = bootId()
  if (machine === null) return {}
  return { boot: { machine, aheadMs: Number(process.hrtime.bigint() / 1_000_000n) - systemClock.monotonicMs() } }
}

/** Looked at once: what is asked of the kernel when a sandbox starts is tried then, and logged if it does not work. */
function memoryBounds(log: Log): string {
  const controller = readMemoryController()
  const sandbox = findKernelTools() === null ? 'watch' : 'kernel'
  const says = memorySentence({ sandbox, controller })
  const level = sandbox === 'watch' || controller.kind === 'off' ? 'warn' : 'info'
  log({ level, event: 'memory_bounds', sandbox, controller: controller.kind, says })
  return says
}

function watchdogOf({ watcher, log }: RunDeviceOptions): Watchdog | null {
  return watcher === undefined ? null : new Watchdog({ clock: systemClock, watcher, log })
}

/** Imported with the first sensor. */
const openLater: OpenSensors = async config => (await import('./sampling/open-here.ts')).openHere(config, systemClock)

/** Imported at the first lease: a device without work holds no part of the sandbox in memory. */
async function makeRunner(
  options: RunDeviceOptions,
  slots: number,
  { cpuShare }: GovernorPolicy,
  watchdog: Watchdog | null,
): Promise<Runner> {
  const { createRunner } = await import('./work/index.ts')
  const { log, sandboxPath } = options
  const runner = watchedRunner(createRunner({ clock: systemClock, log }, { sandboxPath, slots }), watchdog)
  const wrapped = options.wrapRunner?.(runner) ?? runner
  if (cpuShare === 1) return wrapped
  const usedMs = () => processUse(process.pid)
  if (usedMs() === null)
    log({ level: 'warn', event: 'cpu_share_not_held', reason: 'there is no /proc to measure it by' })
  return pacedRunner({ clock: systemClock, runner: wrapped, usedMs }, { processors: cpuShare * cpus().length })
}

/** One processor is left for the owner; a board with one processor still runs one lease. No more than the owner's share of them. */
function slotsOf({ slots }: RunDeviceOptions, { cpuShare }: GovernorPolicy): number {
  const shared = Math.max(1, Math.floor(cpuShare * cpus().length))
  const most = Math.min(LIMITS.slotsMax, Math.max(1, cpus().length - 1), shared)
  return Math.min(most, bounded('slots', slots, 1, LIMITS.slotsMax))
}

function bounded(path: string, value: number | undefined, fallback: number, max: number): number {
  const number = value ?? Math.min(fallback, max)
  if (Number.isInteger(number) && number >= 1 && number <= max) return number
  const reason = `it must be a whole number from 1 to ${max}`
  throw new ConfigError({ code: 'bad_option', path, reason }, `The option ${path} is ${number}: ${reason}.`)
}

function labelOf(label: string | undefined): string {
  return clipText(label ?? hostname(), LIMITS.labelBytesMax)
}

function machineOf(software: string | undefined): Machine {
  return {
    software: clipText(software ?? 'hedgerow', LIMITS.nameLengthMax),
    arch: arch(),
    cores: Math.max(1, cpus().length),
    memoryMiB: Math.max(1, Math.floor(totalmem() / MIB)),
    abis: ['wasi', 'reactor'],
    metering: [METERING_VERSION],
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    const reason = 'the folder cannot be made'
    const message = `The folder ${path} cannot be made: choose one that this user may write to.`
    throw new ConfigError({ code: 'bad_option', path, reason }, message, { cause })
  }
}

function noSandbox(path: string): ConfigError {
  return new ConfigError({ code: 'not_found', path }, `There is no sandbox at ${path}; build or install it again.`)
}
