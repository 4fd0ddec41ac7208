import { promises as files } from 'node:fs'

/** Bytes gathered before they are written: a crash costs at most this much of a transfer. */
const WRITE_BYTES = 1_048_576

/**
 * The file of a transfer that is under way, so that it can go on after a crash. Whatever goes wrong with the file only makes
 * it useless: the transfer itself is in memory.
 */
export class BlobPart {
  readonly #path: string
  #written = 0
  #usable: boolean

  /** @param usable - false when there is no room for the content; nothing is written then */
  constructor(path: string, usable: boolean) {
    this.#path = path
    this.#usable = usable
  }

  /** A transfer that is not worth a file. */
  static unkept(): BlobPart {
    return new BlobPart('', false)
  }

  /** Bytes that an earlier transfer left, at most `bytesMax`. */
  async load(bytesMax: number): Promise<Uint8Array> {
    const left = this.#usable ? await files.readFile(this.#path).catch(() => null) : null
    if (left === null || left.length > bytesMax) {
      await this.discard()
      return new Uint8Array(0)
    }
    this.#written = left.length
    return left
  }

  /** Notes that the first `held` bytes of `content` have come; writes them once enough have gathered. */
  async progress(content: Uint8Array, held: number): Promise<void> {
    if (held - this.#written >= WRITE_BYTES) await this.save(content, held)
  }

  /** Writes the first `held` bytes of `content` that are not in the file yet. */
  async save(content: Uint8Array, held: number): Promise<void> {
    if (!this.#usable || held <= this.#written) return
    try {
      await files.appendFile(this.#path, content.subarray(this.#written, held))
      this.#written = held
    } catch {
      await this.discard()
      this.#usable = false
    }
  }

  /** Starts over: what came so far is wrong. */
  async discard(): Promise<void> {
    this.#written = 0
    await files.rm(this.#path, { force: true }).catch(() => {})
  }

  /**
   * Gives complete content its name.
   * @returns false when it could not be kept
   */
  async finish(content: Uint8Array, path: string): Promise<boolean> {
    await this.save(content, content.length)
    if (!this.#usable) return false
    try {
      await files.rename(this.#path, path)
      return true
    } catch {
      await this.discard()
      return false
    }
  }
}
