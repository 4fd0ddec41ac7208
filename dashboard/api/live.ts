/** What the coordinator tells by itself: one stream for the whole page, opened again whenever it ends. */
import { effect, type ReadonlySignal, signal } from '@preact/signals'
import type { LiveEvents } from '../../coordinator/http/live-api.ts'
import { later } from '../platform.ts'
import { ask } from './client.ts'
import { EventParser } from './event-stream.ts'
import { token } from './session.ts'

const RETRY_MS = [1_000, 2_000, 5_000, 10_000]

type Listener = (data: unknown) => void

/** Whether the stream is open now. */
export const isLive = signal(false)

/** How often a stream has begun to tell. Lists that are asked for when this moves, and then follow the events, miss nothing. */
export const streamRound = signal(0)

const latest = {
  region: signal<LiveEvents['region'] | null>(null),
  prices: signal<LiveEvents['prices'] | null>(null),
  checkpoint: signal<LiveEvents['checkpoint'] | null>(null),
  ledger: signal<LiveEvents['ledger'] | null>(null),
} as const

/** The newest of the events that each say all there is to say; null before the first. */
export const live: { readonly [Name in keyof typeof latest]: ReadonlySignal<LiveEvents[Name] | null> } = latest

/** Takes the region as a call answered with it, before the stream tells of it. */
export function takeRegion(region: LiveEvents['region']): void {
  latest.region.value = region
}

const listeners = new Map<string, Set<Listener>>()

/**
 * Hears one kind of event.
 * @param name - such as `devices`; the kinds are in coordinator/http/live-api.ts
 * @returns ends it
 */
export function onLive<Data>(name: string, listener: (data: Data) => void): () => void {
  const known = listeners.get(name) ?? new Set()
  listeners.set(name, known)
  known.add(listener as Listener)
  return () => known.delete(listener as Listener)
}

/** Opens the stream, and again for each token. @returns ends it */
export function startLive(): () => void {
  return effect(() => {
    void token.value
    const abort = new AbortController()
    let cancelRetry = () => {}
    let failures = 0
    const run = async () => {
      try {
        await readStream(abort.signal, () => {
          failures = 0
        })
      } catch {
        // Whatever ended it, it is opened again; what requests meet they say themselves.
      }
      if (abort.signal.aborted) return
      isLive.value = false
      cancelRetry = later(run, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)] ?? 0)
    }
    void run()
    return () => {
      abort.abort()
      cancelRetry()
    }
  })
}

async function readStream(stop: AbortSignal, opened: () => void): Promise<void> {
  const response = await ask('/api/events', { signal: stop })
  if (response.body === null) return
  isLive.value = true
  opened()
  const parser = new EventParser()
  const decoder = new TextDecoder()
  const reader = response.body.getReader()
  let isFirst = true
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    for (const { name, data } of parser.push(decoder.decode(value, { stream: true }))) {
      tell(name, data)
      if (isFirst) streamRound.value++
      isFirst = false
    }
  }
}

function tell(name: string, text: string): void {
  const hearing = listeners.get(name)
  const isKept = Object.hasOwn(latest, name)
  if (!isKept && (!hearing || hearing.size === 0)) return
  const data: unknown = JSON.parse(text)
  if (isKept) (latest[name as keyof typeof latest] as { value: unknown }).value = data
  for (const listener of hearing ?? []) listener(data)
}
