/** How a job is, in words. */
import type { Job } from '../../coordinator/http/admin-api.ts'
import type { Tone } from '../ui/badge.tsx'
import { counted, duration, rate } from '../ui/format.ts'

/** In the order in which people look for them. */
export const JOB_STATES = ['running', 'aggregating', 'done', 'failed', 'cancelled'] as const

/** What a state is called, and what it means to whoever looks. */
export const JOB_STATE_WORDS: Readonly<Record<Job['state'], { readonly title: string; readonly tone: Tone }>> = {
  running: { title: 'Running', tone: 'busy' },
  aggregating: { title: 'Putting together', tone: 'busy' },
  done: { title: 'Done', tone: 'good' },
  failed: { title: 'Failed', tone: 'bad' },
  cancelled: { title: 'Cancelled', tone: 'quiet' },
}

export const isOver = ({ state }: Pick<Job, 'state'>): boolean => state !== 'running' && state !== 'aggregating'

/** Over, and not done: how much of it was verified is not kept. */
export const isBrokenOff = ({ state }: Pick<Job, 'state'>): boolean => state === 'failed' || state === 'cancelled'

/** What people call it: its name, or its id when it was given none. */
export function jobNameOf({ name, id }: Pick<Job, 'name' | 'id'>): string {
  return name === '' ? id : name
}

/** How fast it goes and when it will be done, or why it ended, in a few words. */
export function paceInWords(job: Job): string {
  const { state, reason, ratePerSecond, etaMs, devices = 0, createdAtMs, finishedAtMs } = job
  if (state === 'done') return finishedAtMs === null ? '' : `took ${duration(finishedAtMs - createdAtMs)}`
  if (isOver(job)) return reason
  if (state === 'aggregating') return 'all units are verified'
  if (ratePerSecond === 0) return devices === 0 ? 'no device is at work on it' : `${counted(devices, 'device')} at work`
  const rest = etaMs === null ? '' : `, ${duration(etaMs)} left`
  return `${rate(ratePerSecond)}${rest}`
}

/** Running, yet nothing comes of it. */
export const isStuck = ({ state, ratePerSecond, devices = 0 }: Job): boolean =>
  state === 'running' && ratePerSecond === 0 && devices === 0
