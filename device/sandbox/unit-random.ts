import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8 } from '../../protocol/bytes.ts'

const DOMAIN = utf8('hedgerow/random/1')
const BLOCK_BYTES = 32

/**
 * The random bytes of one unit, equal on every device: block i is SHA-256(seed || i) with the seed
 * SHA-256("hedgerow/random/1" || job id || unit), numbers as 64-bit big-endian.
 */
export class UnitRandom {
  readonly #job: Uint8Array
  readonly #unit: number
  #seed: Uint8Array | null = null
  #block: Uint8Array = new Uint8Array(0)
  #used = 0
  #blocks = 0

  /**
   * @param job - the 10 bytes of the job's id
   * @param unit - the unit's number within the job
   */
  constructor(job: Uint8Array, unit: number) {
    this.#job = job
    this.#unit = unit
  }

  /** Fills `target` with the next bytes of the stream. */
  fill(target: Uint8Array): void {
    for (let at = 0; at < target.length; ) {
      if (this.#used === this.#block.length) this.#advance()
      const count = Math.min(BLOCK_BYTES - this.#used, target.length - at)
      target.set(this.#block.subarray(this.#used, this.#used + count), at)
      this.#used += count
      at += count
    }
  }

  #advance(): void {
    this.#seed ??= sha256(concatBytes(DOMAIN, this.#job, uint64(this.#unit)))
    this.#block = sha256(concatBytes(this.#seed, uint64(this.#blocks++)))
    this.#used = 0
  }
}

function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}
