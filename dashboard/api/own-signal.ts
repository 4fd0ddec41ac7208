import { effect, type Signal, signal } from '@preact/signals'
import { token } from './session.ts'

/** Something that is forgotten when somebody else signs in, as it is when the tab is closed. */
export function ownSignal<Value>(initial: Value): Signal<Value> {
  const kept = signal(initial)
  let keptWith = token.peek()
  effect(() => {
    if (token.value === keptWith) return
    keptWith = token.value
    kept.value = initial
  })
  return kept
}
