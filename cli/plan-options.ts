/** From the words of `hedgerow simulate` to a plan. */
import { PLAN_DEFAULTS, PLAN_RANGES, type Plan } from '../simulation/plan/plan.ts'
import { usage } from './args.ts'
import type { IntegerOption, TextOption } from './command.ts'

/** Parts of a plan that are numbers, and those of them that need not be whole. */
type NumberName = keyof typeof PLAN_RANGES
type FractionName = 'cheaters' | 'theta' | 'hours' | 'loss' | 'churn'

/** What was typed; decimals are still text. */
export interface PlanWords extends Readonly<Record<Exclude<NumberName, FractionName | 'owners' | 'unitMs'>, number>> {
  readonly owners: number | undefined
  readonly 'unit-ms': number
  readonly cheaters: string | undefined
  readonly theta: string | undefined
  readonly hours: string | undefined
  readonly loss: string | undefined
  readonly churn: string | undefined
  readonly colluding: boolean
  readonly trust: boolean
}

/** An option for a whole number of a plan. */
export function wholeOption(name: Exclude<NumberName, FractionName | 'owners'>, describe: string) {
  const [min, max] = PLAN_RANGES[name]
  return {
    type: 'integer',
    value: name === 'unitMs' ? 'MS' : 'N',
    min,
    max,
    default: PLAN_DEFAULTS[name],
    describe: `${describe}, ${min} to ${max}`,
  } as const satisfies IntegerOption
}

/** Its default depends on the devices, so that a small fleet needs no word about it. */
export const OWNERS_OPTION = {
  type: 'integer',
  value: 'N',
  min: PLAN_RANGES.owners[0],
  max: PLAN_RANGES.owners[1],
  describe: `owners that the devices belong to, at most one for each; up to ${PLAN_DEFAULTS.owners} when left out`,
} as const satisfies IntegerOption

/** An option for a number of a plan that may have decimals. */
export function fractionOption(name: FractionName, describe: string) {
  const [least, greatest] = PLAN_RANGES[name]
  return {
    type: 'text',
    value: 'X',
    describe: `${describe}, ${least} to ${greatest}; ${PLAN_DEFAULTS[name]} when left out`,
  } as const satisfies TextOption
}

/** @throws {UsageError} naming the option and its range */
export function planOf(words: PlanWords): Plan {
  const { devices, slots, units, seed, colluding, trust } = words
  const owners = words.owners ?? Math.min(PLAN_DEFAULTS.owners, devices)
  if (owners > devices) throw complaint(`--owners must be at most the ${devices} of --devices, not '${owners}'`)
  if (trust && words.theta !== undefined)
    throw complaint('--trust takes the first answer, so --theta is of no use with it')
  const cheaters = fraction('cheaters', words.cheaters)
  if (colluding && cheaters === 0) throw complaint('--colluding says how cheats cheat, so it needs --cheaters')
  return {
    devices,
    owners,
    slots,
    cheaters,
    colluding,
    units,
    unitMs: words['unit-ms'],
    theta: trust ? null : fraction('theta', words.theta),
    hours: fraction('hours', words.hours),
    seed,
    loss: fraction('loss', words.loss),
    churn: fraction('churn', words.churn),
  }
}

function fraction(name: FractionName, text: string | undefined): number {
  if (text === undefined) return PLAN_DEFAULTS[name] ?? 0
  const [least, greatest] = PLAN_RANGES[name]
  const value = /^\d{1,9}(?:\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= greatest) return value
  throw complaint(`--${name} must be a number from ${least} to ${greatest}, not '${text}'`)
}

const complaint = (text: string): Error => usage({ name: 'simulate' }, text)
