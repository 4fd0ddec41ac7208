/** How a dispute is, in words. */
import type { Dispute } from '../../coordinator/http/dispute-api.ts'
import type { Tone } from '../ui/badge.tsx'
import { dateTime } from '../ui/format.ts'

/** In the order in which people look for them. */
export const DISPUTE_STATES = ['open', 'upheld', 'dismissed', 'undecided'] as const

/** What a state is called, and what it means to whoever looks. */
export const DISPUTE_STATE_WORDS: Readonly<Record<Dispute['state'], { readonly title: string; readonly tone: Tone }>> =
  {
    open: { title: 'Open', tone: 'busy' },
    upheld: { title: 'Upheld', tone: 'good' },
    dismissed: { title: 'Dismissed', tone: 'quiet' },
    undecided: { title: 'Undecided', tone: 'warn' },
  }

const STAGE_WORDS: Readonly<Record<NonNullable<Dispute['stage']>, string>> = {
  waits_for_job: 'It waits until the job is over.',
  waits_for_dispute: 'Its second look is being prepared.',
  second_look: 'Devices of other owners run it again.',
  recomputing: 'The verdict is computed again.',
}

/** How far it is, or how it ended. */
export function howFar({ stage, detail }: Pick<Dispute, 'stage' | 'detail'>): string {
  return stage === null ? detail : STAGE_WORDS[stage]
}

/** What is disputed. @param jobName - what people call the job */
export function subjectOf(dispute: Dispute, jobName: string): string {
  const { lease, windowMs, sensor } = dispute
  return lease !== null ? `lease ${lease} of ${jobName}` : `sensor ${sensor} at ${dateTime(windowMs ?? 0)}`
}

/** Who disputes, by the account of the deposit. */
export function disputedBy({ account }: Pick<Dispute, 'account'>): string {
  if (account === 'slashed') return 'the region itself'
  const [, name = account] = /^\w+:(.+)$/.exec(account) ?? []
  return name
}
