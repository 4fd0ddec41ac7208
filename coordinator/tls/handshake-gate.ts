/** Who may begin a handshake: each costs this process a signature before it knows anything of the peer. Pure. */
import { type Clock, LIMITS } from '../../protocol/index.ts'
import { TokenBucket } from '../token-bucket.ts'

export interface HandshakeLimits {
  /** Under way at a time, of everybody. */
  readonly pendingMax: number
  /** Under way at a time from one address: a whole site comes back at once, through one line. */
  readonly pendingPerAddressMax: number
  readonly perAddressPerSecondMax: number
  readonly perAddressBurstMax: number
}

/**
 * As many a second as connections without TLS. The burst is smaller: a handshake costs some half a millisecond of this process, and
 * 2 000 of them are a second.
 */
export const HANDSHAKE_LIMITS: HandshakeLimits = {
  pendingMax: 2_048,
  pendingPerAddressMax: 512,
  perAddressPerSecondMax: LIMITS.connectsPerAddressPerSecondMax,
  perAddressBurstMax: 2_000,
}

/** Addresses whose handshakes are counted. Beyond, all start afresh, as `broker/connections.ts` does. */
const ADDRESSES_MAX = 100_000

export class HandshakeGate {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #limits: HandshakeLimits
  readonly #buckets = new Map<string, TokenBucket>()
  readonly #pending = new Map<string, number>()
  #total = 0

  constructor(clock: Pick<Clock, 'monotonicMs'>, limits: HandshakeLimits = HANDSHAKE_LIMITS) {
    this.#clock = clock
    this.#limits = limits
  }

  /** Counts a handshake that begins, until {@link end}; or says why it may not. */
  begin(address: string): 'too_many_handshakes' | 'too_many_from_address' | 'too_often_from_address' | null {
    const pending = this.#pending.get(address) ?? 0
    if (this.#total >= this.#limits.pendingMax) return 'too_many_handshakes'
    if (pending >= this.#limits.pendingPerAddressMax) return 'too_many_from_address'
    if (!this.#bucketOf(address).take(1, this.#clock.monotonicMs())) return 'too_often_from_address'
    this.#total += 1
    this.#pending.set(address, pending + 1)
    return null
  }

  /** A handshake that was begun is over, in whatever way. */
  end(address: string): void {
    this.#total -= 1
    const left = (this.#pending.get(address) ?? 1) - 1
    if (left === 0) this.#pending.delete(address)
    else this.#pending.set(address, left)
  }

  #bucketOf(address: string): TokenBucket {
    const known = this.#buckets.get(address)
    if (known !== undefined) return known
    if (this.#buckets.size >= ADDRESSES_MAX) this.#buckets.clear()
    const { perAddressPerSecondMax, perAddressBurstMax } = this.#limits
    const bucket = new TokenBucket(perAddressPerSecondMax, perAddressBurstMax, this.#clock.monotonicMs())
    this.#buckets.set(address, bucket)
    return bucket
  }
}
