/** Rows in aligned columns. */
import type { Terminal } from '../io.ts'
import type { Style } from './style.ts'
import { pad, printable, textWidth, truncate } from './text.ts'

/** How one column is made of a row. */
export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string
  /** Numbers stand on the right. */
  readonly align?: 'left' | 'right'
  /** Colours a cell; never changes its width. */
  readonly paint?: (row: Row, style: Style) => (text: string) => string
  /** May be shortened when the terminal is too narrow. */
  readonly shrinks?: boolean
}

const GAP = '  '
const SHRUNK_CELLS_MIN = 8

/**
 * The table's lines, a heading first. Off a terminal nothing is coloured or shortened.
 * Cells may hold text from anywhere: control characters are made visible.
 */
export function tableLines<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  terminal: Terminal,
  style: Style,
): string[] {
  const cells = rows.map(row => columns.map(column => printable(column.value(row))))
  const widths = columns.map(({ title }, c) => Math.max(textWidth(title), ...cells.map(row => textWidth(row[c] ?? ''))))
  if (terminal.isTTY) shrink(widths, columns, terminal.columns)
  const heading = joinCells(columns, widths, (column, width) => style.bold(fill(column.title, width, column)))
  const body = rows.map((row, r) =>
    joinCells(columns, widths, (column, width, c) => {
      const text = fill(cells[r]?.[c] ?? '', width, column)
      return column.paint === undefined ? text : column.paint(row, style)(text)
    }),
  )
  return [heading, ...body]
}

function shrink<Row>(widths: number[], columns: readonly Column<Row>[], available: number): void {
  let surplus = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - available
  columns.forEach((column, c) => {
    const width = widths[c] ?? 0
    if (column.shrinks !== true || surplus <= 0) return
    const narrower = Math.max(Math.min(width, SHRUNK_CELLS_MIN), width - surplus)
    surplus -= width - narrower
    widths[c] = narrower
  })
}

function fill<Row>(text: string, width: number, column: Column<Row>): string {
  return pad(truncate(text, width), width, column.align === 'right' ? 'left' : 'right')
}

function joinCells<Row>(
  columns: readonly Column<Row>[],
  widths: readonly number[],
  cell: (column: Column<Row>, width: number, index: number) => string,
): string {
  return columns
    .map((column, c) => cell(column, widths[c] ?? 0, c))
    .join(GAP)
    .trimEnd()
}

/** Names and values, one pair a line, the values aligned. */
export function factLines(facts: Readonly<Record<string, string | number | boolean>>, style: Style): string[] {
  const names = Object.keys(facts)
  const width = Math.max(0, ...names.map(textWidth))
  return names.map(name => `${style.dim(pad(printable(name), width))}  ${printable(String(facts[name]))}`)
}
