import type { ComponentChildren } from 'preact'

/** A sentence set apart. Problems are read out by screen readers as they appear. */
export function Notice({
  kind = 'info',
  children,
}: {
  kind?: 'info' | 'good' | 'warn' | 'problem'
  children: ComponentChildren
}) {
  return (
    <p class={`notice notice-${kind}`} role={kind === 'problem' ? 'alert' : 'status'}>
      {children}
    </p>
  )
}
