import { useMemo } from 'preact/hooks'
import type { PublicCell } from '../../coordinator/http/live-api.ts'
import type { SensorSummary } from '../../protocol/sensing/api-types.ts'
import { useResource } from '../api/resource.ts'
import { role } from '../api/session.ts'
import { CellPanel } from '../map/cell-panel.tsx'
import { CellTable } from '../map/cell-table.tsx'
import { scaleOf } from '../map/colours.ts'
import { Legend } from '../map/legend.tsx'
import { useLiveCells } from '../map/live-cells.ts'
import { MapCanvas } from '../map/map-canvas.tsx'
import { quantityLabel } from '../map/quantity-words.ts'
import { useSensorsIn } from '../map/sensors-in.ts'
import { choose, query } from '../router.ts'
import { Card } from '../ui/card.tsx'
import { Empty } from '../ui/empty.tsx'
import { counted } from '../ui/format.ts'
import { Notice } from '../ui/notice.tsx'
import { Page } from '../ui/page.tsx'
import { Ago } from '../ui/time.tsx'

const NO_SENSORS: readonly SensorSummary[] = []

/** `#/map`: `?campaign=` and `?cell=` say what is looked at. */
export default function MapView() {
  const { access, cells, problem } = useLiveCells()
  const known = useResource<SensorSummary[]>(role.value === 'public' ? null : '/api/sensors')
  const sensors = known.value ?? NO_SENSORS
  const campaigns = useMemo(() => campaignsOf(cells ?? []), [cells])
  const campaign = campaigns.find(({ id }) => id === query.value.get('campaign')) ?? campaigns[0]
  const shown = useMemo(() => (cells ?? []).filter(cell => cell.campaign === campaign?.id), [cells, campaign?.id])
  const scale = useMemo(() => scaleOf(shown.flatMap(({ value }) => (value === null ? [] : [Number(value)]))), [shown])
  const selected = shown.find(({ cell }) => cell === query.value.get('cell'))
  const sensorsHere = useSensorsIn(selected?.cell ?? null, sensors)
  const select = (cell: string) => choose('cell', cell)
  const newestMs = Math.max(0, ...shown.map(({ toMs }) => toMs))
  return (
    <Page
      title="Map"
      lead={
        shown.length === 0 ? (
          'What cells measure, window by window.'
        ) : (
          <>
            {counted(shown.length, 'cell')}, the newest window ended <Ago at={newestMs} />.
          </>
        )
      }
      actions={
        campaigns.length === 0 ? null : (
          <label class="select map-choice">
            <span class="visually-hidden">What is shown</span>
            <select value={campaign?.id ?? ''} onChange={event => choose('campaign', event.currentTarget.value)}>
              {campaigns.map(({ id, title }) => (
                <option key={id} value={id}>
                  {title}
                </option>
              ))}
            </select>
          </label>
        )
      }
    >
      {problem === null ? null : <Notice kind="problem">{problem}</Notice>}
      {access === 'none' ? (
        <Notice>
          This region does not show what its cells come to. Its operator can open the data, and sees it after signing
          in.
        </Notice>
      ) : null}
      <div class={selected === undefined ? 'map-layout' : 'map-layout map-layout-open'}>
        <div class="map-side card">
          <MapCanvas
            cells={shown}
            scale={scale}
            sensors={sensors}
            selected={selected?.cell ?? null}
            onSelect={select}
          />
          <Legend scale={scale} unit={campaign?.unit ?? ''} label={quantityLabel(campaign?.quantity ?? '')} />
        </div>
        {selected === undefined ? null : (
          <CellPanel
            key={`${selected.campaign} ${selected.cell}`}
            cell={selected}
            access={access}
            sensors={sensorsHere}
            onClose={() => choose('cell', '')}
          />
        )}
      </div>
      {shown.length === 0 ? (
        access === 'none' || cells === null ? null : (
          <Empty icon="sensor" title="No cell has a value yet">
            A campaign says what to measure, where and how often. Its cells appear here with their first window.
          </Empty>
        )
      ) : (
        <Card title="All cells">
          <CellTable cells={shown} onSelect={select} />
        </Card>
      )}
    </Page>
  )
}

interface ShownCampaign {
  readonly id: string
  readonly quantity: string
  readonly unit: string
  readonly title: string
}

/** Campaigns that have cells, by what they measure. */
function campaignsOf(cells: readonly PublicCell[]): ShownCampaign[] {
  const found = new Map<string, ShownCampaign>()
  for (const { campaign: id, name, quantity, unit } of cells) {
    if (!found.has(id))
      found.set(id, {
        id,
        quantity,
        unit,
        title: name === '' ? quantityLabel(quantity) : `${quantityLabel(quantity)}: ${name}`,
      })
  }
  return [...found.values()].sort((a, b) => (a.title < b.title ? -1 : 1))
}
