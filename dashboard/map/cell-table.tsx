import type { PublicCell } from '../../coordinator/http/live-api.ts'
import { count } from '../ui/format.ts'
import { Table } from '../ui/table.tsx'
import { Ago } from '../ui/time.tsx'
import { unitText } from './quantity-words.ts'

/** What the map shows, for whoever cannot use a map. */
export function CellTable({ cells, onSelect }: { cells: readonly PublicCell[]; onSelect(cell: string): void }) {
  const unit = unitText(cells[0]?.unit ?? '')
  return (
    <Table
      caption="Newest value of every cell"
      rows={cells}
      keyOf={({ cell }) => cell}
      sort={{ column: 'value', descending: true }}
      pageRows={25}
      columns={[
        {
          id: 'cell',
          title: 'Cell',
          isName: true,
          sortBy: ({ cell }) => cell,
          cell: ({ cell }) => (
            <button type="button" class="button-link" onClick={() => onSelect(cell)}>
              <code>{cell}</code>
            </button>
          ),
        },
        {
          id: 'value',
          title: unit === '' ? 'Value' : `Value, ${unit}`,
          numeric: true,
          sortBy: ({ value }) => (value === null ? Number.NEGATIVE_INFINITY : Number(value)),
          cell: ({ value }) => value ?? 'none',
        },
        { id: 'least', title: 'Least', numeric: true, cell: ({ least }) => least ?? '–' },
        { id: 'greatest', title: 'Greatest', numeric: true, cell: ({ greatest }) => greatest ?? '–' },
        {
          id: 'sensors',
          title: 'Sensors',
          numeric: true,
          sortBy: ({ sensors }) => sensors,
          cell: ({ sensors }) => count(sensors),
        },
        {
          id: 'accepted',
          title: 'Accepted',
          numeric: true,
          sortBy: ({ accepted, readings }) => (readings === 0 ? 0 : accepted / readings),
          cell: ({ accepted, readings }) => `${count(accepted)} of ${count(readings)}`,
        },
        { id: 'window', title: 'Window ended', sortBy: ({ toMs }) => toMs, cell: ({ toMs }) => <Ago at={toMs} /> },
      ]}
    />
  )
}
