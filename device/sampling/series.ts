/** The newest readings of one stream, in memory until they are on disk. */
import { columnsOf, type GapCause, type Profile, type SensorFault } from '../../protocol/index.ts'
import type { Moment } from '../store/index.ts'
import { type Block, spansOf } from './block.ts'

/** A stretch without readings, or with fewer; `to` is exclusive. */
export interface GapNote {
  readonly from: Moment
  readonly to: Moment
  readonly cause: GapCause
}

/** What is to be written of a stream, in this order. */
export interface PendingWrite {
  /** Null when only what is on disk already is to be closed. */
  readonly block: Block | null
  /** No more readings join these in a frame. */
  readonly closes: boolean
}

/** One reading: a value or NaN for each column, and a fault or null for each channel. */
export interface ReadingValues {
  readonly values: readonly number[]
  readonly faults: readonly (SensorFault | null)[]
}

export class Series {
  readonly #profile: Profile
  readonly #nothing: ReadingValues
  /** Readings that make a frame full. */
  readingsPerFrame: number
  #writes: PendingWrite[] = []
  #gaps: GapNote[] = []
  /** The part of the open frame that is not on disk, and how many of its readings are. */
  #from: Moment | null = null
  #uncertaintyMs = 0
  #columns: number[][] = []
  #faults: (SensorFault | null)[][] = []
  #stored = 0
  #end: Moment | null

  /** @param end - where the next reading is expected; null for a stream that never had one */
  constructor(profile: Profile, readingsPerFrame: number, end: Moment | null) {
    this.#profile = profile
    this.readingsPerFrame = readingsPerFrame
    this.#end = end
    this.#nothing = {
      values: new Array(columnsOf(profile)).fill(Number.NaN),
      faults: new Array(profile.channels.length).fill(null),
    }
    this.#begin()
  }

  /** Where the next reading is expected. */
  get end(): Moment | null {
    return this.#end
  }

  /** Readings of the open frame, in memory and on disk. */
  get openCount(): number {
    return this.#stored + this.#inMemory
  }

  /** Adds a reading. One that does not follow the last closes what came before. */
  append(at: Moment, uncertaintyMs: number, reading: ReadingValues): void {
    if (this.#end === null || this.#end.boot !== at.boot || this.#end.ms !== at.ms) this.close()
    this.#from ??= at
    this.#uncertaintyMs = Math.max(this.#uncertaintyMs, uncertaintyMs)
    for (const [i, column] of this.#columns.entries()) column.push(reading.values[i] ?? Number.NaN)
    for (const [i, faults] of this.#faults.entries()) faults.push(reading.faults[i] ?? null)
    this.#end = { boot: at.boot, ms: at.ms + this.#profile.periodMs }
    if (this.openCount >= this.readingsPerFrame) this.close()
  }

  /** Adds readings without values up to a moment, so that one frame holds what is before and after. */
  fillTo(to: Moment): void {
    while (this.#end !== null && this.#end.boot === to.boot && this.#end.ms < to.ms) {
      this.append(this.#end, this.#uncertaintyMs, this.#nothing)
    }
  }

  note(gap: GapNote): void {
    this.#gaps.push(gap)
  }

  /** No more readings join those so far in a frame. */
  close(): void {
    if (this.openCount === 0) return
    this.#writes.push({ block: this.#take(), closes: true })
    this.#stored = 0
  }

  /** What is not on disk, complete frames and the beginning of the next. */
  pending(): { writes: readonly PendingWrite[]; gaps: readonly GapNote[] } {
    const open = this.#inMemory === 0 ? [] : [{ block: this.#peek(), closes: false }]
    return { writes: [...this.#writes, ...open], gaps: this.#gaps }
  }

  /** Whether something that makes a frame is not on disk. */
  get hasComplete(): boolean {
    return this.#writes.length > 0
  }

  /** Whether there is anything to write. */
  get hasPending(): boolean {
    return this.#writes.length + this.#gaps.length + this.#inMemory > 0
  }

  /** All that was pending is on disk. */
  committed(): void {
    this.#stored += this.#inMemory
    this.#writes = []
    this.#gaps = []
    this.#begin()
  }

  /** Readings in memory. */
  get buffered(): number {
    return this.#writes.reduce((sum, { block }) => sum + (block?.count ?? 0), this.#inMemory)
  }

  /** Gives up the oldest readings in memory, which had no room on the disk. */
  dropOldest(): void {
    this.close()
    const dropped = this.#writes.find(({ block }) => block !== null)
    const { block } = dropped ?? {}
    if (dropped === undefined || block === null || block === undefined) return
    // What is on disk of this frame stays and is closed.
    this.#writes = this.#writes.map(write => (write === dropped ? { ...write, block: null } : write))
    const { boot, fromMs, count } = block
    const to = { boot, ms: fromMs + count * this.#profile.periodMs }
    const last = this.#gaps.at(-1)
    const meets = last?.cause === 'disk' && last.to.boot === boot && last.to.ms === fromMs
    if (meets) this.#gaps.splice(-1, 1, { ...last, to })
    else this.note({ from: { boot, ms: fromMs }, to, cause: 'disk' })
  }

  get #inMemory(): number {
    return this.#columns[0]?.length ?? 0
  }

  #begin(): void {
    this.#from = null
    this.#uncertaintyMs = 0
    this.#columns = Array.from({ length: columnsOf(this.#profile) }, () => [])
    this.#faults = this.#profile.channels.map(() => [])
  }

  #peek(): Block | null {
    if (this.#from === null) return null
    return {
      boot: this.#from.boot,
      fromMs: this.#from.ms,
      uncertaintyMs: this.#uncertaintyMs,
      count: this.#inMemory,
      columns: this.#columns.map(column => Float64Array.from(column)),
      faults: spansOf(this.#faults),
    }
  }

  #take(): Block | null {
    const block = this.#peek()
    this.#begin()
    return block
  }
}
