const WIDTH = 240
const HEIGHT = 48
const EDGE = 3

/** The course of a number as a small line, from the oldest at the left; it starts at zero unless `fit` is set. */
export function Sparkline({ values, label, fit = false }: SparklineProps) {
  const points = pointsOf(values, fit)
  if (points === null) return null
  const line = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path class="sparkline-area" d={`${line}V${HEIGHT}H${EDGE}z`} />
      <path class="sparkline-line" d={line} />
    </svg>
  )
}

export interface SparklineProps {
  values: readonly number[]
  /** What it shows, in words. */
  label: string
  /** Lets the line fill the height, for numbers that move little. */
  fit?: boolean
}

function pointsOf(values: readonly number[], fit: boolean): [x: number, y: number][] | null {
  if (values.length < 2) return null
  const greatest = Math.max(...values)
  const least = fit ? Math.min(...values) : 0
  const range = greatest - least || 1
  const step = (WIDTH - 2 * EDGE) / (values.length - 1)
  return values.map((value, i) => [EDGE + i * step, HEIGHT - EDGE - ((value - least) / range) * (HEIGHT - 2 * EDGE)])
}
