import { useEffect, useRef } from 'preact/hooks'
import type { PublicCell } from '../../coordinator/http/live-api.ts'
import type { SensorSummary } from '../../protocol/sensing/api-types.ts'
import { Icon } from '../ui/icon.tsx'
import { colourOf, figure, inkOn, type Scale } from './colours.ts'
import type { CellMap, DrawnCell, DrawnPlace } from './leaflet-map.ts'
import { quantityLabel, unitText, valueText } from './quantity-words.ts'

/** What a map's code needs and is loaded with it. */
interface Loaded {
  readonly map: CellMap
  readonly cells: typeof import('./cells.ts')
}

/** The map. Whoever cannot use it finds the same in the table below it. */
export function MapCanvas({ cells, scale, sensors, selected, onSelect }: MapCanvasProps) {
  const place = useRef<HTMLDivElement>(null)
  const loaded = useRef<Loaded | null>(null)
  const select = useRef(onSelect)
  select.current = onSelect
  const draw = useRef(() => {})
  draw.current = () => {
    const { current } = loaded
    if (current === null) return
    current.map.setPlaces(placesOf(sensors, current.cells))
    current.map.setCells(cells.flatMap(cell => drawnCell(cell, scale, current.cells)))
    current.map.select(selected)
  }
  useEffect(() => {
    let isGone = false
    void Promise.all([import('./leaflet-map.ts'), import('./cells.ts'), readBase()]).then(
      ([{ createCellMap }, cellShapes, base]) => {
        if (isGone || place.current === null) return
        const map = createCellMap(place.current, id => select.current(id))
        loaded.current = { map, cells: cellShapes }
        if (base !== null) map.setBase(base)
        draw.current()
      },
    )
    return () => {
      isGone = true
      loaded.current?.map.close()
      loaded.current = null
    }
  }, [])
  useEffect(() => draw.current(), [cells, scale, sensors, selected])
  return (
    <div class="map-frame">
      <div
        class="map-canvas"
        ref={place}
        role="application"
        aria-label="Map of cells: arrow keys move it, plus and minus zoom, tab goes from cell to cell"
      />
      <button
        type="button"
        class="button button-plain button-small map-fit"
        onClick={() => loaded.current?.map.showAll()}
      >
        <Icon name="map" size={16} /> Show all
      </button>
    </div>
  )
}

interface MapCanvasProps {
  cells: readonly PublicCell[]
  scale: Scale | null
  sensors: readonly SensorSummary[]
  /** The id of a cell. */
  selected: string | null
  onSelect(cell: string): void
}

function drawnCell(
  cell: PublicCell,
  scale: Scale | null,
  { cornersOf, isCell, middleOf }: Loaded['cells'],
): DrawnCell[] {
  const { cell: id, value, unit, quantity, readings, accepted } = cell
  if (!isCell(id)) return []
  const colour = value === null || scale === null ? null : colourOf(Number(value), scale)
  const rejected = readings - accepted
  const noted = rejected === 0 ? '' : `, ${rejected} of ${readings} readings rejected`
  return [
    {
      id,
      corners: cornersOf(id),
      middle: middleOf(id),
      colour,
      ink: colour === null ? '#000000' : inkOn(colour),
      text:
        value === null || scale === null ? '' : `${figure(Number(value), scale)}${unitText(unit) === '°C' ? '°' : ''}`,
      label: `Cell ${id}: ${quantityLabel(quantity)} ${value === null ? 'has no value' : valueText(value, unit)}${noted}`,
      hasRejected: rejected > 0,
    },
  ]
}

/** Devices are told by the middle of a cell of their place: nobody sees where exactly they stand. */
function placesOf(sensors: readonly SensorSummary[], { isCell, middleOf }: Loaded['cells']): DrawnPlace[] {
  const byCell = new Map<string, SensorSummary[]>()
  for (const sensor of sensors) {
    if (sensor.cell === null || !isCell(sensor.cell)) continue
    byCell.set(sensor.cell, [...(byCell.get(sensor.cell) ?? []), sensor])
  }
  return [...byCell].map(([cell, here]) => {
    const devices = new Map(here.map(({ device, deviceLabel }) => [device, deviceLabel === '' ? device : deviceLabel]))
    return {
      id: cell,
      at: middleOf(cell),
      label: `Somewhere around here: ${[...devices.values()].join(', ')}`,
      devices: devices.size,
      isOnline: here.some(({ online }) => online),
    }
  })
}

/** The operator's own lines and areas, such as streets; an empty collection as it is built. */
async function readBase(): Promise<unknown> {
  try {
    const response = await fetch('/dashboard/base.json')
    return response.ok ? await response.json() : null
  } catch {
    return null
  }
}
