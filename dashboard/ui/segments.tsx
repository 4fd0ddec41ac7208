import type { Tone } from './badge.tsx'
import { count } from './format.ts'

/** A part of a whole. */
export interface Segment {
  readonly label: string
  readonly value: number
  readonly tone: Tone
  /** Where the things of this part are shown. */
  readonly href?: string
}

const WIDTH = 1_000
const GAP = 6

/** What a whole is made of: a bar in pieces, and each piece with its count below it. */
export function Segments({ segments }: { segments: readonly Segment[] }) {
  const shown = segments.filter(({ value }) => value > 0)
  const total = shown.reduce((sum, { value }) => sum + value, 0)
  const free = WIDTH - GAP * Math.max(0, shown.length - 1)
  let x = 0
  const pieces = shown.map(({ label, value, tone }) => {
    const width = (free * value) / total
    const piece = <rect key={label} class={`segment segment-${tone}`} x={x} y="0" width={width} height="12" rx="3" />
    x += width + GAP
    return piece
  })
  return (
    <div class="segments">
      <svg class="segments-bar" viewBox={`0 0 ${WIDTH} 12`} preserveAspectRatio="none" aria-hidden="true">
        {total === 0 ? <rect class="segment segment-none" x="0" y="0" width={WIDTH} height="12" rx="3" /> : pieces}
      </svg>
      <ul class="segments-key">
        {segments.map(({ label, value, tone, href }) => (
          <li key={label}>
            <span class={`badge-dot dot-${tone}`} aria-hidden="true" />
            {href === undefined ? label : <a href={href}>{label}</a>} <strong>{count(value)}</strong>
          </li>
        ))}
      </ul>
    </div>
  )
}
