/** Follows a campaign while it measures: a table of cells that is drawn over on a terminal, otherwise a line for each window. */
import { type Campaign, type CellWindow, TransportError } from '../protocol/index.ts'
import type { AdminClient } from './admin-client.ts'
import { windowColumns, windowText } from './campaign-cells.ts'
import { exitOfCampaign, liveLine } from './campaign-words.ts'
import type { ExitCode } from './exit-codes.ts'
import type { Io } from './io.ts'
import type { Output } from './output.ts'
import { formatCounted } from './terminal/format.ts'
import { PLAIN_STYLE } from './terminal/style.ts'
import { tableLines } from './terminal/table.ts'
import { truncate } from './terminal/text.ts'
import { sleep } from './wait.ts'

const POLL_INTERVAL_MS = 1_000
/** A coordinator that restarts is back within this time. */
const PATIENCE_MS = 60_000
/** More rows would scroll away. */
const ROWS_MAX = 20

/** How a watched campaign stood at the end, and what the command exits with. */
export interface WatchedCampaign {
  readonly campaign: Campaign
  readonly exit: ExitCode
}

/**
 * Shows windows until nothing more is measured or the command is stopped. A coordinator may be away for a minute meanwhile.
 * @throws {TransportError} `unreachable` after that
 */
export async function watchCampaign(
  api: AdminClient,
  id: string,
  { io, out }: { io: Io; out: Output },
): Promise<WatchedCampaign> {
  let campaign = await api.campaign(id)
  let lastAnswerMs = io.clock.monotonicMs()
  /** What was asked for, or null while the coordinator is away. */
  const ask = async <Reply>(question: () => Promise<Reply>): Promise<Reply | null> => {
    try {
      const reply = await question()
      lastAnswerMs = io.clock.monotonicMs()
      return reply
    } catch (error) {
      if (isPassing(error, io.clock.monotonicMs() - lastAnswerMs)) return null
      throw error
    }
  }
  const view = out.json ? SILENT : createView(io, campaign.unit)
  const newest = new Map<string, CellWindow>()
  for (;;) {
    const windows = await ask(() => api.campaignWindows(id, sinceOf(newest, campaign)))
    for (const window of windows ?? []) take(newest, window, view)
    view.draw(campaign, newest)
    if (campaign.state !== 'running') break
    await sleep(io.clock, POLL_INTERVAL_MS, io.stop)
    if (io.stop.aborted) break
    campaign = (await ask(() => api.campaign(id))) ?? campaign
  }
  if (campaign.state === 'running') out.note(`The campaign goes on. Watch it again with: hedgerow campaign watch ${id}`)
  return { campaign, exit: exitOfCampaign(campaign) }
}

function isPassing(error: unknown, silentMs: number): boolean {
  return error instanceof TransportError && error.code === 'unreachable' && silentMs < PATIENCE_MS
}

/** From the window before the newest on: late readings correct that one most often. */
function sinceOf(newest: ReadonlyMap<string, CellWindow>, { windowMs }: Campaign): { from?: number } {
  const latest = Math.max(...[...newest.values()].map(({ fromMs }) => fromMs))
  return Number.isFinite(latest) ? { from: latest - windowMs } : {}
}

function take(newest: Map<string, CellWindow>, window: CellWindow, view: View): void {
  const known = newest.get(window.cell)
  if (known !== undefined && known.fromMs > window.fromMs) return
  if (known?.fromMs === window.fromMs && known.revision >= window.revision) return
  newest.set(window.cell, window)
  view.news(window)
}

interface View {
  /** A window that is newer than what was shown of its cell. */
  news(window: CellWindow): void
  draw(campaign: Campaign, newest: ReadonlyMap<string, CellWindow>): void
}

const SILENT: View = { news: () => {}, draw: () => {} }

function createView({ stderr, env }: Pick<Io, 'stderr' | 'env'>, unit: string): View {
  if (!stderr.isTTY || env.TERM === 'dumb') {
    return { news: window => stderr.write(`${newsLine(window, unit)}\n`), draw: () => {} }
  }
  let drawn = 0
  return {
    news: () => {},
    draw: (campaign, newest) => {
      const cells = [...newest.values()].sort((a, b) => (a.cell < b.cell ? -1 : 1))
      const hidden = cells.length - ROWS_MAX
      const lines = [
        ...tableLines(cells.slice(0, ROWS_MAX), windowColumns(unit), stderr, PLAIN_STYLE),
        ...(hidden > 0 ? [`and ${hidden} more cells`] : []),
        liveLine(campaign),
      ]
      // A line that wraps would be two: the way back up would be too short.
      const fitting = lines.map(line => truncate(line, stderr.columns - 1))
      stderr.write(`${drawn === 0 ? '' : `\x1b[${drawn}A\r\x1b[J`}${fitting.join('\n')}\n`)
      drawn = lines.length
    },
  }
}

function newsLine(window: CellWindow, unit: string): string {
  const { cell, value, readings, accepted, sensors, revision } = window
  const amount = value === null ? 'no value' : `${value} ${unit}`.trim()
  const again = revision > 1 ? `, revision ${revision}` : ''
  return `${windowText(window)}  ${cell}  ${amount}  (${accepted} of ${readings} readings accepted, ${formatCounted(sensors, 'sensor')}${again})`
}
