/** Keeps why devices are passed over: what holds for a device whatever the job, and what speaks against it at each job. */
import type { DeviceId, JobId } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { Member } from '../fleet/fleet.ts'
import type { Job } from '../jobs/job.ts'
import type { PassedOverRow } from '../store/rows.ts'
import { DEVICE_PASSES, type DevicePass, JOB_PASSES, type JobPass, lasts, type Pass, withoutNumbers } from './passes.ts'
import { Tallies } from './tallies.ts'

/** Devices of which a job keeps the reason: enough to see a pattern, few enough for every job to afford. The others are counted. */
const DEVICES_MAX = 256
/** What has been the reason before may be it again, in turn with another, thousands of times: its row changes no oftener. */
const CHANGED_EVERY_MS = 10_000
/** Counts are written as often, and when their job is over: of a device that is busy all day a row an hour is enough. */
const JOB_KEPT_EVERY_MS = 60_000
const DEVICE_KEPT_EVERY_MS = 3_600_000
/** Scopes whose counts are written in one step. */
const KEPT_PER_STEP = 256
const LOOK_EVERY_MS = 1_000

export const deviceScope = (device: DeviceId): string => `device/${device}`
export const jobScope = (job: JobId): string => `job/${job}`
export const secondLookScope = (job: JobId): string => `second-look/${job}`

/** What of one device's reasons at a job is remembered. */
interface Excluded {
  /** A bit for each kind that was written. */
  seen: number
  kind: JobPass
  writtenAtMs: number
}

interface JobPasses {
  readonly tallies: Tallies
  readonly devices: Map<DeviceId, Excluded>
}

export class PassBook {
  private readonly read: (scope: string) => readonly PassedOverRow[]
  private readonly devices = new Map<DeviceId, Tallies>()
  private readonly jobs = new Map<Job, JobPasses>()
  private readonly countedDevices = new Set<Tallies>()
  private nextLookMs = 0

  /** @param read - what is stored of a scope; asked once for each, when something is first said of it */
  constructor(read: (scope: string) => readonly PassedOverRow[] = () => []) {
    this.read = read
  }

  /** A device has no room for work. */
  noteDevice({ row: { id } }: Member, { kind, reason }: Pass<DevicePass>, wallMs: number, batch: Batch): void {
    const tallies = this.ofDevice(id)
    for (const other of DEVICE_PASSES) if (other !== kind) tallies.end(other, wallMs, batch)
    if (!lasts(kind)) {
      if (!tallies.add(kind, reason, false, wallMs, batch)) this.countedDevices.add(tallies)
      return
    }
    const known = tallies.of(kind)
    const isSame =
      known?.untilMs === null && (known.reason === reason || withoutNumbers(known.reason) === withoutNumbers(reason))
    if (!isSame) tallies.add(kind, reason, true, wallMs, batch)
  }

  /** It has room again. */
  noteRoom({ row: { id } }: Member, wallMs: number, batch: Batch): void {
    for (const { kind, untilMs } of this.ofDevice(id).all()) {
      if (untilMs === null) this.ofDevice(id).end(kind, wallMs, batch)
    }
  }

  /** Nothing of a job was handed to anybody. */
  noteJob(job: Job, { kind, reason }: Pass<JobPass>, wallMs: number, batch: Batch): void {
    this.ofJob(job).tallies.add(kind, reason, false, wallMs, batch)
  }

  /** A device with room got nothing of a job. */
  note(job: Job, { row: { id } }: Member, pass: Pass<JobPass>, wallMs: number, batch: Batch): void {
    const { tallies, devices } = this.ofJob(job)
    tallies.add(pass.kind, pass.reason, false, wallMs, batch)
    // Their rows are the job's that is looked at, or nobody's.
    if (job.retrial || job.check) return
    const bit = 1 << JOB_PASSES.indexOf(pass.kind)
    let known = devices.get(id)
    if (known === undefined) {
      if (devices.size >= DEVICES_MAX) return
      known = { seen: 0, kind: pass.kind, writtenAtMs: 0 }
      devices.set(id, known)
    }
    const isNew = (known.seen & bit) === 0
    if (!isNew && (known.kind === pass.kind || wallMs - known.writtenAtMs < CHANGED_EVERY_MS)) return
    known.seen |= bit
    known.kind = pass.kind
    known.writtenAtMs = wallMs
    const row = { job: job.row.id, device: id, reason: pass.reason, atMs: Math.round(wallMs) }
    batch.write({ table: 'exclusion', row })
  }

  /** Writes counts whose time has come, and forgets jobs that are over. Cheap when nothing is due. */
  keep(wallMs: number, batch: Batch): void {
    if (wallMs < this.nextLookMs) return
    this.nextLookMs = wallMs + LOOK_EVERY_MS
    for (const [job, { tallies }] of this.jobs) {
      const isOver = isEnded(job)
      tallies.keep(wallMs, isOver ? 0 : JOB_KEPT_EVERY_MS, batch)
      if (isOver) this.jobs.delete(job)
    }
    let kept = 0
    for (const tallies of this.countedDevices) {
      if (!tallies.keep(wallMs, DEVICE_KEPT_EVERY_MS, batch)) continue
      this.countedDevices.delete(tallies)
      if (++kept >= KEPT_PER_STEP) break
    }
  }

  private ofDevice(device: DeviceId): Tallies {
    let tallies = this.devices.get(device)
    if (tallies === undefined) {
      const scope = deviceScope(device)
      tallies = new Tallies(scope, this.read(scope))
      this.devices.set(device, tallies)
    }
    return tallies
  }

  private ofJob(job: Job): JobPasses {
    let passes = this.jobs.get(job)
    if (passes === undefined) {
      const scope = job.retrial === null ? jobScope(job.row.id) : secondLookScope(job.row.id)
      passes = { tallies: new Tallies(scope, this.read(scope)), devices: new Map() }
      this.jobs.set(job, passes)
    }
    return passes
  }
}

/** A job that is being put together may yet get units back; a second look does not. */
function isEnded({ row, retrial }: Job): boolean {
  return row.state !== 'running' && (row.state !== 'aggregating' || retrial !== null)
}
