/** A whole region on this machine: a coordinator in this process and devices as its child processes. */
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CoordinatorOptions, RunningCoordinator } from '../coordinator/index.ts'
import { type AdminClient, createAdminClient } from './admin-client.ts'
import type { Io } from './io.ts'
import { type LocalDevice, startLocalDevice } from './local-devices.ts'
import { textLog } from './log-format.ts'
import { coordinatorLog } from './log-lines.ts'
import { coordinatorLogFile } from './region-options.ts'
import { trustFor } from './trust.ts'
import { sleep } from './wait.ts'

const CLAIM_LIFETIME_MS = 3_600_000
const ONLINE_POLL_MS = 100

/** A coordinator in this process, and its operator. */
export interface LocalCoordinator {
  readonly coordinator: RunningCoordinator
  readonly api: AdminClient
  /** Rejects when the coordinator's disk fails; never resolves. */
  readonly fatal: Promise<never>
}

/** Starts a coordinator in this process that logs to a file in its folder. */
export async function startLocalCoordinator(
  options: Omit<CoordinatorOptions, 'onFatal' | 'log'>,
  io: Pick<Io, 'clock'>,
): Promise<LocalCoordinator> {
  mkdirSync(options.stateDir, { recursive: true, mode: 0o700 })
  const log = createWriteStream(coordinatorLogFile(options.stateDir), { flags: 'a', mode: 0o600 })
  // A log that cannot be written must not stop the region.
  log.on('error', () => {})
  const fatal = Promise.withResolvers<never>()
  fatal.promise.catch(() => {})
  const { startCoordinator } = await import('../coordinator/index.ts')
  const coordinator = await startCoordinator({
    ...options,
    log: coordinatorLog(textLog(io.clock, line => void log.write(line), 'info')),
    onFatal: fatal.reject,
  })
  trustFor(coordinator.adminUrl, coordinator.caPem)
  return { coordinator, api: createAdminClient(coordinator.adminUrl, coordinator.adminToken), fatal: fatal.promise }
}

/** How many devices of whom, and where. */
export interface LocalDevicesInit {
  /** The region's folder; each device gets one below it. */
  readonly state: string
  readonly count: number
  /** Owners by turns: the first device is the first owner's. */
  readonly owners: readonly string[]
}

/** Starts devices `device-1` to `device-N`. Those that have joined before come back as themselves. */
export async function startLocalDevices(
  api: AdminClient,
  init: LocalDevicesInit,
  io: Pick<Io, 'env' | 'clock' | 'entry'>,
): Promise<LocalDevice[]> {
  const known = new Set((await api.deviceList()).map(({ label }) => label))
  const moved = hasMoved(init.state, (await api.region()).mqttUrl)
  const devices: LocalDevice[] = []
  for (let index = 0; index < init.count; index++) {
    const label = `device-${index + 1}`
    const stateDir = join(init.state, 'devices', label)
    const joined = known.has(label) && existsSync(stateDir) && !moved
    const owner = init.owners[index % init.owners.length] ?? 'owner-1'
    const claim = joined ? null : await api.claimNew({ owner, lifetimeMs: CLAIM_LIFETIME_MS })
    devices.push(startLocalDevice({ stateDir, label, ...(claim === null ? {} : { claim: claim.code }) }, io))
  }
  return devices
}

/** Whether the region is elsewhere than at the last start, such as behind TLS: a new claim tells devices that have joined before. */
function hasMoved(state: string, mqttUrl: string): boolean {
  const folder = join(state, 'devices')
  const path = join(folder, 'mqtt-url')
  const before = existsSync(path) ? readFileSync(path, 'utf8') : null
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(path, mqttUrl)
  return before !== null && before !== mqttUrl
}

/**
 * Waits until these devices are online, for at most a while and only while there is one left to wait for.
 * @returns how many are
 */
export async function untilOnline(
  api: AdminClient,
  devices: readonly LocalDevice[],
  timeoutMs: number,
  io: Pick<Io, 'clock' | 'stop'>,
): Promise<number> {
  const labels = new Set(devices.map(({ label }) => label))
  let left = devices.length
  for (const { exited } of devices) exited.then(() => left--)
  const endMs = io.clock.monotonicMs() + timeoutMs
  for (;;) {
    const online = (await api.deviceList()).filter(device => device.online && labels.has(device.label)).length
    if (online >= left || io.stop.aborted || io.clock.monotonicMs() >= endMs) return online
    await sleep(io.clock, ONLINE_POLL_MS, io.stop)
  }
}
