/** The region of the example: its parts, its job, its sensors, and what goes wrong on purpose. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { connectSubmitter, type JobHandle } from 'hedgerow/client'
import { RegionPolicy, type RunningCoordinator, startCoordinator } from 'hedgerow/coordinator'
import type { AuditReport } from '../../auditor/index.ts'
import { type AdminClient, createAdminClient } from '../../cli/admin-client.ts'
import { auditRegion } from '../../cli/audit-region.ts'
import { dashboardPath } from '../../cli/dashboard-path.ts'
import type { Io } from '../../cli/io.ts'
import { type LocalDevice, startLocalDevice } from '../../cli/local-devices.ts'
import { ProgressLine } from '../../cli/terminal/progress.ts'
import type { Device, Job } from '../../coordinator/http/admin-api.ts'
import { fromUtf8, regionName, utf8 } from '../../protocol/index.ts'
import { countWords } from '../word-count/reference.ts'
import { wholeText } from './book.ts'
import { openDustCounters } from './dust.ts'
import { DUSTY, MOTES, writeSensors } from './motes.ts'
import {
  recordingsStartMs,
  reportSensing,
  type SensingOutcome,
  type SensingReport,
  submitCampaigns,
  watchSensing,
} from './sensing.ts'

const OWNERS = ['ann', 'bob', 'cat']
const DEVICES = ['ann-1', 'ann-2', 'bob-1', 'bob-2', 'cat-1', 'cat-2']
const CHEAT = 'bob-2'
const VICTIM = 'cat-2'
const SUBMITTER = 'melville'
/** A hundred credits. A job takes a quarter of what there is into escrow at most, and gets back what it does not need. */
const FUND_MICRO = '100000000'
const LINES_PER_UNIT = 20
/** Twenty lines burn up to 14 000 000. What is set aside for a unit that is out is the price of this. */
const UNIT_FUEL_MAX = 100_000_000
/** Short leases, so that a job of a second has enough of them to show how they travel. */
const LEASE_UNITS_MAX = 2
const POLL_MS = 25
/** The victim is killed at work; by this share of the job at the latest, whatever it does then. */
const KILL_BY = 0.4

/** The outcome as `--json` prints it. Amounts are decimal strings of micro-credits. */
export interface Outcome {
  ok: boolean
  seconds: number
  job: {
    id: string
    units: number
    replicas: number
    speculative: number
    matchesReference: boolean
    /** Of all units, each counted once. */
    fuel: string
    costMicro: string
  }
  devices: {
    id: string
    label: string
    owner: string
    units: number
    accepted: number
    rejected: number
    earnedMicro: string
    state: string
  }[]
  cheaters: { planted: number; caught: number; paidMicro: string }
  killed: number
  sensing: SensingOutcome
  ledger: { balanced: boolean; transfers: number }
}

/** What the report for people shows beyond the outcome. */
export interface Report {
  outcome: Outcome
  devices: Device[]
  job: Job
  top: [word: string, count: number][]
  words: number
  sensing: SensingReport
  audit: AuditReport
  cheatReason: string
  killedWithLeases: number
}

export interface RunningRegion {
  outcome: Outcome
  report: Report
  coordinator: RunningCoordinator
  stateDir: string
  token: string
  /** Resolves on Ctrl-C or SIGTERM. */
  untilStopped(): Promise<void>
  close(): Promise<void>
}

