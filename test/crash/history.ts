/** What a database once said on stable storage, to hold it against what it says after the next kill. */
import type { Row } from './snapshot.ts'

export class History {
  readonly #leases = new Map<string, string>()
  #purposes: readonly string[] = []

  /**
   * A lease goes from `out` to anything once. What was returned is kept until it is accepted, since no device here lies: an
   * answer that waits for others and is dropped instead would be work that was acknowledged and never paid.
   */
  checkLeases(leases: Iterable<Row>, found: string[]): void {
    const gone = new Set(this.#leases.keys())
    for (const row of leases) {
      const id = String(row.id)
      const state = String(row.state)
      const before = this.#leases.get(id)
      gone.delete(id)
      this.#leases.set(id, state)
      if (before === undefined || before === state || before === 'out') continue
      if (before !== 'returned' || state !== 'accepted') found.push(`Lease ${id} was ${before} and is ${state} now.`)
    }
    for (const id of gone) found.push(`Lease ${id} was there and is gone.`)
  }

  /** Transfers are only ever added. */
  checkTransfers(purposes: readonly string[], found: string[]): void {
    const changed = this.#purposes.findIndex((purpose, index) => purposes[index] !== purpose)
    if (changed >= 0) found.push(`The transfer for ${this.#purposes[changed]} was booked and is gone.`)
    this.#purposes = purposes
  }
}
