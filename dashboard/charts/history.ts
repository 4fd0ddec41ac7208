/** A cell's windows as a chart has them. */
import type { CellWindow } from '../../protocol/sensing/api-types.ts'
import type { PlotData } from './plot.ts'

/** Windows by ascending time; where one is missing in between there is a gap. */
export function historyData(windows: readonly CellWindow[], unit: string): PlotData {
  const rows = withGaps(windows)
  return {
    timesMs: rows.map(({ atMs }) => atMs),
    band: { low: rows.map(({ least }) => least), high: rows.map(({ greatest }) => greatest) },
    lines: [{ label: 'Value', values: rows.map(({ value }) => value), colour: '--accent' }],
    unit,
  }
}

interface Row {
  readonly atMs: number
  readonly value: number | null
  readonly least: number | null
  readonly greatest: number | null
}

function withGaps(windows: readonly CellWindow[]): Row[] {
  const rows: Row[] = []
  let endMs: number | null = null
  for (const { fromMs, toMs, value, least, greatest } of windows) {
    if (endMs !== null && fromMs > endMs) rows.push({ atMs: endMs, value: null, least: null, greatest: null })
    rows.push({ atMs: fromMs, value: number(value), least: number(least), greatest: number(greatest) })
    endMs = toMs
  }
  return rows
}

const number = (text: string | null): number | null => (text === null ? null : Number(text))

/** The course of the values in a sentence. */
export function historyWords(windows: readonly CellWindow[], unit: string): string {
  const values = windows.flatMap(({ value }) => (value === null ? [] : [Number(value)]))
  if (values.length === 0) return 'No value in this time.'
  const [least, greatest] = [Math.min(...values), Math.max(...values)]
  const last = values.at(-1) ?? 0
  const shown = unit === '' ? '' : ` ${unit}`
  return `${values.length} values between ${least}${shown} and ${greatest}${shown}, the last ${last}${shown}.`
}

/** The windows as a file for spreadsheets. */
export function historyCsv(windows: readonly CellWindow[]): string {
  const rows = windows.map(({ fromMs, toMs, value, least, greatest, readings, accepted, sensors }) =>
    [
      new Date(fromMs).toISOString(),
      new Date(toMs).toISOString(),
      value ?? '',
      least ?? '',
      greatest ?? '',
      readings,
      accepted,
      sensors,
    ].join(','),
  )
  return `from,to,value,least,greatest,readings,accepted,sensors\n${rows.map(row => `${row}\n`).join('')}`
}
