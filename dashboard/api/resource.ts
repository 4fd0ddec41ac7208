/** Something of the coordinator's that a view shows: asked for when the view appears, again when told to. */
import { useSignal } from '@preact/signals'
import { useCallback, useEffect } from 'preact/hooks'
import { messageOf } from '../../protocol/index.ts'
import { every } from '../platform.ts'
import { type Ask, askJson } from './client.ts'
import { token } from './session.ts'

/** What is known of it by now. */
export interface Resource<Value> {
  /** Null until it came for the first time. */
  readonly value: Value | null
  /** Why it did not come the last time; null when it did. */
  readonly problem: string | null
  /** Asks again. */
  refresh(): void
}

/** How it is asked for. */
export interface ResourceInit extends Pick<Ask, 'accept'> {
  /** Asks again by itself so often; never when left out. */
  readonly everyMs?: number
}

/**
 * Asks for `path` when it changes or another token is used.
 * @param path - null asks for nothing
 */
export function useResource<Value>(path: string | null, { everyMs, accept }: ResourceInit = {}): Resource<Value> {
  const value = useSignal<Value | null>(null)
  const problem = useSignal<string | null>(null)
  const round = useSignal(0)
  const bearer = token.value
  useEffect(() => {
    if (path === null) return
    const abort = new AbortController()
    askJson<Value>(path, { signal: abort.signal, ...(accept === undefined ? {} : { accept }) }).then(
      reply => {
        value.value = reply
        problem.value = null
      },
      thrown => {
        if (!abort.signal.aborted) problem.value = messageOf(thrown)
      },
    )
    return () => abort.abort()
  }, [path, bearer, round.value])
  const refresh = useCallback(() => {
    round.value++
  }, [round])
  useEffect(() => (everyMs === undefined ? undefined : every(refresh, everyMs)), [everyMs, refresh])
  return { value: value.value, problem: problem.value, refresh }
}
