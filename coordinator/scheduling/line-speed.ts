/** How fast a device's line is, from leases that made it fetch something while it had nothing else to do. */
import type { DeviceId } from '../../protocol/index.ts'

/** Of a device nobody has measured: a slow home uplink, so that it is rather asked for little. */
const UNKNOWN_BYTES_PER_MS = 1_000
/** Less says more about the round trip than about the line. */
const BYTES_MIN = 65_536
const NEWEST_WEIGHT = 0.3
const BYTES_PER_MS_MAX = 1_000_000
const ENTRIES_MAX = 20_000

export class LineSpeeds {
  private readonly bytesPerMs = new Map<DeviceId, number>()

  of(device: DeviceId): number {
    return this.bytesPerMs.get(device) ?? UNKNOWN_BYTES_PER_MS
  }

  /** Milliseconds that so many bytes take to get there. */
  moveMs(device: DeviceId, bytes: number): number {
    return bytes / this.of(device)
  }

  /**
   * Learns from one lease.
   * @param bytes - that it made the device fetch
   * @param waitedMs - from the grant to the result, without the time it worked; a bound on the time the bytes took
   */
  learn(device: DeviceId, bytes: number, waitedMs: number): void {
    if (bytes < BYTES_MIN) return
    const newest = Math.min(BYTES_PER_MS_MAX, bytes / Math.max(1, waitedMs))
    const known = this.bytesPerMs.get(device)
    if (known === undefined && this.bytesPerMs.size >= ENTRIES_MAX) return
    this.bytesPerMs.set(device, known === undefined ? newest : known + NEWEST_WEIGHT * (newest - known))
  }
}
