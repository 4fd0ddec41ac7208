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
/** Pairs of a device and a module: ten of each device of a large region. */
const ENTRIES_MAX = 100_000
const MODULES_MAX = 1_000

export class Rates {
  private readonly rates = new Map<string, Rate>()
  /** On any device; apart, so that many devices do not push the few modules out. */
  private readonly modules = new Map<Sha256Hex, Rate>()
  /** Units a millisecond that a device cannot do, since it last answered. */
  private readonly ceilings = new Map<string, number>()

  learn(device: DeviceId, module: Sha256Hex, units: number, elapsedMs: number, outputBytes: number): void {
    const newest = {
      unitsPerMs: units / Math.max(elapsedMs, ELAPSED_MIN_MS),
      outputBytesPerUnit: outputBytes / units,
      unitsSeen: units,
    }
    this.ceilings.delete(`${device}/${module}`)
    mix(this.rates, `${device}/${module}`, newest, ENTRIES_MAX)
    mix(this.modules, module, newest, MODULES_MAX)
  }

  /**
   * A device has not finished a lease in time: it is no faster than that. Without this a task that was cheap in one job would be given
   * too little time in another, again and again.
   */
  noFaster(device: DeviceId, module: Sha256Hex, units: number, elapsedMs: number): void {
    const key = `${device}/${module}`
    const unitsPerMs = Math.min(this.ceilings.get(key) ?? Number.POSITIVE_INFINITY, units / elapsedMs)
    if (this.ceilings.size >= ENTRIES_MAX && !this.ceilings.has(key)) forgetOldest(this.ceilings)
    this.ceilings.set(key, unitsPerMs)
  }

  /** Whether this very device has returned a lease of the module. */
  knows(device: DeviceId, module: Sha256Hex): boolean {
    return this.rates.has(`${device}/${module}`)
  }

  /** What is known, or null when the module has never come back from anywhere. */
  of(device: DeviceId, module: Sha256Hex): Rate | null {
    const key = `${device}/${module}`
    const rate = this.rates.get(key) ?? this.modules.get(module) ?? null
    const ceiling = this.ceilings.get(key)
    return rate === null || ceiling === undefined || ceiling >= rate.unitsPerMs
      ? rate
      : { ...rate, unitsPerMs: ceiling }
  }
}

function mix<Key>(rates: Map<Key, Rate>, key: Key, newest: Rate, entriesMax: number): void {
  const known = rates.get(key)
  if (!known) {
    if (rates.size >= entriesMax) forgetOldest(rates)
    rates.set(key, { ...newest })
    return
  }
  known.unitsPerMs += NEWEST_WEIGHT * (newest.unitsPerMs - known.unitsPerMs)
  known.outputBytesPerUnit += NEWEST_WEIGHT * (newest.outputBytesPerUnit - known.outputBytesPerUnit)
  known.unitsSeen = Math.max(known.unitsSeen, newest.unitsSeen)
}

function forgetOldest<Key>(entries: Map<Key, unknown>): void {
  const oldest = entries.keys().next()
  if (!oldest.done) entries.delete(oldest.value)
}
