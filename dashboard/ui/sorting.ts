/** The order and the pages of rows. */

/** What rows are put in order by. */
export type SortKey = string | number | bigint

/** Which column orders the rows, and which way. */
export interface Sorting {
  readonly column: string
  readonly descending: boolean
}

/** Rows in order. Rows that are equal keep their order, and texts are compared as people do: `unit-2` is before `unit-10`. */
export function sorted<Row>(rows: readonly Row[], keyOf: (row: Row) => SortKey, descending: boolean): Row[] {
  const keyed = rows.map(row => [keyOf(row), row] as const)
  const direction = descending ? -1 : 1
  return keyed.sort(([a], [b]) => direction * compare(a, b)).map(([, row]) => row)
}

const texts = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

function compare(a: SortKey, b: SortKey): number {
  if (typeof a === 'string' || typeof b === 'string') return texts.compare(String(a), String(b))
  return a < b ? -1 : a > b ? 1 : 0
}

/** One page of rows, and where it is among all. */
export interface PageOfRows<Row> {
  readonly rows: readonly Row[]
  /** From 0; the last there is when a later one was asked for. */
  readonly page: number
  readonly pages: number
  /** Number of the page's first row, from 0. */
  readonly from: number
}

/** The rows of a page; pages are counted from 0. */
export function pageOf<Row>(rows: readonly Row[], page: number, pageRows: number): PageOfRows<Row> {
  const pages = Math.max(1, Math.ceil(rows.length / pageRows))
  const shown = Math.min(Math.max(0, page), pages - 1)
  const from = shown * pageRows
  return { rows: rows.slice(from, from + pageRows), page: shown, pages, from }
}

/** Whether every word of what was typed is in one of the texts, whatever the case. */
export function matches(typed: string, inTexts: readonly string[]): boolean {
  const haystack = inTexts.join('\n').toLowerCase()
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every(word => haystack.includes(word))
}
