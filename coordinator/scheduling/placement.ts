/** Why a device got a lease: kept with the lease in a few characters, and told in words. */

/** As what it got it. */
export type Kind = 'fresh' | 'opinion' | 'known' | 'copy'

export interface Placement {
  readonly kind: Kind
  /** Devices that were compared for it; 1 when the device had asked for work and it was its turn. */
  readonly compared: number
  /** What was expected when it was given: of the work it held before, of this lease, and of its data on the way. */
  readonly queuedMs: number
  readonly runMs: number
  readonly moveMs: number
}

const KINDS: Readonly<Record<Kind, string>> = {
  fresh: 'fresh units',
  opinion: 'units that need another opinion',
  known: 'units whose answer is known, to check it',
  copy: 'a copy of units that are late elsewhere',
}

/** Such as `fresh 2 0 1900 35`. */
export function encodePlacement({ kind, compared, queuedMs, runMs, moveMs }: Placement): string {
  return `${kind} ${compared} ${Math.round(queuedMs)} ${Math.round(runMs)} ${Math.round(moveMs)}`
}

/** The sentence for people; null for a lease of before reasons were kept. */
export function explainPlacement(text: string): string | null {
  const [kind, compared, queuedMs, runMs, moveMs] = text.split(' ')
  const what = KINDS[kind as Kind]
  if (what === undefined) return null
  const why = compared === '1' ? 'it had asked for work' : `it was the best of ${compared} that had room`
  const expected =
    runMs === '0'
      ? 'nothing was known of how long it takes'
      : `${runMs} ms of work were expected after ${queuedMs} ms of other work`
  const data = moveMs === '0' ? '' : `, and ${moveMs} ms for its data`
  return `It got ${what}, since ${why}; ${expected}${data}.`
}
