/** The leases of one job, found by their number or by their device. */
import type { DeviceId } from '../../protocol/index.ts'
import type { Lease } from './job.ts'

const NONE: ReadonlySet<Lease> = new Set()

/** By id, in the order in which they were handed out. */
export class JobLeases extends Map<number, Lease> {
  private readonly byDevice = new Map<DeviceId, Set<Lease>>()

  override set(id: number, lease: Lease): this {
    const known = this.byDevice.get(lease.device)
    if (known) known.add(lease)
    else this.byDevice.set(lease.device, new Set([lease]))
    return super.set(id, lease)
  }

  override delete(id: number): boolean {
    const lease = this.get(id)
    if (lease === undefined) return false
    const of = this.byDevice.get(lease.device)
    of?.delete(lease)
    if (of?.size === 0) this.byDevice.delete(lease.device)
    return super.delete(id)
  }

  /** Those of a device. */
  of(device: DeviceId): ReadonlySet<Lease> {
    return this.byDevice.get(device) ?? NONE
  }
}
