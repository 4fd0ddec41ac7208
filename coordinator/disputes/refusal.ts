/** Why a dispute is not taken, in words that say what to do. */
export interface Refusal {
  readonly ok: false
  readonly code: 'not_found' | 'not_yours' | 'not_disputable' | 'too_late' | 'twice' | 'too_many' | 'insufficient'
  readonly reason: string
}

export const refuse = (code: Refusal['code'], reason: string): Refusal => ({ ok: false, code, reason })
