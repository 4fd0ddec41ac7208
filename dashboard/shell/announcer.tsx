import { signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { devices, jobs } from '../api/live-list.ts'
import { later } from '../platform.ts'
import { changesInWords } from './changes.ts'

/** Between two sentences, so that nobody is talked over all the time. */
const QUIET_MS = 5_000
/** How long a sentence can be seen. */
const SHOWN_MS = 8_000

/** Says in a corner, and to screen readers, what changed: devices that came, went or were caught, and jobs that ended. */
export function Announcer() {
  const said = useSignal('')
  useEffect(() => {
    const releases = [devices.hold(), jobs.hold()]
    return () => {
      for (const release of releases) release()
    }
  }, [])
  useEffect(
    () =>
      collectChanges(text => {
        said.value = text
      }),
    [said],
  )
  return (
    <div class={said.value === '' ? 'announcer' : 'announcer announcer-on'} role="status">
      {said.value}
    </div>
  )
}

/** Hands over what has changed since the last time, at most every few seconds; an empty text when it has been seen. */
function collectChanges(say: (text: string) => void): () => void {
  const pending = signal<readonly string[]>([])
  let before = snapshot()
  let cancel = () => {}
  let isQuiet = false
  const speak = () => {
    isQuiet = pending.value.length > 0
    if (!isQuiet) {
      cancel = later(() => say(''), SHOWN_MS - QUIET_MS)
      return
    }
    say(inShort(pending.value))
    pending.value = []
    cancel = later(speak, QUIET_MS)
  }
  const stop = [devices.rows, jobs.rows].map(rows =>
    rows.subscribe(() => {
      const after = snapshot()
      const changes = changesInWords(before, after)
      before = after
      if (changes.length === 0) return
      pending.value = [...pending.value, ...changes]
      if (!isQuiet) {
        cancel()
        speak()
      }
    }),
  )
  return () => {
    cancel()
    for (const end of stop) end()
  }
}

/** Two sentences as they are; of more the newest, and how many there were before it. */
function inShort(sentences: readonly string[]): string {
  return sentences.length <= 2 ? sentences.join(' ') : `${sentences.at(-1)} And ${sentences.length - 1} more changes.`
}

const snapshot = () => ({ devices: devices.rows.peek(), jobs: jobs.rows.peek() })
