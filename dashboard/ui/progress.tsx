import { percent } from './format.ts'

/** How far something is, as a bar; the numbers stand beside it in words. */
export function Progress({ label, value, max, tone = 'busy' }: ProgressProps) {
  return (
    <progress
      class={`progress progress-${tone}`}
      aria-label={label}
      value={value}
      max={Math.max(max, 1)}
      title={percent(max === 0 ? 0 : value / max)}
    />
  )
}

export interface ProgressProps {
  /** What it is the progress of. */
  label: string
  value: number
  max: number
  tone?: 'busy' | 'good' | 'warn' | 'bad'
}
