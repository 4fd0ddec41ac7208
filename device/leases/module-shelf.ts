import type { LeaseTask, Sha256Hex } from '../../protocol/index.ts'
import type { Blobs } from '../blobs/index.ts'

/** Together at most; a module alone may be larger. */
const SHELF_BYTES = 16 * 1024 * 1024

/** Modules in memory while leases need them: reading and hashing one for each small lease would cost more than the lease. */
export class ModuleShelf {
  readonly #blobs: Blobs
  /** Least recently used first. */
  readonly #modules = new Map<Sha256Hex, Uint8Array>()

  constructor(blobs: Blobs) {
    this.#blobs = blobs
  }

  /** The module when it is in memory, otherwise null. */
  peek({ module }: LeaseTask): Uint8Array | null {
    const known = this.#modules.get(module)
    if (known === undefined) return null
    this.#modules.delete(module)
    this.#modules.set(module, known)
    return known
  }

  /** @throws {TaskError} `no_blob` or `cancelled` */
  async get(task: LeaseTask, signal: AbortSignal): Promise<Uint8Array> {
    const { module, moduleBytes } = task
    const known = this.peek(task)
    if (known !== null) return known
    const bytes = await this.#blobs.fetch({ blob: module, digest: module, offset: 0, length: moduleBytes }, signal)
    this.#modules.set(module, bytes)
    this.#trim(module)
    return bytes
  }

  /** Frees the memory; the files stay. */
  clear(): void {
    this.#modules.clear()
  }

  #trim(keep: Sha256Hex): void {
    let total = 0
    for (const bytes of this.#modules.values()) total += bytes.length
    for (const [module, bytes] of this.#modules) {
      if (total <= SHELF_BYTES || module === keep) return
      this.#modules.delete(module)
      total -= bytes.length
    }
  }
}
