/** Which purposes have been seen: an open-addressing table of 128-bit digests, 20 to 40 bytes a purpose. */

const WORDS = 4
const SLOTS_MIN = 1_024
/** What an untrusted count may make us set aside before anything has been read: 64 MiB. */
const SLOTS_HINT_MAX = 1 << 22
const FULLEST = 0.8

/**
 * A set of digests. A digest is spread evenly, so its own words choose the slot; the digest of only zeros, which nobody will ever find, stands
 * for an empty slot.
 */
export class PurposeSet {
  private words: Uint32Array
  private slots: number
  private count = 0

  /** @param expected - about how many there will be */
  constructor(expected = 0) {
    this.slots = Math.max(SLOTS_MIN, Math.min(SLOTS_HINT_MAX, Math.ceil(expected / FULLEST) + 1))
    this.words = new Uint32Array(this.slots * WORDS)
  }

  get size(): number {
    return this.count
  }

  /** @param digest - at least 16 bytes, of which the first 16 count; @returns false when it is there already */
  add(digest: Uint8Array): boolean {
    if (this.count + 1 > this.slots * FULLEST) this.grow()
    const added = this.put(word(digest, 0), word(digest, 4), word(digest, 8), word(digest, 12))
    if (added) this.count++
    return added
  }

  private put(a: number, b: number, c: number, d: number): boolean {
    const { words, slots } = this
    for (let slot = a % slots; ; slot = slot + 1 === slots ? 0 : slot + 1) {
      const at = slot * WORDS
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) return false
      if (words[at] === 0 && words[at + 1] === 0 && words[at + 2] === 0 && words[at + 3] === 0) {
        words[at] = a
        words[at + 1] = b
        words[at + 2] = c
        words[at + 3] = d
        return true
      }
    }
  }

  private grow(): void {
    const old = this.words
    this.slots *= 2
    this.words = new Uint32Array(this.slots * WORDS)
    for (let at = 0; at < old.length; at += WORDS) {
      const [a = 0, b = 0, c = 0, d = 0] = [old[at], old[at + 1], old[at + 2], old[at + 3]]
      if ((a | b | c | d) !== 0) this.put(a, b, c, d)
    }
  }
}

const word = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
