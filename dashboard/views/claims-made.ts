/** Claims that were made in this tab. Their codes are nowhere else: the coordinator keeps only what checks them. */
import type { Claim } from '../../coordinator/http/admin-api.ts'
import { ownSignal } from '../api/own-signal.ts'

/** A claim, for whom it is, and what the device is to be called. */
export interface MadeClaim extends Claim {
  readonly owner: string
  /** Of the machine, such as `hedge-3`. */
  readonly hostname: string
}

/** The newest first. */
export const madeClaims = ownSignal<readonly MadeClaim[]>([])

/** Devices that were known when the first of them was made; those that came since have joined with one. Null before. */
export const knownBefore = ownSignal<ReadonlySet<string> | null>(null)
