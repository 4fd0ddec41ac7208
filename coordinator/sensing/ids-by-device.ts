import type { DeviceId, SensorId } from '../../protocol/index.ts'

/** Sensors by a device that each has to do with, so that nobody looks through those of the whole fleet for one device's. */
export class IdsByDevice {
  private readonly ids = new Map<DeviceId, Set<SensorId>>()

  /** In the order in which they came to the device. */
  of(device: DeviceId): readonly SensorId[] {
    return [...(this.ids.get(device) ?? [])]
  }

  /** A sensor has to do with another device than before, or with none. */
  move(sensor: SensorId, from: DeviceId | null, to: DeviceId | null): void {
    if (from === to) return
    if (from !== null) this.remove(sensor, from)
    if (to === null) return
    const ids = this.ids.get(to)
    if (ids === undefined) this.ids.set(to, new Set([sensor]))
    else ids.add(sensor)
  }

  private remove(sensor: SensorId, device: DeviceId): void {
    const ids = this.ids.get(device)
    ids?.delete(sensor)
    if (ids?.size === 0) this.ids.delete(device)
  }
}
