/** Which readings of a column have a value: one bit where all have, else the lengths of runs that alternate. */
import type { BitReader, BitWriter } from './bits.ts'
import { badColumns } from './refuse-columns.ts'
import type { Column } from './types.ts'

/**
 * Writes where the column holds NaN. In the densest pattern, every other value missing, a reading costs one bit, in none
 * more than one and a half.
 * @returns whether every reading has a value
 * @see spec/clauses.md [READ-3.2]
 */
export function writePresence(bits: BitWriter, column: Column): boolean {
  const { length } = column
  if (!column.some(Number.isNaN)) {
    bits.bits(0, 1)
    return true
  }
  bits.bits(1, 1)
  bits.bits(Number.isNaN(column[0]) ? 1 : 0, 1)
  for (let at = 0; at < length; ) {
    const missing = Number.isNaN(column[at])
    let end = at + 1
    while (end < length && Number.isNaN(column[end]) === missing) end++
    bits.gamma(end - at)
    at = end
  }
  return false
}

/**
 * Reads where a column has values: 0 there, and NaN elsewhere.
 * @returns how many values there are
 * @throws {ProtocolError} `bad_message` when a run ends outside the column, or nothing is missing though something should be
 */
export function readPresence(bits: BitReader, column: Column): number {
  const { length } = column
  if (bits.bits(1) === 0) return length
  let missing = bits.bits(1) === 1
  let present = 0
  for (let at = 0; at < length; missing = !missing) {
    const run = bits.gamma(length - at)
    if (missing) column.fill(Number.NaN, at, at + run)
    else present += run
    at += run
  }
  if (present === length) throw badColumns('must not list missing values where there are none')
  return present
}
