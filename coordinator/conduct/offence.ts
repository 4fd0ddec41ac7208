/** What a device can do that costs the region work and brings nobody anything. */
export type Offence =
  /** A frame that honest software never sends: unreadable, of a wrong signature, or of a wrong class. */
  | 'garbage'
  /** More messages of a kind than anybody needs; they are not even opened. */
  | 'excess'
  /** A frame of results of which none is waited for. Honest devices send some, after an absence or a cancel. */
  | 'late'
  /** A connection. Honest devices wait longer after each that fails. */
  | 'connect'

/** What each offence costs, of `LIMITS.conductPointsMax`. */
export const OFFENCE_POINTS: Readonly<Record<Offence, number>> = { garbage: 20, excess: 1, late: 1, connect: 50 }

/** What a device did, as the end of the sentence "it …". */
export const OFFENCE_WORDS: Readonly<Record<Offence, string>> = {
  garbage: 'sent frames that cannot be read or are not signed by it',
  excess: 'sent far more messages than its work needs',
  late: 'sent results that nobody waits for, again and again',
  connect: 'connected again and again',
}
