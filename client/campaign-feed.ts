/** What is known about one campaign, kept up to date from the replies, and whoever waits for more of it. */
import {
  type CampaignId,
  type CampaignResult,
  type CampaignStatus,
  type CampaignWindow,
  isCampaignOver,
} from '../protocol/index.ts'

/** Windows that a slow reader may fall behind by; the oldest are left out then. */
const UNREAD_MAX = 10_000

interface Watcher {
  /** By cell and time, so that a newer revision takes the place of one that was not read yet. */
  readonly unread: Map<string, CampaignWindow>
  wake(): void
}

/** Fed by the client with the replies of one campaign; read by that campaign's handles. */
export class CampaignFeed {
  readonly id: CampaignId
  private isOver = false
  private lastResult: CampaignResult | null = null
  private failure: Error | null = null
  private nextStatus = waiting<CampaignStatus>()
  private readonly measured = waiting<CampaignResult>()
  private readonly over = waiting<void>()
  private readonly watchers = new Set<Watcher>()

  constructor(id: CampaignId) {
    this.id = id
  }

  /** Whether no further reply can change anything. */
  get complete(): boolean {
    return this.failure !== null || (this.isOver && this.lastResult !== null && isCampaignOver(this.lastResult.state))
  }

  status(reply: CampaignStatus): void {
    const told = this.nextStatus
    this.nextStatus = waiting()
    told.resolve(reply)
    if (!isCampaignOver(reply.state)) return
    this.isOver = true
    this.over.resolve()
    this.wakeAll()
  }

  window(reply: CampaignWindow): void {
    const key = `${reply.cell}/${reply.fromMs}`
    for (const { unread, wake } of this.watchers) {
      unread.delete(key)
      unread.set(key, reply)
      const [oldest] = unread.keys()
      if (unread.size > UNREAD_MAX && oldest !== undefined) unread.delete(oldest)
      wake()
    }
  }

  result(reply: CampaignResult): void {
    if (reply.state !== 'running') {
      this.lastResult = reply
      this.measured.resolve(reply)
    }
    // A result begins with a status, and may be the last word that is heard.
    this.status(reply)
  }

  /** Gives up: everyone who waits, and everyone who comes later, gets this error. */
  fail(error: Error): void {
    if (this.complete) return
    this.failure = error
    this.nextStatus.reject(error)
    this.measured.reject(error)
    this.over.reject(error)
    this.wakeAll()
  }

  /** The next word about where the campaign stands; of one that is over its last. */
  whenTold(): Promise<CampaignStatus> {
    return this.isOver && this.lastResult !== null ? Promise.resolve(this.lastResult) : this.nextStatus.promise
  }

  /** The newest result, once nothing more is measured. */
  whenMeasured(): Promise<CampaignResult> {
    return this.lastResult === null ? this.measured.promise : Promise.resolve(this.lastResult)
  }

  /** Resolves when the campaign is over. */
  whenOver(): Promise<void> {
    return this.over.promise
  }

  /** Windows from now on, ending when the campaign is over. */
  async *windows(): AsyncGenerator<CampaignWindow, void, undefined> {
    const watcher: Watcher = { unread: new Map(), wake: () => {} }
    this.watchers.add(watcher)
    try {
      for (;;) {
        const [first] = watcher.unread
        if (first !== undefined) {
          watcher.unread.delete(first[0])
          yield first[1]
          continue
        }
        if (this.failure !== null) throw this.failure
        if (this.isOver) return
        await new Promise<void>(resolve => {
          watcher.wake = resolve
        })
      }
    } finally {
      this.watchers.delete(watcher)
    }
  }

  private wakeAll(): void {
    for (const { wake } of this.watchers) wake()
  }
}

/** A promise that nobody need be waiting for when it fails. */
function waiting<T>(): PromiseWithResolvers<T> {
  const made = Promise.withResolvers<T>()
  made.promise.catch(() => {})
  return made
}
