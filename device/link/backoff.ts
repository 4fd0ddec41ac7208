import type { Random } from '../../protocol/index.ts'

/** How delays between tries grow. */
export interface BackoffBounds {
  /** Longest first delay; each further try doubles the bound. */
  readonly firstMs: number
  readonly maxMs: number
}

/** Between connections: the first retry comes within a second, a fleet whose coordinator restarts spreads over two minutes. */
export const LINK_BACKOFF: BackoffBounds = { firstMs: 1_000, maxMs: 120_000 }

/**
 * Delay before a retry, with full jitter: anywhere between zero and a bound that doubles.
 * @param failures - tries that failed in a row, at least 1
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function retryDelayMs(failures: number, bounds: BackoffBounds, random: Random): number {
  const bound = Math.min(bounds.maxMs, bounds.firstMs * 2 ** Math.min(failures - 1, 30))
  return Math.floor(random.uniform() * bound)
}
