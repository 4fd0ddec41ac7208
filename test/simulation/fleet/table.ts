/** What a fleet of seeds came to, on one screen. */
import { FAULTS } from '../../../simulation/index.ts'
import type { TimedReport } from './run-fleet.ts'

const HOUR_MS = 3_600_000
const NAME_WIDTH = 62

/** Lines of text. `elapsedMs` is of the whole fleet. */
export function fleetTable(reports: readonly TimedReport[], elapsedMs: number): string[] {
  const virtualMs = reports.reduce((sum, { report }) => sum + report.virtualMs, 0)
  const failed = reports.filter(({ report }) => report.failure !== null).length
  const events = reports.reduce((sum, { report }) => sum + report.events, 0)
  return [
    `seeds ${reports.length}, failed ${failed}`,
    `virtual hours ${(virtualMs / HOUR_MS).toFixed(1)}, real seconds ${(elapsedMs / 1_000).toFixed(1)}, ` +
      `speed ${Math.round(virtualMs / elapsedMs)}x, events ${events}`,
    `faults drawn: ${faultCounts(reports)}`,
    'sometimes (seeds that reached it, times):',
    ...sometimesLines(reports),
  ]
}

function faultCounts(reports: readonly TimedReport[]): string {
  return FAULTS.map(fault => `${fault} ${reports.filter(({ report }) => report.faults.includes(fault)).length}`).join(
    ', ',
  )
}

function sometimesLines(reports: readonly TimedReport[]): string[] {
  const reached = new Map<string, { seeds: number; times: number }>()
  for (const { report } of reports) {
    for (const [state, times] of Object.entries(report.sometimes)) {
      const before = reached.get(state) ?? { seeds: 0, times: 0 }
      reached.set(state, { seeds: before.seeds + 1, times: before.times + times })
    }
  }
  const rows = [...reached].sort(([a], [b]) => (a < b ? -1 : 1))
  return rows.map(
    ([state, { seeds, times }]) =>
      `  ${state.padEnd(NAME_WIDTH)}${String(seeds).padStart(6)}${String(times).padStart(9)}`,
  )
}
