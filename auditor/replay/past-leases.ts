/** Which device was paid for a lease of a job that is over, and who agreed with it, for as long as the region may look at it again by itself. */
import type { PaidRuns } from './runs.ts'

/** The leases of one job, 12 bytes each, and who was paid for its runs. */
interface Past {
  readonly endedAtMs: number
  /** In ascending order. */
  readonly leases: Float64Array
  /** For each lease, the number of its device. */
  readonly devices: Uint32Array
  /** Devices that were paid for the same run: how many, then their numbers, over and over. */
  readonly groups: Uint32Array
}

/** A lease that was paid. */
export interface PastLease {
  readonly device: string
  /** Who was paid for each of its device's runs in the job. */
  readonly groups: readonly (readonly string[])[]
}

/** Leases of jobs that ended within a holdback window. */
export class PastLeases {
  private readonly jobs: Past[] = []
  private readonly names: string[] = []
  private readonly numbers = new Map<string, number>()
  private windowMs = 0
  /** Leases that were paid before this are not all known. */
  private knownSinceMs = Number.NEGATIVE_INFINITY

  /** There was business before the log, or windows become longer: of what came before not all is known. */
  forget(atMs: number): void {
    this.knownSinceMs = Math.max(this.knownSinceMs, atMs)
  }

  /** The length of the windows from a moment on. */
  setWindow(windowMs: number, atMs: number): void {
    if (windowMs > this.windowMs && this.windowMs > 0) this.forget(atMs)
    this.windowMs = windowMs
  }

  /** A job ends. @param held - the device of each of its leases that were paid */
  add(held: ReadonlyMap<number, string>, runs: PaidRuns, endedAtMs: number): void {
    while (this.jobs[0] !== undefined && this.jobs[0].endedAtMs < endedAtMs - this.windowMs) this.jobs.shift()
    if (held.size === 0) return
    const leases = Float64Array.from(held.keys()).sort()
    const devices = Uint32Array.from(leases, lease => this.numberOf(held.get(lease) ?? ''))
    this.jobs.push({ endedAtMs, leases, devices, groups: this.groupsOf(runs) })
  }

  /** A lease that was paid; null when it was not within the window, and undefined when that cannot be known at this time. */
  find(lease: number, atMs: number): PastLease | null | undefined {
    for (const { endedAtMs, leases, devices, groups } of this.jobs) {
      const at = endedAtMs < atMs - this.windowMs ? -1 : indexOf(leases, lease)
      if (at >= 0) return this.told(devices[at] ?? 0, groups)
    }
    return atMs - this.knownSinceMs <= this.windowMs ? undefined : null
  }

  private told(device: number, flat: Uint32Array): PastLease {
    const groups: string[][] = []
    for (let at = 0; at < flat.length; at += 1 + (flat[at] ?? 0)) {
      const group = flat.subarray(at + 1, at + 1 + (flat[at] ?? 0))
      if (group.includes(device)) groups.push(Array.from(group, number => this.nameOf(number)))
    }
    return { device: this.nameOf(device), groups }
  }

  /** Each but once where it follows itself. */
  private groupsOf(runs: PaidRuns): Uint32Array {
    const flat: number[] = []
    for (const device of runs.alone()) flat.push(1, this.numberOf(device))
    let last: readonly string[] = []
    for (const { devices } of runs.all()) {
      if (devices.length < 2 || (devices.length === last.length && devices.every((device, i) => device === last[i])))
        continue
      flat.push(devices.length)
      for (const device of devices) flat.push(this.numberOf(device))
      last = devices
    }
    return Uint32Array.from(flat)
  }

  private nameOf(number: number): string {
    return this.names[number] ?? ''
  }

  private numberOf(device: string): number {
    const known = this.numbers.get(device)
    if (known !== undefined) return known
    this.numbers.set(device, this.names.length)
    return this.names.push(device) - 1
  }
}

/** Where a value is in an ascending array; -1 when it is not. */
function indexOf(values: Float64Array, value: number): number {
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((values[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return values[low] === value ? low : -1
}
