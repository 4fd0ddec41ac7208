/** Submissions that the region has not answered yet, by the `ref` that ties the answer to them. */
import { type Clock, ConfigError, type Timer, TransportError } from '../protocol/index.ts'

interface Waiting<Feed> {
  text: string
  timer: Timer
  resolve(feed: Feed): void
  reject(error: Error): void
}

/** Which submissions, and where they go. */
export interface SubmissionsInit {
  kind: 'job' | 'campaign'
  address: string
  timeoutMs: number
}

/** Waits for answers; each submission ends with what it became, a refusal or a timeout. */
export class Submissions<Feed> {
  private readonly clock: Clock
  private readonly kind: SubmissionsInit['kind']
  private readonly address: string
  private readonly timeoutMs: number
  private readonly waiting = new Map<string, Waiting<Feed>>()

  constructor(clock: Clock, init: SubmissionsInit) {
    this.clock = clock
    this.kind = init.kind
    this.address = init.address
    this.timeoutMs = init.timeoutMs
  }

  /** The texts to send again after a lost connection; the region knows repeated ones by their `ref`. */
  get texts(): string[] {
    return [...this.waiting.values()].map(({ text }) => text)
  }

  /**
   * Waits for the answer to a submission, and gives the job or campaign it became.
   * @throws {ConfigError} `bad_job` or `bad_campaign` when this `ref` is waiting already
   * @throws {TransportError} `timeout`
   */
  add(ref: string, text: string): Promise<Feed> {
    if (this.waiting.has(ref)) {
      const reason = 'belongs to another submission that waits for its answer'
      const message = `The ${this.kind}'s 'ref' ${reason}: choose another.`
      throw new ConfigError({ code: `bad_${this.kind}`, path: 'ref', reason }, message)
    }
    return new Promise((resolve, reject) => {
      const timer = this.clock.setTimeout(() => this.fail(ref, this.timeout(ref)), this.timeoutMs)
      this.waiting.set(ref, { text, timer, resolve, reject })
    })
  }

  /** Whether a submission with this `ref` waits for its answer. */
  has(ref: string): boolean {
    return this.waiting.has(ref)
  }

  accept(ref: string, feed: Feed): void {
    this.take(ref)?.resolve(feed)
  }

  fail(ref: string, error: Error): void {
    this.take(ref)?.reject(error)
  }

  failAll(error: Error): void {
    for (const ref of [...this.waiting.keys()]) this.fail(ref, error)
  }

  private take(ref: string): Waiting<Feed> | undefined {
    const found = this.waiting.get(ref)
    found?.timer.cancel()
    this.waiting.delete(ref)
    return found
  }

  private timeout(ref: string): TransportError {
    const { address, timeoutMs } = this
    const message =
      `The region did not answer the submission within ${timeoutMs / 1_000} s. ` +
      `It may still run: submit it again with "ref": ${JSON.stringify(ref)} and it will not be taken twice.`
    return new TransportError({ code: 'timeout', address, timeoutMs }, message)
  }
}
