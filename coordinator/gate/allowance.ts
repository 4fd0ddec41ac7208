/**
 * How many messages of each kind a device may send in a connection. What is over is refused before its signature is checked; a device repeats
 * what matters until it is acknowledged. Results are not counted: there are only as many as leases, and who sends others is charged for it.
 */
import { LIMITS, type UplinkClass } from '../../protocol/index.ts'
import { TokenBucket } from '../token-bucket.ts'

export class Allowance {
  private readonly monotonicMs: () => number
  private readonly control: TokenBucket
  private readonly readings: TokenBucket

  constructor(monotonicMs: () => number) {
    const now = monotonicMs()
    this.monotonicMs = monotonicMs
    this.control = new TokenBucket(LIMITS.controlFramesPerSecondMax, LIMITS.controlFramesBurstMax, now)
    this.readings = new TokenBucket(LIMITS.readingFramesPerSecondMax, LIMITS.readingFramesBurstMax, now)
  }

  /** Whether one more message of this kind may be opened; counts it when it may. */
  allows(name: UplinkClass): boolean {
    if (name === 'result') return true
    const bucket = name === 'reading' ? this.readings : this.control
    return bucket.take(1, this.monotonicMs())
  }
}
