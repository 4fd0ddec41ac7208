import { useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { PublicCell, PublicHistory } from '../../coordinator/http/live-api.ts'
import type { CellWindow, SensorSummary } from '../../protocol/sensing/api-types.ts'
import { withQuery } from '../api/client.ts'
import { useResource } from '../api/resource.ts'
import { role } from '../api/session.ts'
import { historyCsv, historyData, historyWords } from '../charts/history.ts'
import { TimeChart } from '../charts/time-chart.tsx'
import { nowMs, saveFile } from '../platform.ts'
import { Badge } from '../ui/badge.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { clockTime, count, counted, dateTime, percent } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { Notice } from '../ui/notice.tsx'
import { Table } from '../ui/table.tsx'
import { Ago } from '../ui/time.tsx'
import type { CellAccess } from './cell-access.ts'
import { quantityLabel, unitText, valueText } from './quantity-words.ts'
import { SensorVerdicts } from './sensor-verdicts.tsx'

/** How far back a history goes; null is all that there is. */
const SPANS: readonly [label: string, spanMs: number | null][] = [
  ['1 hour', 3_600_000],
  ['6 hours', 21_600_000],
  ['1 day', 86_400_000],
  ['7 days', 604_800_000],
  ['All', null],
]

/** One cell: what it came to in its newest window and before, and how good its readings are. */
export function CellPanel({ cell, access, sensors, onClose }: CellPanelProps) {
  const span = useSignal(0)
  const heading = useRef<HTMLHeadingElement>(null)
  // On a phone the panel is below the map, where nobody would see it open.
  useEffect(() => {
    heading.current?.focus({ preventScroll: true })
    heading.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  const { campaign, cell: id, unit, quantity, value, least, greatest, fromMs, toMs } = cell
  const spanMs = SPANS[span.value]?.[1] ?? null
  // Fixed while the same time is looked at, or each event would ask for another address.
  const from = useMemo(() => (spanMs === null ? undefined : Math.floor(nowMs() - spanMs)), [spanMs, campaign, id])
  const { windows, problem } = useHistory(cell, access, from)
  const data = useMemo(() => historyData(windows, unitText(unit)), [windows, unit])
  const share = cell.readings === 0 ? null : cell.accepted / cell.readings
  return (
    <section class="card cell-panel" aria-label={`Cell ${id}`}>
      <header class="cell-head">
        <div>
          <h2 tabIndex={-1} ref={heading}>
            {quantityLabel(quantity)}
          </h2>
          <p class="cell-id">
            <code>{id}</code> <CopyButton text={id} label="the cell's id" />
          </p>
        </div>
        <button type="button" class="button button-bare" aria-label="Close the cell" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <p class="cell-value">
        <strong>{valueText(value, unit)}</strong>
        <span>
          {value === null
            ? 'no reading was accepted'
            : least === greatest
              ? 'all readings alike'
              : `${least} to ${greatest}`}
        </span>
      </p>
      <dl class="facts cell-facts">
        <div>
          <dt>Window</dt>
          <dd>
            {clockTime(fromMs)} to {clockTime(toMs)}, <Ago at={toMs} />
          </dd>
        </div>
        <div>
          <dt>Sensors</dt>
          <dd>{count(cell.sensors)}</dd>
        </div>
        <div>
          <dt>Accepted</dt>
          <dd>
            {count(cell.accepted)} of {counted(cell.readings, 'reading')}{' '}
            {share === null ? null : (
              <Badge tone={share === 1 ? 'good' : share > 0.5 ? 'warn' : 'bad'}>{percent(share)}</Badge>
            )}
          </dd>
        </div>
        {cell.name === '' ? null : (
          <div>
            <dt>Campaign</dt>
            <dd>{cell.name}</dd>
          </div>
        )}
      </dl>
      <SensorVerdicts
        cell={cell}
        sensors={sensors}
        isAllowed={role.value === 'operator' || role.value === 'submitter'}
      />
      <h3>History</h3>
      <fieldset class="chips">
        <legend class="visually-hidden">How far back</legend>
        {SPANS.map(([label], i) => (
          <button
            key={label}
            type="button"
            class="chip"
            aria-pressed={i === span.value}
            onClick={() => {
              span.value = i
            }}
          >
            {label}
          </button>
        ))}
      </fieldset>
      {problem === null ? null : <Notice kind="problem">{problem}</Notice>}
      <TimeChart
        data={data}
        label={`${quantityLabel(quantity)} of cell ${id}: ${historyWords(windows, unitText(unit))}`}
      />
      <p class="chart-words">{historyWords(windows, unitText(unit))}</p>
      <details class="chart-table">
        <summary>The same as a table</summary>
        <HistoryTable windows={windows} unit={unit} />
        <button
          type="button"
          class="button button-plain button-small"
          onClick={() => saveFile(`${id}-${quantity}.csv`, new Blob([historyCsv(windows)], { type: 'text/csv' }))}
        >
          <Icon name="download" size={16} /> Download CSV
        </button>
      </details>
    </section>
  )
}

interface CellPanelProps {
  cell: PublicCell
  access: CellAccess
  sensors: readonly SensorSummary[]
  onClose(): void
}

function HistoryTable({ windows, unit }: { windows: readonly CellWindow[]; unit: string }) {
  return (
    <Table
      caption="Windows of the cell, newest first"
      rows={windows.toReversed()}
      keyOf={({ fromMs }) => fromMs}
      pageRows={12}
      columns={[
        { id: 'from', title: 'From', isName: true, cell: ({ fromMs }) => <Begin atMs={fromMs} /> },
        {
          id: 'value',
          title: unitText(unit) === '' ? 'Value' : unitText(unit),
          numeric: true,
          cell: ({ value }) => value ?? '–',
        },
        {
          id: 'range',
          title: 'Range',
          numeric: true,
          cell: ({ least, greatest }) => (least === null ? '–' : `${least} to ${greatest}`),
        },
        {
          id: 'accepted',
          title: 'Accepted',
          numeric: true,
          cell: ({ accepted, readings }) => `${accepted} of ${readings}`,
        },
      ]}
    />
  )
}

/** The time of day; the whole is its title. */
function Begin({ atMs }: { atMs: number }) {
  return (
    <time dateTime={new Date(atMs).toISOString()} title={dateTime(atMs)}>
      {clockTime(atMs)}
    </time>
  )
}

/** Windows of a cell; a new one is added when the stream tells of it. */
function useHistory(
  cell: PublicCell,
  access: CellAccess,
  from: number | undefined,
): { windows: readonly CellWindow[]; problem: string | null } {
  const { campaign, cell: id } = cell
  const open = useResource<PublicHistory>(
    access === 'all' ? withQuery('/api/public/history', { campaign, cell: id, from }) : null,
  )
  const own = useResource<CellWindow[]>(
    access === 'own' ? withQuery(`/api/campaigns/${campaign}/windows`, { cell: id, from }) : null,
  )
  const asked = access === 'all' ? (open.value?.cell === id ? open.value.windows : null) : own.value
  const newest = useSignal<ReadonlyMap<number, CellWindow>>(new Map())
  useEffect(() => {
    newest.value = new Map()
  }, [campaign, id])
  useEffect(() => {
    newest.value = new Map(newest.value).set(cell.fromMs, { ...cell, revision: 0 })
  }, [cell])
  const windows = useMemo(() => {
    const merged = new Map([
      ...(asked ?? []).map(window => [window.fromMs, window] as const),
      ...[...newest.value].filter(([, window]) => window.cell === id),
    ])
    return [...merged.values()].sort((a, b) => a.fromMs - b.fromMs)
  }, [asked, newest.value, id])
  return { windows, problem: access === 'all' ? open.problem : own.problem }
}
