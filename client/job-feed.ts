/** What is known about one job, kept up to date from the replies, and whoever waits for more of it. */
import { isFinalState, type JobId, type ProgressReply, type ResultReply, type StatusReply } from '../protocol/index.ts'

/** The job was accepted or changed its state. */
export type JobStatus = { kind: 'status' } & Omit<StatusReply, 'gigafuelPriceMicro' | 'budgetMicro'> & {
    gigafuelPriceMicro: bigint
    budgetMicro: bigint
  }

/** The job moved on. */
export type JobProgress = { kind: 'progress' } & Omit<ProgressReply, 'fuel' | 'spentMicro'> & {
    fuel: bigint
    spentMicro: bigint
  }

/** What a watcher sees. */
export type JobEvent = JobStatus | JobProgress

interface Watcher {
  /** Bounded: states change few times, and a newer progress replaces an unread one. */
  unread: JobEvent[]
  wake(): void
}

/** Fed by the client with the replies of one job; read by that job's handles. */
export class JobFeed {
  readonly id: JobId
  private lastStatus: JobStatus | null = null
  private ended = false
  private failure: Error | null = null
  private readonly outcome = Promise.withResolvers<ResultReply>()
  private readonly watchers = new Set<Watcher>()

  constructor(id: JobId) {
    this.id = id
    // Nobody may be waiting for the result when the feed fails.
    this.outcome.promise.catch(() => {})
  }

  /** Whether the job is over, though its result may still be on the way. */
  get final(): boolean {
    return this.lastStatus !== null && isFinalState(this.lastStatus.state)
  }

  /** Whether no further reply can change anything. */
  get complete(): boolean {
    return this.failure !== null || (this.final && this.ended)
  }

  status(reply: StatusReply): void {
    const last = this.lastStatus
    if (this.final || (last?.state === reply.state && last.reason === reply.reason)) return
    const gigafuelPriceMicro = BigInt(reply.gigafuelPriceMicro)
    this.lastStatus = { ...reply, kind: 'status', gigafuelPriceMicro, budgetMicro: BigInt(reply.budgetMicro) }
    this.tell(this.lastStatus)
  }

  progress(reply: ProgressReply): void {
    if (this.final) return
    this.tell({ ...reply, kind: 'progress', fuel: BigInt(reply.fuel), spentMicro: BigInt(reply.spentMicro) })
  }

  result(reply: ResultReply): void {
    this.ended = true
    this.outcome.resolve(reply)
  }

  /** Gives up: everyone who waits, and everyone who comes later, gets this error. */
  fail(error: Error): void {
    if (this.complete) return
    this.failure = error
    this.outcome.reject(error)
    for (const watcher of this.watchers) watcher.wake()
  }

  /** The last word about the job, once there is one. */
  whenEnded(): Promise<ResultReply> {
    return this.outcome.promise
  }

  /** Events from the present state on, ending after the final state. */
  async *events(): AsyncGenerator<JobEvent, void, undefined> {
    const watcher: Watcher = { unread: this.lastStatus === null ? [] : [this.lastStatus], wake: () => {} }
    this.watchers.add(watcher)
    try {
      for (;;) {
        const event = watcher.unread.shift()
        if (event !== undefined) {
          yield event
          if (event.kind === 'status' && isFinalState(event.state)) return
          continue
        }
        if (this.failure !== null) throw this.failure
        await new Promise<void>(resolve => {
          watcher.wake = resolve
        })
      }
    } finally {
      this.watchers.delete(watcher)
    }
  }

  private tell(event: JobEvent): void {
    for (const watcher of this.watchers) {
      if (event.kind === 'progress' && watcher.unread.at(-1)?.kind === 'progress') watcher.unread.pop()
      watcher.unread.push(event)
      watcher.wake()
    }
  }
}