export async function runRegion(options: { io: Io; stateDir: string; json: boolean }): Promise<RunningRegion> {
  const { io, stateDir, json } = options
  rmSync(stateDir, { recursive: true, force: true })
  const say = (text: string) => {
    if (!json) io.stdout.write(`${text}\n`)
  }
  const dashboardDir = dashboardPath(io.entry)
  const coordinator = await startCoordinator({
    stateDir: join(stateDir, 'coordinator'),
    name: regionName('meadow'),
    ...(dashboardDir === null ? {} : { dashboardDir }),
    portFallback: true,
    openData: true,
    policy: RegionPolicy({ disconnectGraceMs: 1_000, checkpointMs: 500, receiptMs: 2_000 }),
    onFatal: error => {
      throw error
    },
  })
  say(`Region meadow listens on ${coordinator.mqttUrl} (blobs, administration and its page: ${coordinator.httpUrl}).`)
  const admin = createAdminClient(coordinator.httpUrl, coordinator.adminToken)
  const devices = new Map<string, LocalDevice>()
  const dust = await openDustCounters(io, DUSTY)
  const startMs = recordingsStartMs(io.clock.wallMs())
  for (const label of DEVICES) {
    const { code } = await admin.claimNew({ owner: label.slice(0, 3), lifetimeMs: 3_600_000 })
    const entry = label === CHEAT ? join(import.meta.dirname, 'cheat.ts') : io.entry
    const folder = join(stateDir, label)
    const mote = MOTES.find(({ device }) => device === label)
    if (mote !== undefined) writeSensors(folder, mote, startMs, dust.ports.get(label))
    devices.set(label, startLocalDevice({ stateDir: folder, claim: code, label }, { ...io, entry }))
  }
  const close = async () => {
    await Promise.all([...devices.values()].map(device => device.stop()))
    dust.close()
    await coordinator.close()
  }
  try {
    await allOnline(io, admin)
    say(
      `${DEVICES.length} devices of ${OWNERS.length} owners have joined. ${CHEAT} will lie, ${VICTIM} will be killed.`,
    )
    const { token } = await admin.submitterAdd({ name: SUBMITTER, fundMicro: FUND_MICRO })
    const beginMs = io.clock.monotonicMs()
    const text = wholeText()
    const { mqttUrl, httpUrl, name } = coordinator
    const client = await connectSubmitter({ mqttUrl, httpUrl, region: name, name: SUBMITTER, token })
    const handle = await submit(client, text)
    say(`Job ${handle.id}: the words of Moby-Dick, ${text.length.toLocaleString('en')} letters.`)
    const killedWithLeases = await watch(io, admin, handle, devices, json)
    const result = await handle.result()
    const seconds = (io.clock.monotonicMs() - beginMs) / 1_000
    const before = await admin.deviceList()
    const campaigns = await submitCampaigns(client, startMs, dust.ports.size > 0)
    say(`Campaigns ${campaigns.join(', ')}: six hours of four recorded motes, and dust as it comes.`)
    await watchSensing(io, admin, campaigns, json)
    const sensing = await reportSensing(admin, campaigns, startMs, before)
    await client.close()
    const report = await judge(io, admin, handle, fromUtf8(result.bytes), text, seconds, killedWithLeases, sensing)
    const untilStopped = () =>
      new Promise<void>(resolve => io.stop.addEventListener('abort', () => resolve(), { once: true }))
    return { outcome: report.outcome, report, coordinator, stateDir, token, untilStopped, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function submit(client: Awaited<ReturnType<typeof connectSubmitter>>, text: string): Promise<JobHandle> {
  const module = await client.upload(readFileSync(join(import.meta.dirname, '../word-count/build/word-count.wasm')))
  const source = await client.upload(utf8(text))
  return client.submit({
    name: 'words of Moby-Dick',
    task: { module: { sha256: module }, memoryMiB: 16, unitFuelMax: UNIT_FUEL_MAX },
    split: { kind: 'blob', source: { sha256: source }, by: 'lines', size: LINES_PER_UNIT },
    aggregate: { kind: 'merge-map' },
    verify: { theta: 0.99 },
    leaseUnitsMax: LEASE_UNITS_MAX,
  })
}

async function allOnline(io: Io, admin: AdminClient): Promise<void> {
  for (;;) {
    const online = (await admin.deviceList()).filter(device => device.online)
    if (online.length === DEVICES.length) return
    await pause(io)
  }
}

/** Draws the progress, and kills the victim in the middle of its work. @returns how many leases it held */
async function watch(
  io: Io,
  admin: AdminClient,
  handle: JobHandle,
  devices: ReadonlyMap<string, LocalDevice>,
  json: boolean,
): Promise<number> {
  const line = new ProgressLine(io)
  let killedWithLeases = -1
  for (;;) {
    const job = await admin.job(handle.id)
    if (!json) line.update({ ...job, done: job.unitsDone, verified: job.unitsVerified, spentMicro: job.spentMicro })
    if (job.finishedAtMs !== null) break
    const victim = (await admin.deviceList()).find(device => device.label === VICTIM)
    const isAtWork = victim !== undefined && victim.leasesOut > 0 && victim.unitsAccepted > 0
    if (killedWithLeases < 0 && victim && (isAtWork || job.unitsVerified > job.units * KILL_BY)) {
      killedWithLeases = victim.leasesOut
      devices.get(VICTIM)?.process.kill('SIGKILL')
    }
    await pause(io)
  }
  line.clear()
  return killedWithLeases
}

async function judge(
  io: Pick<Io, 'clock' | 'stop'>,
  admin: AdminClient,
  handle: JobHandle,
  lines: string,
  text: string,
  seconds: number,
  killedWithLeases: number,
  sensing: SensingReport,
): Promise<Report> {
  const [job, devices, audit, ledger] = await Promise.all([
    admin.job(handle.id),
    admin.deviceList(),
    auditRegion(admin, io.clock, io.stop),
    admin.ledgerBalance(),
  ])
  const counts = readCounts(lines)
  const reference = countWords(text)
  const matchesReference =
    counts.size === reference.size && [...reference].every(([word, count]) => counts.get(word) === count)
  const caught = devices.filter(device => device.standing === 'caught')
  const cheat = devices.find(device => device.label === CHEAT)
  const balanced = audit.ok && ledger.accounts.reduce((sum, account) => sum + BigInt(account.balanceMicro), 0n) === 0n
  const killed = killedWithLeases >= 0 ? 1 : 0
  const cheatCaught = caught.length === 1 && caught[0]?.label === CHEAT && cheat?.earnedMicro === '0'
  const outcome: Outcome = {
    ok: matchesReference && cheatCaught && killed === 1 && balanced,
    seconds: Math.round(seconds * 1_000) / 1_000,
    job: {
      id: job.id,
      units: job.units,
      replicas: job.replicaLeases,
      speculative: job.speculativeLeases,
      matchesReference,
      fuel: job.fuel,
      costMicro: job.spentMicro,
    },
    devices: devices.map(({ id, label, owner, unitsAccepted, unitsRejected, earnedMicro, standing, online }) => ({
      id,
      label,
      owner,
      units: unitsAccepted + unitsRejected,
      accepted: unitsAccepted,
      rejected: unitsRejected,
      earnedMicro,
      state: standing === 'joined' && !online ? 'offline' : standing,
    })),
    cheaters: { planted: 1, caught: caught.length, paidMicro: cheat?.earnedMicro ?? '' },
    killed,
    sensing: sensing.outcome,
    ledger: { balanced, transfers: audit.figures.transfers },
  }
  const top = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, 20)
  const words = [...counts.values()].reduce((sum, count) => sum + count, 0)
  return {
    outcome,
    devices,
    job,
    top,
    words,
    sensing,
    audit,
    cheatReason: cheat?.standingReason ?? '',
    killedWithLeases,
  }
}

/** The `word<TAB>count` lines of the answer. */
function readCounts(lines: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const line of lines.split('\n')) {
    const [word = '', count = ''] = line.split('\t')
    if (word !== '') counts.set(word, Number(count))
  }
  return counts
}

const pause = (io: Io): Promise<void> => new Promise(resolve => io.clock.setTimeout(resolve, POLL_MS))
