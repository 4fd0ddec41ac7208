/**
 * Which devices changed since somebody looks. Nothing tells of every change, so the fleet is gone through, a part at a time: going
 * through ten thousand devices at once would hold up everything else for 10 to 25 ms.
 */
import type { Member } from '../fleet/fleet.ts'
import type { Device } from '../http/admin-api.ts'

export interface DeviceChangesComponents {
  fleet: { all(): IterableIterator<Member>; readonly size: number }
  view(member: Member): Device
}

/** Devices told of at once; others follow. */
export const DEVICES_TOLD_MAX = 1_000

export class DeviceChanges {
  private readonly components: DeviceChangesComponents
  /** Each device as it was told of last, or first seen. */
  private readonly told = new Map<string, Device>()
  private changed = new Map<string, Device>()
  private round: IterableIterator<Member> | null = null

  constructor(components: DeviceChangesComponents) {
    this.components = components
  }

  /** Somebody looks from now on. Once for all: a device that is seen first after this is new. */
  begin(): void {
    const { fleet, view } = this.components
    for (const member of fleet.all()) this.told.set(member.row.id, view(member))
  }

  /** Goes through a part of the fleet, and begins again at its end. @param parts - in how many the fleet is divided */
  scan(parts: number): void {
    const { fleet, view } = this.components
    this.round ??= fleet.all()
    for (let left = Math.ceil(fleet.size / parts); left > 0 && this.changed.size < DEVICES_TOLD_MAX; left--) {
      const next = this.round.next()
      if (next.done) {
        this.round = null
        return
      }
      this.look(view(next.value))
    }
  }

  /** Takes what has changed: each device once, as it was when it was looked at. */
  take(): Device[] {
    const { changed } = this
    this.changed = new Map()
    return [...changed.values()]
  }

  /** Nobody looks any more. */
  forget(): void {
    this.told.clear()
    this.changed.clear()
    this.round = null
  }

  private look(device: Device): void {
    const before = this.told.get(device.id)
    if (before !== undefined && isSame(before, device)) return
    this.told.set(device.id, device)
    this.changed.set(device.id, device)
  }
}

function isSame(a: Device, b: Device): boolean {
  for (const name in a) if (a[name as keyof Device] !== b[name as keyof Device]) return false
  return true
}
