/** Answers that are the same for everybody, made once for a moment rather than for each who asks. */
import type { ApiRoute } from './api-route.ts'

/** More than there are routes; histories of cells take what is left. */
const REPLIES_MAX = 256

interface Shared {
  readonly reply: Promise<unknown>
  readonly madeMs: number
}

export class SharedReplies {
  private readonly replies = new Map<string, Shared>()
  private readonly monotonicMs: () => number

  constructor(monotonicMs: () => number) {
    this.monotonicMs = monotonicMs
  }

  /** The reply that was made for the same target lately, or a new one. */
  get({ sharedMs = 0 }: ApiRoute, target: string, make: () => Promise<unknown>): Promise<unknown> {
    const nowMs = this.monotonicMs()
    const found = this.replies.get(target)
    if (found !== undefined && nowMs - found.madeMs < sharedMs) return found.reply
    const reply = make()
    this.replies.delete(target)
    this.replies.set(target, { reply, madeMs: nowMs })
    const [oldest] = this.replies.size > REPLIES_MAX ? this.replies.keys() : []
    if (oldest !== undefined) this.replies.delete(oldest)
    return reply
  }
}
