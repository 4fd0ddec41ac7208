/** Which units of an open job have been paid for, in which runs, and to whom. */

/** A run of units that at least one device was paid for. */
export interface PaidRun {
  readonly first: number
  readonly count: number
  /** The SHA-256 of its accepted outputs, as text of one character a byte: a third of the memory of bytes. */
  readonly digest: string
  readonly fuel: number
  /** What its first device was paid. */
  readonly deviceMicro: bigint
  /** Devices in the order of their payments. */
  readonly devices: string[]
}

/** A page of bits is made when a unit of it is first paid. */
const PAGE_UNITS = 32_768

/** Runs by their first unit. A bit for each unit tells whether a new run lies across others. */
export class PaidRuns {
  private readonly runs = new Map<number, PaidRun>()
  private readonly taken = new Map<number, Uint32Array>()
  /** Runs that rest on one device's word, by device. */
  private readonly solo = new Map<string, Set<PaidRun>>()

  get size(): number {
    return this.runs.size
  }

  all(): IterableIterator<PaidRun> {
    return this.runs.values()
  }

  find(first: number): PaidRun | undefined {
    return this.runs.get(first)
  }

  /** The first unit of a stretch that is in a run already; null when there is none. */
  firstTaken(first: number, count: number): number | null {
    for (let unit = first; unit < first + count; unit++) {
      if (((this.pageOf(unit)[(unit % PAGE_UNITS) >>> 5] ?? 0) & (1 << (unit & 31))) !== 0) return unit
    }
    return null
  }

  add(run: PaidRun): void {
    this.runs.set(run.first, run)
    this.mark(run, true)
    const [device] = run.devices
    if (device === undefined) return
    let runs = this.solo.get(device)
    if (runs === undefined) {
      runs = new Set()
      this.solo.set(device, runs)
    }
    runs.add(run)
  }

  /** One more device is paid for a run. */
  join(run: PaidRun, device: string): void {
    const [first] = run.devices
    if (first !== undefined) this.solo.get(first)?.delete(run)
    run.devices.push(device)
  }

  /** Devices on whose word alone some run rests. */
  *alone(): Iterable<string> {
    for (const [device, runs] of this.solo) if (runs.size > 0) yield device
  }

  /** Forgets the runs that rest on one device's word: they are done again. */
  takeBack(device: string): PaidRun[] {
    const runs = [...(this.solo.get(device) ?? [])]
    this.solo.delete(device)
    for (const run of runs) {
      this.runs.delete(run.first)
      this.mark(run, false)
    }
    return runs
  }

  private mark({ first, count }: PaidRun, taken: boolean): void {
    for (let unit = first; unit < first + count; unit++) {
      const page = this.pageOf(unit)
      const at = (unit % PAGE_UNITS) >>> 5
      const bit = 1 << (unit & 31)
      const bits = page[at] ?? 0
      page[at] = taken ? bits | bit : bits & ~bit
    }
  }

  private pageOf(unit: number): Uint32Array {
    const number = Math.floor(unit / PAGE_UNITS)
    let page = this.taken.get(number)
    if (page === undefined) {
      page = new Uint32Array(PAGE_UNITS / 32)
      this.taken.set(number, page)
    }
    return page
  }
}
