import { colourAt, type Scale } from './colours.ts'
import { unitText } from './quantity-words.ts'

const STEPS = 24
const WIDTH = 240

/** What the map's colours mean. */
export function Legend({ scale, unit, label }: { scale: Scale | null; unit: string; label: string }) {
  return (
    <div class="map-legend">
      {scale === null ? null : (
        <div class="map-legend-scale">
          <span class="map-legend-title">
            {label}
            {unitText(unit) === '' ? '' : `, ${unitText(unit)}`}
          </span>
          <svg class="map-legend-colours" viewBox={`0 0 ${WIDTH} 12`} preserveAspectRatio="none" aria-hidden="true">
            {Array.from({ length: STEPS }, (_, i) => (
              <rect
                key={i}
                x={(i * WIDTH) / STEPS}
                y="0"
                width={WIDTH / STEPS + 0.5}
                height="12"
                fill={colourAt((i + 0.5) / STEPS)}
              />
            ))}
          </svg>
          <ol class="map-legend-ticks">
            {scale.ticks.map(tick => (
              <li key={tick}>{tick.toLocaleString('en-GB')}</li>
            ))}
          </ol>
        </div>
      )}
      <ul class="map-legend-marks">
        <li>
          <span class="map-mark map-mark-hatched" aria-hidden="true" /> no value
        </li>
        <li>
          <span class="map-mark map-mark-rejected" aria-hidden="true" /> readings rejected
        </li>
        <li>
          <span class="map-mark map-mark-device" aria-hidden="true" /> sensors stand here
        </li>
      </ul>
    </div>
  )
}
