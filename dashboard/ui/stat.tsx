import type { ComponentChildren } from 'preact'

/** One figure and what it counts; among others in a {@link Stats}. */
export function Stat({ label, value, unit, note, children }: StatProps) {
  return (
    <div class="stat">
      <dt>{label}</dt>
      <dd>
        <span class="stat-value">
          {value}
          {unit === undefined ? null : <span class="stat-unit"> {unit}</span>}
        </span>
        {note === undefined ? null : <span class="stat-note">{note}</span>}
        {children}
      </dd>
    </div>
  )
}

export interface StatProps {
  label: string
  value: ComponentChildren
  /** Small, behind the value. */
  unit?: string
  /** A few words below. */
  note?: ComponentChildren
  /** A line or a bar below. */
  children?: ComponentChildren
}

/** Figures beside each other, as many in a row as there is room for. */
export function Stats({ children }: { children: ComponentChildren }) {
  return <dl class="stats">{children}</dl>
}
