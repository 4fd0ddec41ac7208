/** A region of real processes: a coordinator and devices started through the built command, and a submitter connected to it. */
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AdminClient, createAdminClient } from '../../cli/admin-client.ts'
import { auditRegion } from '../../cli/audit-region.ts'
import { startLocalDevice } from '../../cli/local-devices.ts'
import { type AdminFile, coordinatorFolder, readAdminFile } from '../../cli/state.ts'
import { connectSubmitter, type JobHandle, type SubmitterClient } from '../../client/index.ts'
import type { Job } from '../../coordinator/http/admin-api.ts'
import type { Sha256Hex } from '../../protocol/index.ts'
import { systemClock } from '../../protocol/node/index.ts'
import { type Child, until, type Workplace } from './workplace.ts'

const ROOT = join(import.meta.dirname, '../..')
/** The built command. */
export const COMMAND = join(ROOT, 'dist/cli/main.js')
const SUBMITTER = 'bench'
/** More than all benches together can spend. */
const FUND_MICRO = '1000000000000000'
const START_TIMEOUT_MS = 30_000

export interface RegionInit {
  /** One device each. */
  readonly owners: readonly string[]
  /** The file that starts the command. Default: the built one. */
  readonly entry?: string
  /** The same for the coordinator alone. Default: `entry`. */
  readonly coordinatorEntry?: string
  /** More environment for the coordinator and for the devices, such as a profiler's. */
  readonly coordinatorEnv?: Readonly<Record<string, string>>
  readonly deviceEnv?: Readonly<Record<string, string>>
}

export interface Region {
  readonly folder: string
  readonly coordinator: Child
  readonly admin: AdminClient
  readonly client: SubmitterClient
  /** The module of `examples/noop`, uploaded. */
  readonly noop: Sha256Hex
  /** Starts a device more, and waits until the coordinator can give it work. */
  addDevice(owner: string, label: string): Promise<AddedDevice>
  close(): Promise<void>
}

export interface AddedDevice {
  readonly child: Child
  readonly folder: string
  /** From the start of the process until it could be given work. */
  readonly joinedMs: number
}

export async function startRegion(place: Workplace, init: RegionInit): Promise<Region> {
  const entry = init.entry ?? COMMAND
  const folder = place.folder()
  const { coordinatorEntry = entry, coordinatorEnv } = init
  const { coordinator, address } = await startCoordinatorProcess(place, coordinatorEntry, folder, coordinatorEnv)
  const { mqttUrl, httpUrl, region, adminToken } = address
  const admin = createAdminClient(httpUrl, adminToken)

  const addDevice = async (owner: string, label: string): Promise<AddedDevice> => {
    const { code } = await admin.claimNew({ owner, lifetimeMs: 3_600_000 })
    const stateDir = join(folder, label)
    const env = { ...process.env, ...init.deviceEnv }
    const startMs = performance.now()
    const device = startLocalDevice({ stateDir, claim: code, label }, { env, clock: systemClock, entry })
    const child = place.adopt(device.process)
    await untilOnline(admin, child, label)
    return { child, folder: stateDir, joinedMs: performance.now() - startMs }
  }

  const devices = await Promise.all(init.owners.map((owner, index) => addDevice(owner, `device-${index + 1}`)))
  const { token } = await admin.submitterAdd({ name: SUBMITTER, fundMicro: FUND_MICRO })
  const client = await connectSubmitter({ mqttUrl, httpUrl, region, name: SUBMITTER, token })
  const noop = await client.upload(readFileSync(join(ROOT, 'examples/noop/build/noop.wasm')))
  let closed = false
  const close = async (): Promise<void> => {
    if (closed) return
    closed = true
    await client.close()
    await Promise.all(devices.map(({ child }) => child.stop()))
    await coordinator.stop()
  }
  place.atEnd(close)
  return { folder, coordinator, admin, client, noop, addDevice, close }
}

