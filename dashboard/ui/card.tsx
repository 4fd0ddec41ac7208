import type { ComponentChildren } from 'preact'

/** A bordered part of a page with a heading of second rank. */
export function Card({ title, aside, children }: CardProps) {
  return (
    <section class="card" aria-label={title}>
      <header class="card-head">
        <h2>{title}</h2>
        {aside === undefined || aside === null ? null : <span>{aside}</span>}
      </header>
      {children}
    </section>
  )
}

export interface CardProps {
  title: string
  /** Small, at the right of the title. */
  aside?: ComponentChildren
  children: ComponentChildren
}
