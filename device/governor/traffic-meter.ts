/** Counts what this machine moves over the network in a calendar month. The kernel forgets its counts when an interface or the machine restarts. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Traffic } from './readings.ts'

/** The interface of the default route and its count, which begins anew at 0. */
export interface InterfaceCount {
  readonly name: string
  readonly bytes: number
}

/** Where counts are kept. */
export interface TrafficInit {
  /** Made when missing. */
  readonly path: string
  /** Names this start of the machine: interface counts of another start say nothing about this one. */
  readonly boot: string
  /** False: looks at what another process keeps, and writes nothing. */
  readonly keeps: boolean
}

/** What is kept between starts. */
interface Kept {
  /** Such as `2026-09`, by this machine's time zone. */
  readonly month: string
  readonly bytes: number
  /** The last count of each interface. */
  readonly counts: Readonly<Record<string, number>>
}

/** A card should not be written more often for this; after a crash so much time is not counted. */
const SAVE_EVERY_MS = 600_000
const NOTHING: Kept = { month: '', bytes: 0, counts: {} }

export class TrafficMeter {
  readonly #init: TrafficInit
  #kept: Kept
  #savedMs: number | null = null

  constructor(init: TrafficInit) {
    this.#init = init
    this.#kept = load(init)
  }

  /** Takes a count. @param wallMs - for the month; @param nowMs - monotonic */
  count(now: InterfaceCount | null, wallMs: number, nowMs: number): Traffic {
    const date = new Date(wallMs)
    const month = `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}`
    const { counts } = this.#kept
    const before = now === null ? 0 : (counts[now.name] ?? 0)
    // A count that is smaller than before began anew.
    const added = now === null ? 0 : now.bytes >= before ? now.bytes - before : now.bytes
    const isFirst = this.#kept.month === ''
    const base = this.#kept.month === month ? this.#kept.bytes : 0
    this.#kept = {
      month,
      // What was moved before the first look belongs to nobody knows which month.
      bytes: isFirst ? 0 : base + added,
      counts: now === null ? counts : { ...counts, [now.name]: now.bytes },
    }
    if (this.#savedMs === null || nowMs - this.#savedMs >= SAVE_EVERY_MS) this.save(nowMs)
    return { bytes: this.#kept.bytes }
  }

  /** Writes what is known; a card that cannot be written keeps an older count. */
  save(nowMs: number): void {
    const { path, boot, keeps } = this.#init
    if (!keeps) return
    this.#savedMs = nowMs
    try {
      writeFileSync(`${path}.new`, JSON.stringify({ boot, ...this.#kept }), { mode: 0o600 })
      renameSync(`${path}.new`, path)
    } catch {
      // The month's count goes on in memory.
    }
  }
}

/** What was kept; nothing when the file is missing or damaged. After a restart of the machine the counts begin at 0. */
function load({ path, boot }: TrafficInit): Kept {
  try {
    const kept = JSON.parse(readFileSync(path, 'utf8'))
    const { month, bytes, counts } = kept
    if (typeof month !== 'string' || !Number.isSafeInteger(bytes) || bytes < 0) return NOTHING
    return { month, bytes, counts: kept.boot === boot && typeof counts === 'object' && counts !== null ? counts : {} }
  } catch {
    return NOTHING
  }
}
