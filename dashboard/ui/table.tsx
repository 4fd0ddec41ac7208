// biome-ignore-all lint/a11y/noRedundantRoles: on a phone rows are shown as cards, and some browsers then forget that they are rows
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { count } from './format.ts'
import { Icon } from './icon.tsx'
import { pageOf, type Sorting, type SortKey, sorted } from './sorting.ts'

/** A column of a table. */
export interface Column<Row> {
  readonly id: string
  readonly title: string
  cell(row: Row): ComponentChildren
  /** Lets people put the rows in order by it. */
  readonly sortBy?: (row: Row) => SortKey
  /** Figures stand at the right. */
  readonly numeric?: boolean
  /** The row's name, read out with each of its cells and set as the title of its card on a phone. */
  readonly isName?: boolean
}

/**
 * Rows in columns, in the order that people choose and in pages, so that thousands of rows stay quick. On a phone each row is a card.
 * Its roles are said outright, since browsers forget them when a row is shown as a card.
 */
export function Table<Row>({ caption, rows, columns, keyOf, sort, pageRows = 50 }: TableProps<Row>) {
  const sorting = useSignal<Sorting | null>(sort ?? null)
  const page = useSignal(0)
  const { column, descending } = sorting.value ?? { column: '', descending: false }
  const sortBy = columns.find(({ id }) => id === column)?.sortBy
  const shown = pageOf(sortBy === undefined ? rows : sorted(rows, sortBy, descending), page.value, pageRows)
  const turn = (id: string) => {
    const isSame = id === column
    sorting.value = { column: id, descending: isSame ? !descending : false }
    page.value = 0
  }
  return (
    <div class="table-box">
      <table class="table" role="table">
        <caption class="visually-hidden">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ id, title, numeric, sortBy: canSort }) => (
              <th
                key={id}
                role="columnheader"
                scope="col"
                class={numeric ? 'numeric' : undefined}
                aria-sort={id === column ? (descending ? 'descending' : 'ascending') : undefined}
              >
                {canSort === undefined ? (
                  title
                ) : (
                  <button type="button" class="sort" onClick={() => turn(id)}>
                    {title}
                    {id === column ? <Icon name={descending ? 'down' : 'up'} size={14} /> : null}
                  </button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {shown.rows.map(row => (
            <tr key={keyOf(row)} role="row">
              {columns.map(column => (
                <Cell key={column.id} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {shown.pages > 1 ? (
        <nav class="pages" aria-label={`Pages of ${caption}`}>
          <button
            type="button"
            class="button button-plain button-small"
            disabled={shown.page === 0}
            onClick={() => {
              page.value = shown.page - 1
            }}
          >
            <Icon name="back" size={16} /> Previous
          </button>
          <span role="status">
            {count(shown.from + 1)}–{count(shown.from + shown.rows.length)} of {count(rows.length)}
          </span>
          <button
            type="button"
            class="button button-plain button-small"
            disabled={shown.page === shown.pages - 1}
            onClick={() => {
              page.value = shown.page + 1
            }}
          >
            Next <Icon name="next" size={16} />
          </button>
        </nav>
      ) : null}
    </div>
  )
}

export interface TableProps<Row> {
  /** What the rows are; read out, not shown. */
  caption: string
  rows: readonly Row[]
  columns: readonly Column<Row>[]
  keyOf(row: Row): string | number
  /** The order to begin with; as the rows come when left out. */
  sort?: Sorting
  /** Rows of a page; 50 when left out. */
  pageRows?: number
}

function Cell<Row>({ column: { title, cell, numeric, isName }, row }: { column: Column<Row>; row: Row }) {
  const content = cell(row)
  if (isName) {
    return (
      <th role="rowheader" scope="row" class="cell-name">
        {content}
      </th>
    )
  }
  return (
    <td role="cell" class={numeric ? 'numeric' : undefined} data-label={title}>
      <div>{content}</div>
    </td>
  )
}
