/** How long the launcher waits for what. The values of balena's rollback checks: 60 s, then a look a minute, 15 at most. */
export interface Timing {
  /** Before the first look at a new version's health, and between looks. */
  readonly lookEveryMs: number
  /** Looks until a version that is not well is given up. */
  readonly looksMax: number
  /** Looks in a row that must find it well. */
  readonly looksWell: number
  /** A report older than this says nothing: the device hangs. */
  readonly reportStaleMs: number
  /** Starts of a new version. */
  readonly attemptsMax: number
  readonly restartAfterMs: number
  /** How long a version may finish what it began before another replaces it. */
  readonly holdMaxMs: number
  /** Between asking a version to stop and killing it. */
  readonly stopGraceMs: number
  /** Between looks for updates, and how much later at random. */
  readonly updateEveryMs: number
  readonly updateJitterMs: number
  /** An updater that takes longer is killed; it goes on from there the next time. */
  readonly updateMaxMs: number
}

const MINUTE_MS = 60_000

export const TIMING: Timing = {
  lookEveryMs: MINUTE_MS,
  looksMax: 15,
  looksWell: 3,
  reportStaleMs: MINUTE_MS,
  attemptsMax: 3,
  restartAfterMs: 5_000,
  holdMaxMs: 15 * MINUTE_MS,
  stopGraceMs: 15_000,
  updateEveryMs: 15 * MINUTE_MS,
  updateJitterMs: MINUTE_MS,
  updateMaxMs: 90 * MINUTE_MS,
}
