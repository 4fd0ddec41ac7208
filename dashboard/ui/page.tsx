import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { session } from '../api/session.ts'
import { hasNavigated } from '../router.ts'

/**
 * A view's frame: its title as the one heading of first rank, what can be done at its right, then the content. Whoever goes there finds
 * the focus on the heading and the title in the window's.
 */
export function Page({ title, lead, back, badge, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (!hasNavigated()) return
    heading.current?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }, [])
  const region = session.value?.region ?? ''
  useEffect(() => {
    document.title = [title, region, 'Hedgerow'].filter(part => part !== '').join(' · ')
  }, [title, region])
  return (
    <article class="page">
      <header class="page-head">
        <div class="page-title">
          {back === undefined ? null : (
            <a class="page-back" href={back.href}>
              {back.title}
            </a>
          )}
          <div class="page-heading">
            <h1 ref={heading} tabIndex={-1}>
              {title}
            </h1>
            {badge}
          </div>
          {lead === undefined ? null : <p class="lead">{lead}</p>}
        </div>
        {actions === undefined ? null : <div class="page-actions">{actions}</div>}
      </header>
      {children}
    </article>
  )
}

export interface PageProps {
  title: string
  /** A sentence below the title. */
  lead?: ComponentChildren
  /** The list that this is one of. */
  back?: { readonly href: string; readonly title: string }
  /** Its state, beside the title. */
  badge?: ComponentChildren
  actions?: ComponentChildren
  children: ComponentChildren
}
