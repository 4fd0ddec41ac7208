/**
 * How fast each device runs each module, learnt from returned leases: device and module first, the module on any device
 * next, nothing otherwise (BOINC's chain of estimates, sched/sched_version.cpp).
 */
import type { DeviceId, Sha256Hex } from '../../protocol/index.ts'

export interface Rate {
  unitsPerMs: number
  outputBytesPerUnit: number
  /** Units of the longest lease it was learnt from: a lease grows from here, step by step. */
  unitsSeen: number
}

/** Weight of the newest lease. High, because the load on a Pi changes within minutes. */
const NEWEST_WEIGHT = 0.5
/** Timers on the device count whole milliseconds; half of one stands for "less than one". */
const ELAPSED_MIN_MS = 0.5
const ENTRIES_MAX = 20_000

export class Rates {
  private readonly rates = new Map<string, Rate>()

  learn(device: DeviceId, module: Sha256Hex, units: number, elapsedMs: number, outputBytes: number): void {
    const newest = {
      unitsPerMs: units / Math.max(elapsedMs, ELAPSED_MIN_MS),
      outputBytesPerUnit: outputBytes / units,
      unitsSeen: units,
    }
    this.mix(`${device}/${module}`, newest)
    this.mix(module, newest)
  }

  /** Whether this very device has returned a lease of the module. */
  knows(device: DeviceId, module: Sha256Hex): boolean {
    return this.rates.has(`${device}/${module}`)
  }

  /** What is known, or null when the module has never come back from anywhere. */
  of(device: DeviceId, module: Sha256Hex): Rate | null {
    return this.rates.get(`${device}/${module}`) ?? this.rates.get(module) ?? null
  }

  private mix(key: string, newest: Rate): void {
    const known = this.rates.get(key)
    if (!known) {
      if (this.rates.size >= ENTRIES_MAX) this.forgetOldest()
      this.rates.set(key, { ...newest })
      return
    }
    known.unitsPerMs += NEWEST_WEIGHT * (newest.unitsPerMs - known.unitsPerMs)
    known.outputBytesPerUnit += NEWEST_WEIGHT * (newest.outputBytesPerUnit - known.outputBytesPerUnit)
    known.unitsSeen = Math.max(known.unitsSeen, newest.unitsSeen)
  }

  private forgetOldest(): void {
    const oldest = this.rates.keys().next().value
    if (oldest !== undefined) this.rates.delete(oldest)
  }
}
