/** Cells and their windows as people look at them. */
import type { CellSummary, CellWindow } from '../protocol/index.ts'
import { formatCount } from './terminal/format.ts'
import type { Column } from './terminal/table.ts'

/** `10:00-10:15` of a window, in UTC; with the date when it is longer than half a day. */
export function windowText({ fromMs, toMs }: Pick<CellWindow, 'fromMs' | 'toMs'>): string {
  const [date = '', from = ''] = new Date(fromMs).toISOString().split('T')
  const [, to = ''] = new Date(toMs).toISOString().split('T')
  const digits = fromMs % 60_000 === 0 && toMs % 60_000 === 0 ? 5 : 8
  return toMs - fromMs > 43_200_000
    ? `${date} ${from.slice(0, digits)}`
    : `${from.slice(0, digits)}-${to.slice(0, digits)}`
}

/** Columns of a table with one row for each cell's newest window. */
export function windowColumns(unit: string): readonly Column<CellWindow>[] {
  return [
    { title: 'CELL', value: ({ cell }) => cell },
    { title: 'WINDOW', value: windowText },
    { title: 'VALUE', align: 'right', value: ({ value }) => (value === null ? '-' : `${value} ${unit}`.trim()) },
    { title: 'ACCEPTED', align: 'right', value: ({ accepted }) => formatCount(accepted) },
    {
      title: 'REJECTED',
      align: 'right',
      value: ({ readings, accepted }) => formatCount(readings - accepted),
      paint: ({ readings, accepted }, style) => (readings > accepted ? style.warn : style.dim),
    },
    { title: 'SENSORS', align: 'right', value: ({ sensors }) => formatCount(sensors) },
    { title: 'REVISION', align: 'right', value: ({ revision }) => String(revision) },
  ]
}

/** Columns of a table with one row for each cell's whole campaign. */
export function summaryColumns(unit: string): readonly Column<CellSummary>[] {
  const amount = (value: string | null): string => (value === null ? '-' : `${value} ${unit}`.trim())
  return [
    { title: 'CELL', value: ({ cell }) => cell },
    { title: 'WINDOWS', align: 'right', value: ({ windows }) => formatCount(windows) },
    { title: 'LATEST', align: 'right', value: ({ latest }) => amount(latest) },
    { title: 'LEAST', align: 'right', value: ({ least }) => amount(least) },
    { title: 'GREATEST', align: 'right', value: ({ greatest }) => amount(greatest) },
    { title: 'ACCEPTED', align: 'right', value: ({ accepted }) => formatCount(accepted) },
    { title: 'REJECTED', align: 'right', value: ({ readings, accepted }) => formatCount(readings - accepted) },
  ]
}
