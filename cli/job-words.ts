/** A job in words. */
import type { Job } from '../coordinator/http/admin-api.ts'
import { formatCount, formatDuration, formatFuel, formatMicro } from './terminal/format.ts'
import type { Style } from './terminal/style.ts'
import { printable } from './terminal/text.ts'

/** The colour of a job's state. */
export function paintOfJob({ state }: Job, style: Style): (text: string) => string {
  if (state === 'done') return style.good
  return state === 'failed' || state === 'cancelled' ? style.bad : style.warn
}

/** How a job stands, or how it ended and what it cost. */
export function endOfJob(job: Job, style: Style): string[] {
  const took = job.finishedAtMs === null ? '' : ` in ${formatDuration(job.finishedAtMs - job.createdAtMs)}`
  const lines = [
    `Job ${job.id} ${paintOfJob(job, style)(job.state)}${took}: ` +
      `${formatCount(job.unitsVerified)} of ${formatCount(job.units)} units verified, ${formatFuel(job.fuel)}, cost ${formatMicro(job.spentMicro)}` +
      `${job.failedUnits === 0 ? '' : `, ${formatCount(job.failedUnits)} units failed`}.`,
  ]
  if (job.reason !== '') lines.push(printable(job.reason))
  return lines
}

/** Where to find the answer, when there is one. */
export function answerHint({ id, result }: Job): string[] {
  return result === null ? [] : [`Its answer: hedgerow job result ${id}`]
}
