/** A text of records, the same for the same size wherever it is made, as heavy inputs are. */

/** What ends a record. */
export const RECORD_END = '\n\n'
const LETTERS = new TextEncoder().encode('abcdefghijklmnopqrstuvwxyz0123456789 ,.;:-+/=_<>()[]{}!?%&*#@$|~')
const NEWLINE = 0x0a
/** Records have lengths of 64..575 bytes without their end. */
const LENGTH_MIN = 64
const LENGTH_SPREAD = 512

export interface RecordText {
  readonly bytes: Uint8Array
  /** Where each unit of `perUnit` records ends; the last may have fewer. */
  unitEnds(perUnit: number): number[]
}

/** @param sizeBytes - of the whole text; the last record is cut to fit */
export function recordText(sizeBytes: number): RecordText {
  const bytes = new Uint8Array(sizeBytes)
  const ends: number[] = []
  let state = 0x9e3779b9
  const next = () => {
    // Marsaglia's xorshift, 32 bits.
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  for (let at = 0; at < sizeBytes; ) {
    const end = Math.min(sizeBytes, at + LENGTH_MIN + (next() % LENGTH_SPREAD) + RECORD_END.length)
    const textEnd = Math.max(at, end - RECORD_END.length)
    for (; at < textEnd; at++) bytes[at] = LETTERS[next() & 63] ?? 0
    for (; at < end; at++) bytes[at] = NEWLINE
    ends.push(end)
  }
  const unitEnds = (perUnit: number): number[] => {
    const chosen = ends.filter((_, index) => (index + 1) % perUnit === 0)
    if (chosen.at(-1) !== sizeBytes) chosen.push(sizeBytes)
    return chosen
  }
  return { bytes, unitEnds }
}
