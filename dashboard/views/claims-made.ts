/** Claims that were made in this tab. Their codes are nowhere else: the coordinator keeps only what checks them. */
import { effect, signal } from '@preact/signals'
import type { Claim } from '../../coordinator/http/admin-api.ts'
import { token } from '../api/session.ts'

/** A claim, for whom it is, and what the device is to be called. */
export interface MadeClaim extends Claim {
  readonly owner: string
  /** Of the machine, such as `hedge-3`. */
  readonly hostname: string
}

/** The newest first; forgotten when the tab is closed or somebody else signs in. */
export const madeClaims = signal<readonly MadeClaim[]>([])

/** Devices that were known when the first of them was made; those that came since have joined with one. Null before. */
export const knownBefore = signal<ReadonlySet<string> | null>(null)

let madeWith = token.peek()
effect(() => {
  if (token.value === madeWith) return
  madeWith = token.value
  madeClaims.value = []
  knownBefore.value = null
})
