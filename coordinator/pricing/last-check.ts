/** The newest check of what devices can do that counted, and how long it says something. */
import type { RegionPolicy } from '../config.ts'

export interface LastCheck {
  readonly atMs: number
  readonly epoch: number
  /** Devices that answered. */
  readonly devices: number
}

/** Checks that could have been since; after so many it says nothing about now. */
const CHECKS_MISSED_MAX = 8

/** @see spec/clauses.md [PRICE-1.3] */
export function stillCounts(
  check: LastCheck | null,
  wallMs: number,
  { epochMs, checkWindowMs, checkShareMax }: Pick<RegionPolicy, 'epochMs' | 'checkWindowMs' | 'checkShareMax'>,
): boolean {
  if (check === null || checkShareMax === 0) return false
  return wallMs - check.atMs <= CHECKS_MISSED_MAX * Math.max(epochMs, checkWindowMs / checkShareMax)
}
