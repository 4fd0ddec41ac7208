/** Which leases each device holds and how long they should take it, and who holds how much of each job. */
import type { DeviceId, OwnerName } from '../../protocol/index.ts'
import type { Job, Lease } from '../jobs/job.ts'

interface Load {
  /** By lease id. */
  leases: Map<number, Lease>
  /** Sums of what its leases are expected to take. */
  estimateMs: number
  busyMs: number
}

/** What is out of one job. */
interface JobLoad {
  units: number
  readonly unitsByOwner: Map<OwnerName, number>
  readonly unitsByDevice: Map<DeviceId, number>
}

const NOTHING: Load = { leases: new Map(), estimateMs: 0, busyMs: 0 }

export class Loads {
  private readonly loads = new Map<DeviceId, Load>()
  private readonly jobLoads = new Map<Job, JobLoad>()
  private readonly leasesByOwner = new Map<OwnerName, number>()
  private readonly wake: (device: DeviceId) => void

  /** @param wake - told of each device that holds a lease less than before */
  constructor(wake: (device: DeviceId) => void = () => {}) {
    this.wake = wake
  }

  of(device: DeviceId): Readonly<Load> {
    return this.loads.get(device) ?? NOTHING
  }

  /** Whether a device of this owner is at work. */
  isAtWork(owner: OwnerName): boolean {
    return this.leasesByOwner.has(owner)
  }

  /** Devices that hold leases of a job. */
  devicesAt(job: Job): number {
    return this.jobLoads.get(job)?.unitsByDevice.size ?? 0
  }

  /** Units of a job that devices hold, a unit as often as it is out. */
  unitsOut(job: Job): number {
    return this.jobLoads.get(job)?.units ?? 0
  }

  /** Of these, the ones that a device holds. */
  unitsHeld(job: Job, device: DeviceId): number {
    return this.jobLoads.get(job)?.unitsByDevice.get(device) ?? 0
  }

  /**
   * Whether an owner holds more than a share of a job's units that are out.
   * @param shareMax - 0 to 1
   */
  holdsMoreThan(shareMax: number, job: Job, owner: OwnerName): boolean {
    const load = this.jobLoads.get(job)
    return load !== undefined && (load.unitsByOwner.get(owner) ?? 0) > shareMax * load.units
  }

  add(lease: Lease): void {
    const { device, owner, job, count } = lease
    let load = this.loads.get(device)
    if (!load) {
      load = { leases: new Map(), estimateMs: 0, busyMs: 0 }
      this.loads.set(device, load)
    }
    load.leases.set(lease.id, lease)
    load.estimateMs += lease.estimateMs
    load.busyMs += lease.busyMs
    let out = this.jobLoads.get(job)
    if (!out) {
      out = { units: 0, unitsByOwner: new Map(), unitsByDevice: new Map() }
      this.jobLoads.set(job, out)
    }
    out.units += count
    change(out.unitsByOwner, owner, count)
    change(out.unitsByDevice, device, count)
    change(this.leasesByOwner, owner, 1)
  }

  remove(lease: Lease): void {
    const { device, owner, job, count } = lease
    const load = this.loads.get(device)
    if (!load?.leases.delete(lease.id)) return
    load.estimateMs -= lease.estimateMs
    load.busyMs -= lease.busyMs
    if (load.leases.size === 0) this.loads.delete(device)
    this.wake(device)
    change(this.leasesByOwner, owner, -1)
    const out = this.jobLoads.get(job)
    if (!out) return
    out.units -= count
    change(out.unitsByOwner, owner, -count)
    change(out.unitsByDevice, device, -count)
    if (out.units === 0) this.jobLoads.delete(job)
  }
}

/** Changes a count, which is forgotten when it is 0. */
function change<Key>(counts: Map<Key, number>, key: Key, by: number): void {
  const count = (counts.get(key) ?? 0) + by
  if (count === 0) counts.delete(key)
  else counts.set(key, count)
}
