/** A campaign in words. */
import type { Campaign } from '../protocol/index.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { formatCount, formatCounted, formatMicro, formatTime } from './terminal/format.ts'
import type { Style } from './terminal/style.ts'
import { printable } from './terminal/text.ts'

/** The colour of a campaign's state. */
export function paintOfCampaign({ state }: Pick<Campaign, 'state'>, style: Style): (text: string) => string {
  if (state === 'done' || state === 'settling') return style.good
  return state === 'failed' || state === 'cancelled' ? style.bad : style.warn
}

/** How a campaign stands: what was measured, and what that cost. */
export function summaryOfCampaign(campaign: Campaign, style: Style): string[] {
  const { id, readings, accepted, rejected, late, spentMicro, endMs, state, reason } = campaign
  const until = state === 'running' ? `, until ${formatTime(endMs)}` : ''
  const of = state === 'running' ? ` of ${formatCounted(campaign.sensors, 'sensor')}` : ''
  const lines = [
    `Campaign ${id} ${paintOfCampaign(campaign, style)(state)}${until}: ${formatCount(readings)} readings${of}, ` +
      `${formatCount(accepted)} accepted, ${formatCount(rejected)} rejected, ${formatCount(late)} late, cost ${formatMicro(spentMicro)}.`,
  ]
  if (reason !== '') lines.push(printable(reason))
  return lines
}

/** The same on one line of a terminal, the most important first. */
export function liveLine({ readings, accepted, late, sensors, spentMicro, endMs }: Campaign): string {
  const counted = `${formatCount(accepted)} of ${formatCount(readings)} readings accepted, ${formatCount(late)} late`
  return `${counted}, ${formatCounted(sensors, 'sensor')}, cost ${formatMicro(spentMicro)}, until ${formatTime(endMs)}`
}

/** What a command about a campaign in this state exits with. */
export function exitOfCampaign({ state }: Pick<Campaign, 'state'>): ExitCode {
  if (state === 'running') return EXIT.interrupted
  return state === 'failed' || state === 'cancelled' ? EXIT.jobFailed : EXIT.ok
}
