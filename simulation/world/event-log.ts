/** Everything that happened, as a hash that two runs of a seed must share, and its last lines for whoever looks into a failure. */
import { createHash } from 'node:crypto'

/** Lines kept for people. */
const TAIL_LINES = 120

export class EventLog {
  readonly #hash = createHash('sha256')
  readonly #tail: string[] = []
  readonly #sometimes = new Map<string, number>()
  #lines = 0

  /** Lines so far. */
  get lines(): number {
    return this.#lines
  }

  /** Notes one event. `bytes` go into the hash only. */
  note(atMs: number, line: string, bytes?: Uint8Array): void {
    this.#lines++
    const text = `${atMs.toFixed(3)} ${line}\n`
    this.#hash.update(text)
    if (bytes !== undefined) this.#hash.update(bytes)
    this.#tail.push(text)
    if (this.#tail.length > 2 * TAIL_LINES) this.#tail.splice(0, TAIL_LINES)
  }

  /** A rare state was reached. A fleet of seeds that never reaches one proves nothing about it. */
  sometimes(state: string, times = 1): void {
    if (times > 0) this.#sometimes.set(state, (this.#sometimes.get(state) ?? 0) + times)
  }

  /** How often each rare state was reached. */
  reached(): ReadonlyMap<string, number> {
    return this.#sometimes
  }

  tail(): readonly string[] {
    return this.#tail.slice(-TAIL_LINES)
  }

  /** In hexadecimal, of all that was noted so far. */
  digest(): string {
    return this.#hash.copy().digest('hex')
  }
}
