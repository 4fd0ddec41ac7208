/** Sensors of one quantity on one device, which breathe the same air (PurpleAir's channels A and B). */
import { exceeds } from './numbers.ts'
import { nearest, type Sample } from './series.ts'
import type { QualityRules } from './types.ts'

type TwinRule = NonNullable<QualityRules['twin']>

/** Twins that had a reading at the time, and those of them that disagree. */
export interface TwinVote {
  readonly asked: number
  /** By their ids. */
  readonly against: readonly { readonly id: string; readonly value: number }[]
}

/**
 * Whether two values differ by more than the rule allows, in amount and in ratio to their mean.
 * @see spec/quality.md [QC-5.1]
 */
export function disagrees(a: number, b: number, { absolute, ratio }: TwinRule): boolean {
  const difference = Math.abs(a - b)
  return exceeds(difference, absolute) && exceeds(difference, ratio * (Math.abs(a) / 2 + Math.abs(b) / 2))
}

/** What a reading's twins say of it. */
export function askTwins(
  self: Sample,
  twins: readonly { readonly id: string; readonly samples: readonly Sample[] }[],
  rule: TwinRule,
  periodMs: number,
): TwinVote {
  const answers = twins.flatMap(({ id, samples }) => {
    const sample = nearest(samples, self.atMs, periodMs)
    return sample === null ? [] : [{ id, value: sample.value }]
  })
  const against = answers.filter(({ value }) => disagrees(self.value, value, rule))
  return {
    asked: answers.length,
    against: against.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.value - b.value)),
  }
}

/** Whether more than half of the twins that were asked disagree. @see spec/quality.md [QC-5.2] */
export function isOutvoted({ asked, against }: TwinVote): boolean {
  return against.length * 2 > asked
}
