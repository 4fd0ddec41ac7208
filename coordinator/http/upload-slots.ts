import { ApiError } from './admin-api.ts'

/** Uploads under way in all. Each holds a file, a socket and a piece of memory. */
const UPLOADS_MAX = 512
/** Of one sender: more of them side by side are not faster, only more to lose. */
const UPLOADS_PER_SENDER_MAX = 16

/** Who is sending blobs at this moment. Slow senders keep their places, so nobody gets all of them. */
export class UploadSlots {
  readonly #open = new Map<string, number>()
  #total = 0

  /**
   * Takes a place, which is free again when it is disposed of.
   * @throws {ApiError} `too_busy` when the sender has its share, `busy` when there is none for anybody
   */
  take(sender: string): Disposable {
    const own = this.#open.get(sender) ?? 0
    if (own >= UPLOADS_PER_SENDER_MAX) {
      throw new ApiError(
        'too_busy',
        `${UPLOADS_PER_SENDER_MAX} uploads of yours are under way: send this one after one of them.`,
      )
    }
    if (this.#total >= UPLOADS_MAX) {
      throw new ApiError('busy', `${UPLOADS_MAX} uploads are under way here: try again in a moment.`)
    }
    this.#open.set(sender, own + 1)
    this.#total += 1
    return { [Symbol.dispose]: () => this.#give(sender) }
  }

  #give(sender: string): void {
    const own = this.#open.get(sender) ?? 0
    if (own > 1) this.#open.set(sender, own - 1)
    else this.#open.delete(sender)
    this.#total -= 1
  }
}
