/** What the checks found in readings, in words. */
import type { VerdictCode } from '../../protocol/quality/types.ts'

const WORDS: Readonly<Record<VerdictCode, string>> = {
  missing: 'the sensor gave no value',
  range: 'outside what can be',
  jump: 'jumped too far from the reading before it',
  jump_unclear: 'stands beside a jump, and it cannot be told which of the two is wrong',
  constant: 'stayed the same for longer than nature does',
  twin: 'disagrees with another sensor on the same device',
  buddy: 'is far from what its neighbours measured',
  spatial: 'does not fit the field that its neighbours span',
  isolated: 'has too few neighbours to compare with',
  future: 'has a time in the future',
  untimed: 'has a time that is not known well enough',
  late: 'came after its window had been judged',
  duplicate_sensor: 'is of a sensor that another device announces too',
}

/** How often each code was given, the most frequent first. */
export function codeCounts(lists: readonly (readonly VerdictCode[])[]): [code: VerdictCode, times: number][] {
  const counts = new Map<VerdictCode, number>()
  for (const code of lists.flat()) counts.set(code, (counts.get(code) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)
}

/** What a code says of a reading. */
export const codeWords = (code: VerdictCode): string => WORDS[code]
