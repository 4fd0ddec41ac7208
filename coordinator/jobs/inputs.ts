/** What goes into the jobs department and comes out of it. */
import type { LeaseResult, Sha256Hex } from '../../protocol/index.ts'
import type { JobRow } from '../store/rows.ts'

/** Time as one step of a department sees it. */
export interface Now {
  wallMs: number
  monotonicMs: number
}

/** A returned lease with its bytes at hand, checked for shape: `outputs` holds one outcome per unit. */
export interface ReturnedLease {
  result: LeaseResult
  outputs: Uint8Array | null
  failedUnits: number
  /** Of all its units, none of them above the job's limit. */
  fuel: number
  isBlob: boolean
}

export type SubmitOutcome = { ok: true; row: JobRow } | { ok: false; code: string; reason: string }

/** What became of a returned lease, for counters. */
export type ResultOutcome = 'used' | 'gave_back' | 'late' | 'malformed'

/** A finished answer and its bill, both kept as blobs, and what the bill adds up to. */
export interface AggregateOutcome {
  sha256: Sha256Hex
  bytes: number
  failedUnits: number
  unitFuelLeast: number
  unitFuelGreatest: number
  billSha256: Sha256Hex
  billBytes: number
}
