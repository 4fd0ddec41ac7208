import type { LIMITS } from '../limits.ts'

/** Why a unit ended without an output, by the same rules on every machine. */
export type TrapKind =
  | 'unreachable'
  | 'memory_out_of_bounds'
  | 'divide_by_zero'
  | 'integer_overflow'
  | 'table_or_call'
  | 'stack_exhausted'
  | 'output_too_large'
  | 'bad_output'

/** Traps by their number on the wire. */
export const TRAP_KINDS: readonly TrapKind[] = [
  'unreachable',
  'memory_out_of_bounds',
  'divide_by_zero',
  'integer_overflow',
  'table_or_call',
  // The call-stack limit of the metering version, never the engine's own.
  'stack_exhausted',
  'output_too_large',
  // A reactor returned a range outside its memory.
  'bad_output',
]

/**
 * What one unit came to, and the fuel it burned: 0 to {@link LIMITS}.unitFuelMax. All four kinds are results, for every honest
 * device gets the same one and the same fuel. What only one machine runs into (no time, no memory) is no outcome.
 * @see spec/clauses.md [OUT-1.1] [OUT-3.1]
 */
export type UnitOutcome = { readonly fuel: number } & (
  | { readonly kind: 'ok'; readonly bytes: Uint8Array }
  | { readonly kind: 'trap'; readonly trap: TrapKind }
  /** A WASI module ended with an exit code other than 0: 1 to 2^32-1. */
  | { readonly kind: 'exit'; readonly code: number }
  /** The unit wanted more fuel than its limit; `fuel` is that limit. */
  | { readonly kind: 'out_of_fuel' }
)

/** Exit codes are 32 bits in WASI. */
export const EXIT_CODE_MAX = 0xffff_ffff
