/** Finds where the units of a text blob end. The same scan serves the coordinator's index and the device's cut. */
import { assert } from '../errors.ts'

/**
 * Scans bytes for every `perUnit`-th delimiter and reports the offset behind it. The bytes may come in pieces cut anywhere.
 * Delimiters are found from left to right and never overlap; a search begins anew behind each, so a scan that starts at any
 * reported offset reports the same offsets from there on. (Knuth, Morris, Pratt: no byte is read twice.)
 */
export class BoundaryScan {
  readonly #delimiter: Uint8Array
  readonly #perUnit: number
  readonly #failure: Uint8Array
  /** Bytes of the delimiter matched so far. */
  #matched = 0
  #ends = 0
  #scanned = 0

  /**
   * @param delimiter - 1..{@link LIMITS}.delimiterBytesMax bytes
   * @param perUnit - lines or records a unit, at least 1
   */
  constructor(delimiter: Uint8Array, perUnit: number) {
    assert(
      delimiter.length >= 1 && delimiter.length < 256 && perUnit >= 1,
      'a delimiter has bytes and a unit has records',
    )
    this.#delimiter = delimiter
    this.#perUnit = perUnit
    this.#failure = failureTable(delimiter)
  }

  /** Bytes scanned so far. */
  get scanned(): number {
    return this.#scanned
  }

  /** Scans the next piece. `onBoundary` is called with offsets from the start of all bytes, ascending. */
  push(bytes: Uint8Array, onBoundary: (offset: number) => void): void {
    const first = this.#delimiter[0] ?? 0
    let at = 0
    while (at < bytes.length) {
      if (this.#matched === 0) {
        at = bytes.indexOf(first, at)
        if (at < 0) break
      }
      this.#match(bytes[at++] ?? 0)
      if (this.#matched < this.#delimiter.length) continue
      this.#matched = 0
      if (++this.#ends % this.#perUnit === 0) onBoundary(this.#scanned + at)
    }
    this.#scanned += bytes.length
  }

  #match(byte: number): void {
    while (this.#matched > 0 && this.#delimiter[this.#matched] !== byte) {
      this.#matched = this.#failure[this.#matched - 1] ?? 0
    }
    if (this.#delimiter[this.#matched] === byte) this.#matched++
  }
}

/** For each prefix of the delimiter, how long its longest proper border is. */
function failureTable(delimiter: Uint8Array): Uint8Array {
  const failure = new Uint8Array(delimiter.length)
  let border = 0
  for (let i = 1; i < delimiter.length; i++) {
    while (border > 0 && delimiter[border] !== delimiter[i]) border = failure[border - 1] ?? 0
    if (delimiter[border] === delimiter[i]) border++
    failure[i] = border
  }
  return failure
}
