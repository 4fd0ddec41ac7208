/** What cells came to over a whole campaign. */
import type { CampaignWindow, CellSummary } from './replies.ts'

type Window = Pick<CampaignWindow, 'cell' | 'value' | 'least' | 'greatest' | 'readings' | 'accepted'>

/** One summary for each cell, by cell. @param windows - by ascending time */
export function summarizeCells(windows: readonly Window[]): CellSummary[] {
  const summaries = [...Map.groupBy(windows, ({ cell }) => cell)].map(([cell, own]) => summaryOf(cell, own))
  return summaries.sort((a, b) => (a.cell < b.cell ? -1 : 1))
}

function summaryOf(cell: string, windows: readonly Window[]): CellSummary {
  const valued = windows.filter(({ value }) => value !== null)
  const least = valued.map(window => window.least)
  const greatest = valued.map(window => window.greatest)
  return {
    cell,
    windows: valued.length,
    readings: windows.reduce((sum, { readings }) => sum + readings, 0),
    accepted: windows.reduce((sum, { accepted }) => sum + accepted, 0),
    latest: valued.at(-1)?.value ?? null,
    least: extreme(least, (a, b) => a < b),
    greatest: extreme(greatest, (a, b) => a > b),
  }
}

/** The text of the number that comes before all others; exact texts stay as they are. */
function extreme(texts: readonly (string | null)[], isBefore: (a: number, b: number) => boolean): string | null {
  return texts.reduce((best, text) => {
    if (text === null) return best
    return best === null || isBefore(Number(text), Number(best)) ? text : best
  }, null)
}
