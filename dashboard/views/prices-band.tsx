import type { BasePrice } from '../../coordinator/http/price-api.ts'
import { placeInBand } from '../charts/price-history.ts'
import { counted, creditsOnly } from '../ui/format.ts'

const WIDTH = 300
const EDGE = 6

/** The band that a price may move in: from the ground to the ceiling that owners' floors set, and where it stands. */
export function PriceBand({ price }: { price: BasePrice }) {
  const { priceMicro, medianMicro, groundMicro, ceilingMicro, floors } = price
  const at = (micro: string) => EDGE + placeInBand(micro, price) * (WIDTH - 2 * EDGE)
  const asked =
    floors === 0
      ? `No owner asks a price, so the ceiling follows from the starting price.`
      : `${counted(floors, 'device')} ask a price; the middle of what they ask is ${creditsOnly(medianMicro)} cr.`
  return (
    <div class="price-band">
      <svg viewBox={`0 0 ${WIDTH} 16`} aria-hidden="true">
        <rect class="price-band-rail" x={EDGE} y="6" width={WIDTH - 2 * EDGE} height="4" rx="2" />
        {floors === 0 ? null : <rect class="price-band-median" x={at(medianMicro) - 1} y="1" width="2" height="14" />}
        <circle class="price-band-now" cx={at(priceMicro)} cy="8" r="6" />
      </svg>
      <p class="price-band-ends">
        <span>ground {creditsOnly(groundMicro)} cr</span>
        <span>ceiling {creditsOnly(ceilingMicro)} cr</span>
      </p>
      <p class="card-note">{asked}</p>
    </div>
  )
}
