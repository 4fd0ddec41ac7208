/**
 * Starts the version of the device that is known to be good, tries a newer one when there is one, and goes back when that is not well.
 * Whatever is on the disk, and however it came there, some version is started if one is there whole.
 */
import { BASE, type BootState, begin, blame, fallBack, giveUp, isBarred, lower, raise } from './boot-state.ts'
import type { Home, Release } from './home.ts'
import { candidate, type Ended, Session, type SessionComponents, type SessionEnd } from './session.ts'
import type { Timing } from './timing.ts'
import { UpdaterRun } from './updater-run.ts'

export type { Child, Ended } from './session.ts'
export type LauncherComponents = SessionComponents

export interface LauncherInit {
  readonly home: Home
  /** What every version is started with, such as `device --folder DIR`. */
  readonly args: readonly string[]
  readonly timing: Timing
}

/** What is started next. */
export interface Choice {
  readonly release: Release
  readonly isTrial: boolean
}

/** There is nothing to start; the same code as a shell's for a command that is not there. */
const NOTHING_THERE: Ended = { code: 127, signal: null }
/** The command line is wrong: no other version would do better. */
const USAGE = 2

export class Launcher {
  readonly #parts: LauncherComponents
  readonly #init: LauncherInit
  readonly #updater: UpdaterRun
  #session: Session | null = null
  #isStopped = false
  #wake: () => void = () => {}
  /** Whether a version that waits is started next. */
  #goesAhead = false

  constructor(parts: LauncherComponents, init: LauncherInit) {
    this.#parts = parts
    this.#init = init
    this.#updater = new UpdaterRun(parts, init.home, init.timing)
  }

  /** Runs versions until one ends for good. @returns how, for this process to end likewise */
  async run(): Promise<Ended> {
    const { home, args, timing } = this.#init
    this.#onDisk(() => home.prune(home.state()))
    for (;;) {
      const choice = this.choose()
      if (choice === null) {
        this.#parts.log(
          `There is no version to start in ${home.path}, nor beside the launcher: install Hedgerow again.`,
        )
        return NOTHING_THERE
      }
      const { release, isTrial } = choice
      this.#session = new Session(this.#parts, { home, release, isTrial, args, timing, updater: this.#updater })
      const end = await this.#session.run()
      if (this.#isStopped) return this.#stopped(end)
      if (end.kind === 'replaced') this.#goesAhead = true
      else if (end.kind === 'failed') await this.#failed(release, end.reason)
      else if (!(await this.#rescued(release, end))) return end.ended
      if (this.#isStopped) return { code: 0, signal: null }
    }
  }

  /** Passes a signal on and starts nothing more. */
  stop(signal: NodeJS.Signals): void {
    this.#isStopped = true
    this.#session?.stop(signal)
    this.#updater.stop()
    this.#wake()
  }

  /** Decides what to start. A version on trial is counted on disk first; without that it is not started. */
  choose(): Choice | null {
    const { home, timing } = this.#init
    let state = home.state()
    if (state.trying !== null && state.trying.attempts >= timing.attemptsMax) state = this.#giveUp(state)
    if (state.trying !== null && home.release(state.trying.version) === null) state = { ...state, trying: null }
    const next = this.#goesAhead && state.trying === null ? candidate(home, state) : null
    this.#goesAhead = false
    if (next !== null) state = begin(state, next)
    const { trying } = state
    const release = trying === null ? null : home.release(trying.version)
    if (trying !== null && release !== null && this.#onDisk(() => home.save(raise(state)))) {
      const { version, attempts } = trying
      this.#parts.log(`Version ${version} is tried: start ${attempts + 1} of ${timing.attemptsMax}.`)
      return { release, isTrial: true }
    }
    return this.#chooseGood(state)
  }

  #giveUp(state: BootState): BootState {
    const { version = '', reason = '' } = state.trying ?? {}
    const given = giveUp(state)
    this.#onDisk(() => this.#init.home.save(given))
    const why = reason === '' ? '' : ` (${reason})`
    this.#parts.log(
      `Version ${version} was started ${state.trying?.attempts} times and was not well${why}: back to the last good one.`,
    )
    return given
  }

  /** The good version, or what is nearest to it. */
  #chooseGood(state: BootState): Choice | null {
    const { home } = this.#init
    const release = home.release(state.good)
    if (release !== null) return { release, isTrial: false }
    const installed = home.installed().reverse()
    const proven = installed.filter(({ name }) => home.isProven(name))
    const unknown = installed.filter(({ name }) => !isBarred(state, name))
    const names = [
      state.previous,
      ...proven.map(({ name }) => name),
      BASE,
      ...[...unknown, ...installed].map(({ name }) => name),
    ]
    for (const name of names) {
      const other = name === null ? null : home.release(name)
      if (other === null) continue
      this.#parts.log(`The good version ${state.good} is not there any more: ${other.version} is started instead.`)
      this.#onDisk(() => home.save(fallBack(state, other.name)))
      return { release: other, isTrial: false }
    }
    return null
  }

  async #failed(release: Release, reason: string): Promise<void> {
    const { home, timing } = this.#init
    this.#parts.log(`Version ${release.version} is not well: ${reason}.`)
    this.#onDisk(() => home.save(blame(home.state(), reason)))
    await this.#pause(timing.restartAfterMs)
  }

  /** A good version that ends by itself may be damaged, or an update may be its cure. @returns whether there is another start */
  async #rescued(release: Release, { ended, wasWell }: SessionEnd & { kind: 'ended' }): Promise<boolean> {
    const { home, timing } = this.#init
    if (ended.code === 0 || ended.code === USAGE || wasWell) return false
    const damaged = home.damage(release.name)
    if (damaged !== null && this.#hasOther(release)) {
      this.#parts.log(`The file ${damaged} of version ${release.version} is damaged: the version is removed.`)
      return this.#onDisk(() => home.discard(release.name))
    }
    if (home.hasSource && candidate(home, home.state()) === null) {
      await this.#pause(this.#parts.random.uniform() * timing.updateJitterMs)
      if (this.#isStopped) return false
      await this.#updater.run(release, '--apply')
    }
    this.#goesAhead = candidate(home, home.state()) !== null
    return this.#goesAhead
  }

  #hasOther({ name }: Release): boolean {
    const { home } = this.#init
    return home.installed().some(other => other.name !== name) || (name !== BASE && home.release(BASE) !== null)
  }

  /** A start that somebody ended on purpose says nothing about the version. */
  #stopped(end: SessionEnd): Ended {
    const { home } = this.#init
    if (end.kind === 'failed') this.#onDisk(() => home.save(lower(home.state())))
    return end.ended
  }

  #pause(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = this.#parts.clock.setTimeout(resolve, delayMs)
    this.#wake = () => {
      timer.cancel()
      resolve()
    }
    return promise
  }

  /** @returns whether it worked */
  #onDisk(act: () => void): boolean {
    try {
      act()
      return true
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown)
      this.#parts.log(`The folder ${this.#init.home.path} cannot be written: ${reason}`)
      return false
    }
  }
}
