import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { Sha256Hex } from '../../protocol/index.ts'
import { readFailure, shortBlob } from './blob-failure.ts'

/** Read and hashed at a time: the hash holds everything else up for a fraction of a millisecond. */
const PIECE_BYTES = 262_144
/** Parts read side by side. The disk and the thread pool are others' too. */
const READERS_MAX = 2
/** Digests remembered, the newest: with their keys some 200 bytes each. */
const REMEMBERED_MAX = 8_192

/**
 * Digests of parts of blobs, as leases name them. A part goes to each replica and to the copy of a straggler's run, so its digest is
 * remembered; and it may have megabytes, so it is read in the background a piece at a time, in memory that is used again.
 */
export class PartDigests {
  readonly #pathOf: (hash: Sha256Hex) => string
  /** The newest last. Blobs never change, so nothing here grows stale. */
  readonly #known = new Map<string, Uint8Array>()
  readonly #reading = new Map<string, Promise<Uint8Array>>()
  readonly #spare: Uint8Array[] = []
  readonly #queue: ((piece: Uint8Array) => void)[] = []
  #readers = 0

  constructor(pathOf: (hash: Sha256Hex) => string) {
    this.#pathOf = pathOf
  }

  /**
   * The SHA-256 of exactly these bytes of a blob: at once when it is known.
   * @returns a promise that rejects with {@link ConfigError} `not_found`, or `damaged` when the blob ends before the part does
   */
  get(hash: Sha256Hex, offset: number, length: number): Uint8Array | Promise<Uint8Array> {
    const key = `${hash} ${offset} ${length}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const reading = this.#reading.get(key) ?? this.#read(key, hash, offset, length)
    this.#reading.set(key, reading)
    return reading
  }

  async #read(key: string, hash: Sha256Hex, offset: number, length: number): Promise<Uint8Array> {
    const piece = await this.#takePiece()
    try {
      const digest = await digestPart(this.#pathOf(hash), hash, { offset, length, piece })
      this.#remember(key, digest)
      return digest
    } finally {
      this.#reading.delete(key)
      this.#givePiece(piece)
    }
  }

  #remember(key: string, digest: Uint8Array): void {
    this.#known.set(key, digest)
    const oldest = this.#known.keys().next().value
    if (this.#known.size > REMEMBERED_MAX && oldest !== undefined) this.#known.delete(oldest)
  }

  /** Memory to read into, as soon as somebody's is free. */
  #takePiece(): Uint8Array | Promise<Uint8Array> {
    if (this.#readers === READERS_MAX) return new Promise(resolve => this.#queue.push(resolve))
    this.#readers += 1
    return this.#spare.pop() ?? new Uint8Array(PIECE_BYTES)
  }

  #givePiece(piece: Uint8Array): void {
    const next = this.#queue.shift()
    if (next !== undefined) {
      next(piece)
      return
    }
    this.#readers -= 1
    this.#spare.push(piece)
  }
}

async function digestPart(
  path: string,
  hash: Sha256Hex,
  { offset, length, piece }: { offset: number; length: number; piece: Uint8Array },
): Promise<Uint8Array> {
  const hasher = createHash('sha256')
  try {
    await using file = await open(path, 'r')
    for (let done = 0; done < length; ) {
      const { bytesRead } = await file.read(piece, 0, Math.min(piece.length, length - done), offset + done)
      if (bytesRead === 0) throw shortBlob(path, offset + done)
      hasher.update(piece.subarray(0, bytesRead))
      done += bytesRead
    }
  } catch (error) {
    throw readFailure(error, path, hash)
  }
  return new Uint8Array(hasher.digest())
}
