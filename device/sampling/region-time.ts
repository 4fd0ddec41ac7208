/**
 * The region's time on a device whose own clock may be wrong by years, or restart with every boot. Only the monotonic clock is used,
 * and what the region says in its welcome.
 */
import type { Clock } from '../../protocol/index.ts'
import type { BootRow, Moment } from '../store/index.ts'
import { clippedUncertainty } from './block.ts'

/** How the machine's monotonic clock is known over restarts of the program. */
export interface Boot {
  /** The same until the machine is switched off, such as Linux's boot id. */
  readonly machine: string
  /** What the machine's monotonic clock shows when `Clock.monotonicMs` is 0. */
  readonly aheadMs: number
}

/** A time of the region, and how far it may be from the truth either way. */
export interface RegionMoment {
  readonly ms: number
  readonly uncertaintyMs: number
}

/** Crystals of small boards are within about 50 ppm over their range of temperature; twice that. */
const DRIFT = 100e-6

export class RegionTime {
  readonly #clock: Clock
  readonly #aheadMs: number
  readonly #rows: Map<number, BootRow>
  readonly #unsaved = new Set<number>()
  #current: BootRow

  /** @param rows - of all boots before, and of this one when the program was restarted */
  constructor(clock: Clock, boot: Boot, rows: readonly BootRow[]) {
    this.#clock = clock
    this.#aheadMs = boot.aheadMs
    this.#rows = new Map(rows.map(row => [row.id, row]))
    this.#current = rows.find(row => row.machine === boot.machine) ?? this.#newBoot(boot.machine, rows)
    this.#put({ ...this.#current, lastMs: Math.max(this.#current.lastMs, this.machineMs) })
  }

  /** The clock that new readings are timed by: 0, the region's, once that is known in this boot. */
  get boot(): number {
    return this.#current.offsetMs === null ? this.#current.id : 0
  }

  /** The id of this boot, whether or not its time is known. */
  get bootId(): number {
    return this.#current.id
  }

  get isKnown(): boolean {
    return this.#current.offsetMs !== null
  }

  /** The machine's own clock, in whole milliseconds since it was switched on. */
  get machineMs(): number {
    return Math.floor(this.#clock.monotonicMs() + this.#aheadMs)
  }

  /** Now, by the clock that {@link boot} names. */
  get now(): Moment {
    return { boot: this.boot, ms: this.machineMs + (this.#current.offsetMs ?? 0) }
  }

  /** How far {@link now} may be from the region's time; 0 while that is not known at all. */
  get uncertaintyMs(): number {
    return this.resolve({ boot: this.#current.id, ms: this.machineMs })?.uncertaintyMs ?? 0
  }

  /**
   * Hears the region's time. A worse answer than what is known does not replace it unless the two contradict each other.
   * @param regionMs - what the region's clock showed at some time during the round trip that ended now
   * @returns by how much the region's time by this device changed; 0 when it was not known before
   */
  learn(regionMs: number, roundTripMs: number): number {
    const { offsetMs } = this.#current
    const errorMs = Math.ceil(roundTripMs / 2) + 1
    const heard = Math.round(regionMs + roundTripMs / 2) - this.machineMs
    if (offsetMs !== null) {
      const doubtMs = this.uncertaintyMs
      if (doubtMs <= errorMs && Math.abs(heard - offsetMs) <= doubtMs + errorMs) return 0
    }
    this.#put({ ...this.#current, offsetMs: heard, errorMs, learntMs: this.machineMs })
    const startMs = Math.max(0, this.#current.firstMs + heard + errorMs)
    for (const row of this.#rows.values()) {
      if (row.id !== this.#current.id && row.offsetMs === null && row.afterMs === null) {
        this.#put({ ...row, afterMs: startMs })
      }
    }
    return offsetMs === null ? 0 : heard - offsetMs
  }

  /**
   * The region's time of a moment. Of a boot that never learnt it, the middle of when it may have been.
   * @returns null when nothing is known yet
   */
  resolve({ boot, ms }: Moment): RegionMoment | null {
    if (boot === 0) return { ms, uncertaintyMs: 0 }
    const row = this.#rows.get(boot)
    if (row === undefined) return null
    if (row.offsetMs !== null) {
      const driftMs = Math.abs(ms - (row.learntMs ?? ms)) * DRIFT
      return { ms: Math.max(0, ms + row.offsetMs), uncertaintyMs: clippedUncertainty((row.errorMs ?? 0) + driftMs) }
    }
    if (row.afterMs === null) return null
    // The boot lies somewhere between the two, as a whole.
    const beforeMs = row.beforeMs ?? 0
    const halfMs = (row.afterMs - beforeMs - (row.lastMs - row.firstMs)) / 2
    const middleMs = Math.max(0, Math.round(beforeMs + halfMs + (ms - row.firstMs)))
    return { ms: middleMs, uncertaintyMs: clippedUncertainty(Math.abs(halfMs)) }
  }

  /** Whether the moment's time is the region's to within drift, rather than somewhere in a stretch. */
  isExact({ boot }: Moment): boolean {
    return boot === 0 || (this.#rows.get(boot)?.offsetMs ?? null) !== null
  }

  /** What changed since it was asked last, for the store; that the device still runs is part of it. */
  unsaved(): BootRow[] {
    this.#put({ ...this.#current, lastMs: this.machineMs })
    return [...this.#unsaved].flatMap(id => this.#rows.get(id) ?? [])
  }

  saved(): void {
    this.#unsaved.clear()
  }

  #newBoot(machine: string, rows: readonly BootRow[]): BootRow {
    const id = Math.max(0, ...rows.map(row => row.id)) + 1
    const firstMs = this.machineMs
    const known = rows.flatMap(row => latestKnown(row) ?? [])
    const beforeMs = known.length === 0 ? null : Math.max(...known)
    const unknown = { offsetMs: null, errorMs: null, learntMs: null, afterMs: null }
    return { id, machine, firstMs, lastMs: firstMs, beforeMs, ...unknown }
  }

  #put(row: BootRow): void {
    this.#rows.set(row.id, row)
    this.#unsaved.add(row.id)
    if (row.id === this.#current.id) this.#current = row
  }
}

/** The region's time that it surely was when a boot was last seen; null when nothing is known of it. */
function latestKnown({ firstMs, lastMs, beforeMs, offsetMs, errorMs, learntMs }: BootRow): number | null {
  if (offsetMs === null) return beforeMs === null ? null : beforeMs + (lastMs - firstMs)
  const doubtMs = (errorMs ?? 0) + Math.abs(lastMs - (learntMs ?? lastMs)) * DRIFT
  return Math.max(0, Math.floor(lastMs + offsetMs - doubtMs))
}
