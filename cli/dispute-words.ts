/** A dispute in words. */
import type { Dispute } from '../coordinator/http/dispute-api.ts'
import { formatMicro, formatTime } from './terminal/format.ts'
import type { Style } from './terminal/style.ts'
import { printable } from './terminal/text.ts'

/** The colour of a dispute's state. */
export function paintOfDispute({ state }: Pick<Dispute, 'state'>, style: Style): (text: string) => string {
  if (state === 'upheld') return style.good
  return state === 'dismissed' ? style.bad : style.warn
}

/** What is disputed, on one line. */
export function subjectOfDispute({ lease, job, campaign, windowMs, sensor }: Dispute): string {
  if (lease !== null) return `lease ${lease} of job ${job}`
  return `sensor ${sensor} at ${formatTime(windowMs ?? 0)} in campaign ${campaign}`
}

/** How a dispute stands. */
export function summaryOfDispute(dispute: Dispute, style: Style): string[] {
  const { id, state, account, depositMicro, detail } = dispute
  const lines = [
    `Dispute ${id} ${paintOfDispute(dispute, style)(state)}: ${subjectOfDispute(dispute)}, with a deposit of ${formatMicro(depositMicro)} of ${account}.`,
  ]
  if (detail !== '') lines.push(printable(detail))
  return lines
}
