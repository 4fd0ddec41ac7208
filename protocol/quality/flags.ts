/** Verdict codes as bits. */
import { type Flags, VERDICT_CODES, type VerdictCode } from './types.ts'

/** Codes that tell something about a reading and leave it accepted. */
const INFORMING: readonly VerdictCode[] = ['jump_unclear', 'isolated', 'late']

/** The set that holds one code. */
export function flag(code: VerdictCode): Flags {
  return 1 << VERDICT_CODES.indexOf(code)
}

const REJECTING: Flags = VERDICT_CODES.filter(code => !INFORMING.includes(code)).reduce(
  (flags, code) => flags | flag(code),
  0,
)

/**
 * Whether a reading counts and can be paid: none of its codes rejects.
 * @see spec/quality.md [QC-1.2]
 */
export function isAccepted(flags: Flags): boolean {
  return (flags & REJECTING) === 0
}

/** The codes of a set, in the order of {@link VERDICT_CODES}. */
export function codesOf(flags: Flags): VerdictCode[] {
  return VERDICT_CODES.filter(code => (flags & flag(code)) !== 0)
}
