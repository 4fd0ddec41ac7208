/**
 * How fast the packets of a client are read. What is beyond stays unread in its connection until its time: nothing is lost, nothing is held
 * here, and a client that sends at full speed costs what everybody else may cost and no more.
 */
import { type Clock, LIMITS } from '../../protocol/index.ts'
import { TokenBucket } from '../token-bucket.ts'

export class Throttle {
  private readonly clock: Clock
  private readonly tokens: TokenBucket

  constructor(clock: Clock) {
    this.clock = clock
    this.tokens = new TokenBucket(LIMITS.packetsPerSecondMax, LIMITS.packetsBurstMax, clock.monotonicMs())
  }

  /** Counts what has been read: a packet is a token, and so are each so many bytes. */
  count(packets: number, bytes: number): void {
    this.tokens.spend(packets + bytes / LIMITS.packetCountedBytes, this.clock.monotonicMs())
  }

  /** How long nothing may be read; 0 when something may. */
  waitMs(): number {
    return this.tokens.waitMs(0, this.clock.monotonicMs())
  }
}
