/** Where the page is: the part of the address after `#`, such as `#/devices/abc?state=paused`. */
import { computed, signal } from '@preact/signals'
import { linkTo } from './links.ts'

export { linkTo, linkWith } from './links.ts'

const hash = signal(location.hash)
let navigated = false
addEventListener('hashchange', () => {
  navigated = true
  hash.value = location.hash
})

/** What follows the page's own address, with its `#`; empty at the start page. */
export const address = computed(() => hash.value)

/** The parts of the path, such as `['devices', 'abc']`; empty at the start page. */
export const path = computed<readonly string[]>(() =>
  (hash.value.replace(/^#\/?/, '').split('?')[0] ?? '')
    .split('/')
    .filter(part => part !== '')
    .map(decodeURIComponentSafely),
)

/** What follows `?` in it. */
export const query = computed(() => new URLSearchParams(hash.value.split('?')[1] ?? ''))

/** Whether somebody has gone from one place of the page to another, so that the new place's heading should have the focus. */
export const hasNavigated = (): boolean => navigated

/** Goes to another place of the page, as a link there does. */
export function goTo(...parts: readonly string[]): void {
  location.hash = linkTo(...parts)
}

/** The address that signs somebody in who has a token. What follows `#` is sent to nobody. */
export function signInAddress(token: string): string {
  return `${location.origin}${location.pathname}#token=${token}`
}

/** Names another place in the address without a step in the history: nothing of the old address is left. */
export function replaceAddress(to: string): void {
  history.replaceState(null, '', `${location.pathname}${to}`)
  hash.value = to
}

/** Keeps a choice, such as a filter, in the address; an empty one is taken out. The place stays the same. */
export function choose(name: string, value: string): void {
  const chosen = new URLSearchParams(query.value)
  if (value === '') chosen.delete(name)
  else chosen.set(name, value)
  replaceAddress(chosen.size === 0 ? linkTo(...path.value) : `${linkTo(...path.value)}?${chosen}`)
}

function decodeURIComponentSafely(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
