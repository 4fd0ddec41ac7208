import type { PublicCell } from '../../coordinator/http/live-api.ts'
import type { CellAccess } from '../map/cell-access.ts'
import { quantityLabel, unitText } from '../map/quantity-words.ts'
import { linkTo } from '../router.ts'
import { Card } from '../ui/card.tsx'
import { counted, percent } from '../ui/format.ts'
import { Ago } from '../ui/time.tsx'
import { digestCells, type QuantityNow } from './region-readings-digest.ts'

interface ReadingsProps {
  /** Null until they came. */
  cells: readonly PublicCell[] | null
  access: CellAccess
}

/** What the region measures now: each quantity over all cells. */
export function ReadingsCard({ cells, access }: ReadingsProps) {
  const quantities = digestCells(cells ?? [])
  if (cells === null) return null
  return (
    <Card title="Measured now" aside={quantities.length > 0 ? <a href={linkTo('map')}>On the map</a> : null}>
      {access === 'none' ? (
        <p class="muted">This region does not show its readings to everybody.</p>
      ) : quantities.length === 0 ? (
        <p class="muted">No campaign measures anything at present.</p>
      ) : (
        <ul class="readings">
          {quantities.map(quantity => (
            <Quantity key={quantity.quantity} now={quantity} />
          ))}
        </ul>
      )}
    </Card>
  )
}

function Quantity({ now }: { now: QuantityNow }) {
  const { quantity, unit, middle, least, greatest, cells, sensors, accepted, readings, newestMs } = now
  return (
    <li class="reading">
      <span class="reading-label">{quantityLabel(quantity)}</span>
      <span class="reading-value">
        {middle ?? '–'}
        <span class="stat-unit"> {unitText(unit)}</span>
      </span>
      <span class="reading-note">
        {least !== null && least !== greatest ? `${least} to ${greatest}, ` : ''}
        {counted(cells, 'cell')}, {counted(sensors, 'sensor')}
      </span>
      <span class="reading-note">
        {readings === 0 ? 'no readings' : `${percent(accepted / readings)} accepted`}, <Ago at={newestMs} />
      </span>
    </li>
  )
}
