/**
 * Weighing answers that differ. Sarmenta's credibilities multiply because the errors of different devices are independent; a ring whose
 * devices all cheat on the same units is not. Two of a ring outvote one honest device as easily as one of them cheats, whatever checks all
 * three have passed. So when answers differ, which is rare and tells that somebody cheats, records do not count: every owner has one voice,
 * that of a device nobody knows, and more owners are asked until one answer leads by enough of them.
 */
import { groupCredibility } from './credibility.ts'

/** How sure a jury must be: what speaks against it is then so unlikely that its devices are caught. */
export const JURY_CERTAINTY = 0.999

/**
 * Probability of each answer that it is the right one, by the number of owners for it alone. Leads by so many owners reach the
 * certainty: 4 among a tenth of saboteurs, 5 among a fifth.
 * @param voices - owners for each answer
 * @param saboteurShare - f, below a half
 */
export function juryOdds(voices: readonly number[], saboteurShare: number): number[] {
  return groupCredibility(voices.map(count => new Array<number>(count).fill(1 - saboteurShare)))
}
