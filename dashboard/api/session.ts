/** Who is signed in. The token lives as long as the tab and goes out only in the Authorization header: no cookie, so no other site can use it. */
import { computed, signal } from '@preact/signals'
import type { Session } from '../../coordinator/http/session-api.ts'
import { tabStorage } from '../platform.ts'

const KEY = 'hedgerow-token'

/** The token, or null for the public. */
export const token = signal<string | null>(tabStorage.getItem(KEY))

/** What the coordinator says of the token; null until it has answered. */
export const session = signal<Session | null>(null)

/** What whoever is signed in may do. */
export const role = computed(() => session.value?.role ?? 'public')

/** Keeps a token that the coordinator knows, or none. Who that is must be asked again. */
export function keepToken(value: string | null): void {
  if (value === null) tabStorage.removeItem(KEY)
  else tabStorage.setItem(KEY, value)
  if (value === token.value) return
  session.value = null
  token.value = value
}
