import type { ComponentChildren } from 'preact'

/** What a state means to whoever looks: all is well, something is under way, look at it, it is bad, or nothing in particular. */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'quiet'

/** A state in a word or two. The colour says nothing that the word does not. */
export function Badge({ tone = 'quiet', children }: { tone?: Tone; children: ComponentChildren }) {
  return (
    <span class={`badge badge-${tone}`}>
      <span class="badge-dot" aria-hidden="true" />
      {children}
    </span>
  )
}
