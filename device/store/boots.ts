/** What is known of the clocks that a device has had: one row for each time its machine was switched on. */
import type { DatabaseSync } from 'node:sqlite'

/** A moment by one of a device's clocks, in whole milliseconds. Boot 0 is the region's time. */
export interface Moment {
  readonly boot: number
  readonly ms: number
}

/** One run of the machine's own clock, which starts anew with each boot. Times in whole milliseconds of that clock unless said otherwise. */
export interface BootRow {
  /** 1 and up. */
  readonly id: number
  /** What tells this boot from others, such as Linux's boot id. */
  readonly machine: string
  /** When the device was first seen running in it, and last. */
  readonly firstMs: number
  readonly lastMs: number
  /** Region's time before which `firstMs` cannot have been; null when the device had never learnt it. */
  readonly beforeMs: number | null
  /** What makes region's time of this clock, and how far it may be wrong at `learntMs`; null until the region has told. */
  readonly offsetMs: number | null
  readonly errorMs: number | null
  readonly learntMs: number | null
  /** Region's time after which `lastMs` cannot have been; null until a later boot has learnt it. */
  readonly afterMs: number | null
}

export interface Boots {
  all(): BootRow[]
  /** Inserts or replaces. */
  save(row: BootRow): void
  remove(id: number): void
}

/** The boot table of an open database. */
export function openBoots(db: DatabaseSync): Boots {
  const all = db.prepare('SELECT * FROM boot ORDER BY id')
  const save = db.prepare('INSERT OR REPLACE INTO boot VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const remove = db.prepare('DELETE FROM boot WHERE id = ?')
  return {
    all: () =>
      all.all().map(row => ({
        id: Number(row.id),
        machine: String(row.machine),
        firstMs: Number(row.first_ms),
        lastMs: Number(row.last_ms),
        beforeMs: maybe(row.before_ms),
        offsetMs: maybe(row.offset_ms),
        errorMs: maybe(row.error_ms),
        learntMs: maybe(row.learnt_ms),
        afterMs: maybe(row.after_ms),
      })),
    save(row) {
      const { id, machine, firstMs, lastMs, beforeMs, offsetMs, errorMs, learntMs, afterMs } = row
      save.run(id, machine, firstMs, lastMs, beforeMs, offsetMs, errorMs, learntMs, afterMs)
    },
    remove: id => void remove.run(id),
  }
}

function maybe(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value)
}
