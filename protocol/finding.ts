/** What a check of a machine found, as both sides tell it to their owners and as it is printed as JSON. */

export type FindingVerdict = 'ok' | 'warning' | 'broken'

export interface Finding {
  /** What was looked at, in a word or two, such as `clock`. */
  readonly check: string
  readonly verdict: FindingVerdict
  /** One sentence. */
  readonly says: string
  /** What to do about it, in words that can be typed; empty when nothing is to be done. */
  readonly fix: string
}

/** All is well. */
export const well = (check: string, says: string): Finding => ({ check, verdict: 'ok', says, fix: '' })

/** It works, and may not for long, or not as well as it could. */
export const warning = (check: string, says: string, fix: string): Finding => ({ check, verdict: 'warning', says, fix })

/** It cannot work like this. */
export const broken = (check: string, says: string, fix: string): Finding => ({ check, verdict: 'broken', says, fix })
