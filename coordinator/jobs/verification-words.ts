/** What verification has to say of a job or an owner, in words for people. */
import type { OwnerName } from '../../protocol/index.ts'
import type { JobRow } from '../store/rows.ts'
import type { Pairs } from '../verification/index.ts'
import { rangesText } from './suspect-units.ts'
import type { UnitRanges } from './unit-ranges.ts'

/** `0.12`, or `less than 0.01`. */
function fewText(units: number): string {
  return units > 0 && units < 0.01 ? 'less than 0.01' : `${Math.round(units * 100) / 100}`
}

/** How many of a job's verified units are wrong on average; null when nothing is verified. */
export function expectedWrongText({ expectedWrongUnits, fuel }: JobRow): string | null {
  if (fuel === 0n) return null
  return `By what is known of the devices that answered, ${fewText(expectedWrongUnits)} of its verified units are wrong on average.`
}

/**
 * What of a job is in doubt; null when nothing is.
 * @param isTrusting - the job took single answers
 */
export function suspectText(units: UnitRanges, isTrusting: boolean): string | null {
  if (units.isEmpty) return null
  const what = units.units === 1 ? 'Unit' : 'Units'
  const rest = units.units === 1 ? 'rests' : 'rest'
  const when = isTrusting
    ? 'after jobs that pay for checks, as far as what caught devices lost pays'
    : 'as far as it can pay'
  return `${what} ${rangesText(units)} ${rest} on the word of a device that has been caught. When the job is done the region looks at them again by itself, ${when} for that.`
}

/** What of a finished job is known to be wrong; null when nothing is. */
export function wrongText(units: UnitRanges): string | null {
  if (units.isEmpty) return null
  const [what, result] = units.units === 1 ? ['unit', 'result'] : ['units', 'results']
  return `A second look found the ${result} of ${what} ${rangesText(units)} to be wrong, so do not rely on them: \`hedgerow job doubts\` shows what is right. What was paid for wrong results has been given back as far as it could be raised.`
}

/** With whom an owner's answers count as one voice; empty for nearly everybody. */
export function pairReasons(pairs: Pairs, owner: OwnerName): string[] {
  return pairs.refutedWith(owner).map(({ owners, refuted, alone, confirmed }) => {
    const other = owners.find(name => name !== owner) ?? owner
    const times = refuted === 1 ? 'once' : `${refuted} times`
    return (
      `${owner} and ${other} gave the same wrong answer ${times}, so their agreement counts as one voice. ` +
      `They decided ${alone} runs without anybody else, and others confirmed them ${confirmed} times.`
    )
  })
}
