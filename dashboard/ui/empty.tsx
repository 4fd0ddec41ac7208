import type { ComponentChildren } from 'preact'
import { Icon, type IconName } from './icon.tsx'

/** What is shown where there is nothing yet: why, and what to do about it. */
export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div class="empty">
      <Icon name={icon} size={36} />
      <p class="empty-title">{title}</p>
      {children === undefined ? null : <div class="empty-text">{children}</div>}
    </div>
  )
}

export interface EmptyProps {
  icon: IconName
  title: string
  children?: ComponentChildren
}