async function startCoordinatorProcess(
  place: Workplace,
  entry: string,
  folder: string,
  env: RegionInit['coordinatorEnv'],
): Promise<{ coordinator: Child; address: AdminFile }> {
  const args = [entry, 'coordinator', '--state', folder, '--region', 'bench', '--port', '0', '--http-port', '0']
  const logFile = join(folder, 'coordinator.log')
  const log = openSync(logFile, 'a')
  const coordinator = place.spawn(process.execPath, args, {
    stdio: ['ignore', log, log],
    env: { ...process.env, ...env },
  })
  closeSync(log)
  const address = await until('The start of the coordinator', START_TIMEOUT_MS, () => {
    if (coordinator.process.exitCode !== null)
      throw new Error(`The coordinator ended: ${readFileSync(logFile, 'utf8')}`)
    // Half written is not there yet.
    return readFileIfAny(join(coordinatorFolder(folder), 'admin.json')).endsWith('\n') ? readAdminFile(folder) : null
  })
  return { coordinator, address }
}

function readFileIfAny(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

/** Waits until the coordinator can give a device work. */
export async function untilOnline(admin: AdminClient, child: Child, label: string): Promise<void> {
  await until(`The joining of ${label}`, START_TIMEOUT_MS, async () => {
    const { exitCode } = child.process
    if (exitCode !== null) throw new Error(`${label} ended with code ${exitCode} before it had joined.`)
    const found = (await admin.deviceList()).find(device => device.label === label)
    return found?.online ? found : null
  })
}

export interface NoopJob {
  readonly units: number
  readonly verify: 'trust' | { readonly theta: number }
  /** Default: the coordinator chooses. */
  readonly leaseUnitsMax?: number
}

export interface NoopRun {
  /** From the submission to the checked answer in the submitter's hands. */
  readonly ms: number
  readonly job: Job
}

/** Submits no-op units and waits for their answer; checks afterwards that every unit is in it, and paid for once. */
export async function runNoop(region: Region, { units, verify, leaseUnitsMax }: NoopJob): Promise<NoopRun> {
  const startMs = performance.now()
  const handle = await submitNoop(region, { units, verify, ...(leaseUnitsMax === undefined ? {} : { leaseUnitsMax }) })
  const { bytes, costMicro } = await handle.result()
  const ms = performance.now() - startMs
  checkAnswer(bytes, units)
  const job = await region.admin.job(handle.id)
  if (String(costMicro) !== job.spentMicro || costMicro === 0n)
    throw new Error(`Job ${job.id} cost ${costMicro}, not ${job.spentMicro}.`)
  return { ms, job }
}

export function submitNoop(region: Region, { units, verify, leaseUnitsMax }: NoopJob): Promise<JobHandle> {
  return region.client.submit({
    name: `${units} no-ops`,
    task: { module: { sha256: region.noop }, memoryMiB: 1 },
    split: { kind: 'range', from: 0, to: units, chunk: 1 },
    aggregate: { kind: 'collect' },
    verify,
    ...(leaseUnitsMax === undefined ? {} : { leaseUnitsMax }),
  })
}

const OUTPUT_BYTES = 32

/** The answer is a CBOR array of byte strings; each unit gives the start of its own input back. */
function checkAnswer(bytes: Uint8Array, units: number): void {
  const elementBytes = 2 + OUTPUT_BYTES
  const first = bytes.length - units * elementBytes
  if (first < 1 || first > 5) throw new Error(`The answer has ${bytes.length} bytes, which are not ${units} outputs.`)
  for (let unit = 0; unit < units; unit++) {
    const at = first + unit * elementBytes
    const input = `${unit} ${unit + 1}\n`
    for (let i = 0; i < input.length; i++) {
      if (bytes[at + 2 + i] !== input.charCodeAt(i)) throw new Error(`The output of unit ${unit} is wrong.`)
    }
  }
}

/** Replays the books. @throws {Error} when they do not balance */
export async function checkBooks(region: Region): Promise<number> {
  const { problems, figures } = await auditRegion(region.admin, systemClock, new AbortController().signal)
  if (problems.length > 0) throw new Error(`The books are wrong: ${problems.map(({ message }) => message).join(' ')}`)
  return figures.transfers
}
