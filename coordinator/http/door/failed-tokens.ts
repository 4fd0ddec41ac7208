/**
 * Wrong tokens by address. A token cannot be guessed, but a guess costs time and fills logs, so an address that goes on guessing waits,
 * longer each time. A token that was right before is let through meanwhile, so that nobody is locked out by a neighbour behind the same
 * address.
 */
import { createHash } from 'node:crypto'

/** Wrong tokens without a wait: a mistyped one, and a script that was not told of a new one. */
const FREE_FAILURES = 10
const WAIT_MS = 1_000
const WAIT_MS_MAX = 300_000
/** An address that was quiet for as long begins anew. */
const FORGET_MS = 900_000
const ADDRESSES_MAX = 10_000
const KNOWN_TOKENS_MAX = 4_096

interface Failures {
  count: number
  lastMs: number
  /** Until then nothing from the address is looked at. */
  untilMs: number
}

export class FailedTokens {
  private readonly failures = new Map<string, Failures>()
  /** Hashes of tokens that were right. */
  private readonly known = new Set<string>()

  /** How many addresses are remembered. */
  get size(): number {
    return this.failures.size
  }

  /** How long an address must wait before a token of it is looked at; 0 when it need not, or the token was right before. */
  waitMs(address: string, credentials: string, nowMs: number): number {
    const found = this.failures.get(address)
    if (found === undefined || found.untilMs <= nowMs) return 0
    return this.known.has(hashOf(credentials)) ? 0 : found.untilMs - nowMs
  }

  /** The token was wrong. */
  failed(address: string, credentials: string, nowMs: number): void {
    this.known.delete(hashOf(credentials))
    const before = this.failures.get(address)
    const count = before === undefined || nowMs - before.lastMs > FORGET_MS ? 1 : before.count + 1
    const waitMs = count <= FREE_FAILURES ? 0 : Math.min(WAIT_MS_MAX, WAIT_MS * 2 ** (count - FREE_FAILURES - 1))
    this.failures.delete(address)
    this.failures.set(address, { count, lastMs: nowMs, untilMs: nowMs + waitMs })
    const [oldest] = this.failures.size > ADDRESSES_MAX ? this.failures.keys() : []
    if (oldest !== undefined) this.failures.delete(oldest)
  }

  /** The token was right. */
  passed(credentials: string): void {
    const hash = hashOf(credentials)
    this.known.delete(hash)
    this.known.add(hash)
    const [oldest] = this.known.size > KNOWN_TOKENS_MAX ? this.known : []
    if (oldest !== undefined) this.known.delete(oldest)
  }
}

const hashOf = (credentials: string): string => createHash('sha256').update(credentials).digest('base64')
