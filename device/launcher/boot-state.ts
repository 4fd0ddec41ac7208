/**
 * What the launcher knows of versions: which one is good, which one is being tried and how often, which ones proved bad. Pure.
 * Its form stays for ever, since a launcher on a card outlives the versions it starts.
 */

/** The version the card came with. */
export const BASE = 'base'

/** A version, and how its starts went. */
export interface Trial {
  readonly version: string
  /** Starts so far, the one under way included. */
  readonly attempts: number
  /** Why the newest start that ended was not good; empty when none has been seen to end. */
  readonly reason: string
}

export interface BootState {
  readonly format: 1
  /** A version, or {@link BASE}. */
  readonly good: string
  /** The good one before, kept in case the good one is lost. */
  readonly previous: string | null
  readonly trying: Trial | null
  /** A version that failed, until it is known whether the fault was its own. */
  readonly suspect: Trial | null
  /** Versions that are not tried again, newest last. */
  readonly bad: readonly { readonly version: string; readonly reason: string }[]
}

const BAD_MAX = 16
const TEXT_MAX = 300
const NAME = /^[0-9A-Za-z][0-9A-Za-z.-]{0,63}$/

/** The state of a device that has never had an update. */
export const freshState = (good: string): BootState => ({
  format: 1,
  good,
  previous: null,
  trying: null,
  suspect: null,
  bad: [],
})

/** Begins to try a version. */
export function begin(state: BootState, version: string): BootState {
  return { ...state, trying: { version, attempts: 0, reason: '' }, suspect: null }
}

/** Counts a start; to be on disk before the version runs. */
export function raise(state: BootState): BootState {
  const { trying } = state
  return trying === null ? state : { ...state, trying: { ...trying, attempts: trying.attempts + 1 } }
}

/** A start that somebody ended on purpose does not count. */
export function lower(state: BootState): BootState {
  const { trying } = state
  return trying === null ? state : { ...state, trying: { ...trying, attempts: Math.max(0, trying.attempts - 1) } }
}

/** Keeps why a start was not good. */
export function blame(state: BootState, reason: string): BootState {
  const { trying } = state
  return trying === null ? state : { ...state, trying: { ...trying, reason: reason.slice(0, TEXT_MAX) } }
}

/** The version that is tried is the good one from now on. */
export function confirm(state: BootState): BootState {
  const { trying, good } = state
  return trying === null ? state : { ...state, good: trying.version, previous: good, trying: null, suspect: null }
}

/** Goes back to the good version. */
export function giveUp(state: BootState): BootState {
  return { ...state, trying: null, suspect: state.trying }
}

/** The good version is well where the suspect was not: it was the suspect's fault. */
export function condemn(state: BootState): BootState {
  const { suspect, bad } = state
  if (suspect === null) return state
  const { version, attempts, reason } = suspect
  const why = reason === '' ? `${attempts} starts ended without a word` : reason
  const others = bad.filter(entry => entry.version !== version)
  return { ...state, suspect: null, bad: [...others, { version, reason: why }].slice(-BAD_MAX) }
}

/** The good version is not well either: the suspect may be tried again. */
export function acquit(state: BootState): BootState {
  return { ...state, suspect: null }
}

/** Another version is the good one, since the good one is not there any more. */
export function fallBack(state: BootState, good: string): BootState {
  return { ...state, good, previous: state.previous === good ? null : state.previous }
}

/** Whether a version is known to be bad, or suspected of it. */
export function isBarred({ bad, suspect }: BootState, version: string): boolean {
  return suspect?.version === version || bad.some(entry => entry.version === version)
}

/** Reads a state; null when it is none. */
export function readState(value: Readonly<Record<string, unknown>> | null): BootState | null {
  if (value === null || value.format !== 1 || !isName(value.good)) return null
  if (value.previous !== null && !isName(value.previous)) return null
  const [trying, suspect] = [readTrial(value.trying), readTrial(value.suspect)]
  if (trying === undefined || suspect === undefined || !Array.isArray(value.bad)) return null
  const bad = value.bad.filter(isBad).slice(-BAD_MAX)
  return { format: 1, good: value.good, previous: value.previous, trying, suspect, bad }
}

function readTrial(value: unknown): Trial | null | undefined {
  if (value === null) return null
  const { version, attempts, reason } = (value ?? {}) as Record<string, unknown>
  if (!isName(version) || typeof reason !== 'string') return undefined
  if (typeof attempts !== 'number' || !Number.isInteger(attempts) || attempts < 0) return undefined
  return { version, attempts, reason }
}

function isBad(value: unknown): value is { version: string; reason: string } {
  const { version, reason } = (value ?? {}) as Record<string, unknown>
  return isName(version) && typeof reason === 'string'
}

/** A name of a folder, and of nothing outside of it. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value) && !value.includes('..')
}
