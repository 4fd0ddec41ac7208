/** Which leases each device holds and how long they should take it. */
import type { DeviceId } from '../../protocol/index.ts'
import type { Lease } from './job.ts'

interface Load {
  /** By lease id. */
  leases: Map<number, Lease>
  estimateMs: number
}

const NOTHING: Load = { leases: new Map(), estimateMs: 0 }

export class Loads {
  private readonly loads = new Map<DeviceId, Load>()

  of(device: DeviceId): Readonly<Load> {
    return this.loads.get(device) ?? NOTHING
  }

  add(lease: Lease): void {
    let load = this.loads.get(lease.device)
    if (!load) {
      load = { leases: new Map(), estimateMs: 0 }
      this.loads.set(lease.device, load)
    }
    load.leases.set(lease.id, lease)
    load.estimateMs += lease.estimateMs
  }

  remove(lease: Lease): void {
    const load = this.loads.get(lease.device)
    if (!load?.leases.delete(lease.id)) return
    load.estimateMs -= lease.estimateMs
    if (load.leases.size === 0) this.loads.delete(lease.device)
  }
}
