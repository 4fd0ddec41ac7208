/** Why a unit ended without an output, by the same rules on every machine. */
export type TrapKind =
  | 'unreachable'
  | 'memory_out_of_bounds'
  | 'divide_by_zero'
  | 'integer_overflow'
  | 'table_or_call'
  | 'stack_exhausted'
  | 'other'
  | 'output_too_large'
  | 'bad_output'

/** Traps by their number on the wire. */
export const TRAP_KINDS: readonly TrapKind[] = [
  'unreachable',
  'memory_out_of_bounds',
  'divide_by_zero',
  'integer_overflow',
  'table_or_call',
  'stack_exhausted',
  'other',
  'output_too_large',
  // A reactor returned a range outside its memory.
  'bad_output',
]

/** What one unit came to. A trap and an exit are results too: every honest device gets the same. */
export type UnitOutcome =
  | { kind: 'ok'; bytes: Uint8Array }
  | { kind: 'trap'; trap: TrapKind }
  /** A WASI module ended with an exit code other than 0: 1 to 2^32-1. */
  | { kind: 'exit'; code: number }

/** Exit codes are 32 bits in WASI. */
export const EXIT_CODE_MAX = 0xffff_ffff
