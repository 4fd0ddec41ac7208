import { TokenBucket } from '../../token-bucket.ts'

/** One token bucket for each of many, such as addresses; whoever was not seen for longest is forgotten when there are too many. */
export class Buckets {
  private readonly perSecond: number
  private readonly burst: number
  private readonly keysMax: number
  private readonly buckets = new Map<string, TokenBucket>()

  constructor(perSecond: number, burst: number, keysMax: number) {
    this.perSecond = perSecond
    this.burst = burst
    this.keysMax = keysMax
  }

  /** How many are remembered. */
  get size(): number {
    return this.buckets.size
  }

  /** Takes one token. @returns whether there was one */
  take(key: string, nowMs: number): boolean {
    const bucket = this.buckets.get(key) ?? new TokenBucket(this.perSecond, this.burst, nowMs)
    // Put at the end again, so that the first is the one not seen for longest.
    this.buckets.delete(key)
    this.buckets.set(key, bucket)
    const [oldest] = this.buckets.size > this.keysMax ? this.buckets.keys() : []
    if (oldest !== undefined) this.buckets.delete(oldest)
    return bucket.take(1, nowMs)
  }
}
