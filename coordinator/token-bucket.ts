/**
 * How much of something may pass: so many tokens a second, and a burst of them after a quiet time. Pure: the time is given, in
 * monotonic milliseconds that never go back.
 * @see https://en.wikipedia.org/wiki/Token_bucket
 */
export class TokenBucket {
  private readonly perMs: number
  private readonly burst: number
  private tokens: number
  private atMs: number

  /** A full bucket. */
  constructor(perSecond: number, burst: number, nowMs: number) {
    this.perMs = perSecond / 1_000
    this.burst = burst
    this.tokens = burst
    this.atMs = nowMs
  }

  /** Takes tokens when there are as many. @returns whether there were */
  take(tokens: number, nowMs: number): boolean {
    this.refill(nowMs)
    if (this.tokens < tokens) return false
    this.tokens -= tokens
    return true
  }

  /** Takes tokens for what has happened already: the bucket may be in debt afterwards, and {@link waitMs} says for how long. */
  spend(tokens: number, nowMs: number): void {
    this.refill(nowMs)
    this.tokens -= tokens
  }

  /** Time until so many tokens are there; 0 when they are. With 0 tokens: until there is no debt. */
  waitMs(tokens: number, nowMs: number): number {
    this.refill(nowMs)
    return this.tokens >= tokens ? 0 : Math.ceil((tokens - this.tokens) / this.perMs)
  }

  private refill(nowMs: number): void {
    if (nowMs <= this.atMs) return
    this.tokens = Math.min(this.burst, this.tokens + (nowMs - this.atMs) * this.perMs)
    this.atMs = nowMs
  }
}
