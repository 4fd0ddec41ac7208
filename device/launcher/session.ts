/** One start of one version: watches its health, has updates looked for beside it, and ends it when another version waits. */
import type { Clock, Random, Timer } from '../../protocol/index.ts'
import { compareVersions } from '../../protocol/releases/version.ts'
import { acquit, type BootState, condemn, confirm, isBarred } from './boot-state.ts'
import { HealthWatch } from './health-watch.ts'
import type { Home, Release } from './home.ts'
import { type Advice, readReport } from './messages.ts'
import type { Timing } from './timing.ts'
import type { UpdaterRun } from './updater-run.ts'

/** How a process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A process that was started. */
export interface Child {
  send(message: Advice): void
  kill(signal: NodeJS.Signals): void
  onMessage(listener: (message: unknown) => void): void
  /** One that could not be started has ended with code 127. */
  readonly ended: Promise<Ended>
}

export interface SessionComponents {
  readonly clock: Clock
  readonly random: Random
  /** One sentence for the owner's log. */
  log(sentence: string): void
  /** @param kind - a device reports over a channel, an updater only ends */
  spawn(entry: string, args: readonly string[], kind: 'device' | 'updater'): Child
}

export interface SessionInit {
  readonly home: Home
  readonly release: Release
  /** Whether the version has yet to prove itself. */
  readonly isTrial: boolean
  readonly args: readonly string[]
  readonly timing: Timing
  readonly updater: UpdaterRun
}

/** Why a start is over: it ended by itself, another version is next, or it did not prove itself. */
export type SessionEnd = { readonly ended: Ended } & (
  | { readonly kind: 'ended'; readonly wasWell: boolean }
  | { readonly kind: 'replaced' }
  | { readonly kind: 'failed'; readonly reason: string }
)

/** The version to try next: staged, whole, newer than the good one and not known to be bad. */
export function candidate(home: Home, state: BootState): string | null {
  const version = home.staged()?.version ?? null
  if (version === null || isBarred(state, version) || home.release(version) === null) return null
  const good = home.release(state.good)
  return good === null || compareVersions(version, good.version) > 0 ? version : null
}

export class Session {
  readonly #parts: SessionComponents
  readonly #init: SessionInit
  readonly #child: Child
  readonly #watch: HealthWatch
  readonly #timers = new Set<Timer>()
  #isTrial: boolean
  #isOver = false
  #wasWell = false
  #failure: string | null = null
  #replaced = false
  /** Since when another version waits. */
  #holdSinceMs: number | null = null

  /** Starts the version. */
  constructor(parts: SessionComponents, init: SessionInit) {
    this.#parts = parts
    this.#init = init
    this.#isTrial = init.isTrial
    this.#watch = new HealthWatch(init.timing)
    this.#child = parts.spawn(init.release.entry, init.args, 'device')
  }

  /** Settled when the version has ended. */
  async run(): Promise<SessionEnd> {
    const { timing } = this.#init
    this.#child.onMessage(message => this.#heard(message))
    this.#after(timing.lookEveryMs, () => void this.#look())
    if (!this.#isTrial) this.#beGood()
    const ended = await this.#child.ended
    this.#isOver = true
    for (const timer of this.#timers) timer.cancel()
    this.#init.updater.stop()
    if (this.#failure !== null) return { kind: 'failed', ended, reason: this.#failure }
    if (this.#replaced) return { kind: 'replaced', ended }
    if (this.#isTrial)
      return { kind: 'failed', ended, reason: `it ended by itself, with ${ended.signal ?? `code ${ended.code}`}` }
    return { kind: 'ended', ended, wasWell: this.#wasWell }
  }

  /** Passes a signal on. */
  stop(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  #after(delayMs: number, act: () => void): void {
    if (this.#isOver) return
    const timer = this.#parts.clock.setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, delayMs)
    this.#timers.add(timer)
  }

  #heard(message: unknown): void {
    const report = readReport(message)
    if (report === null || this.#isOver) return
    const nowMs = this.#parts.clock.monotonicMs()
    this.#watch.heard(report, nowMs)
    const { device, region, updatesUrl } = report
    this.#onDisk(() => this.#init.home.noteAbout({ device, region, updatesUrl }))
    if (this.#holdSinceMs !== null && nowMs > this.#holdSinceMs && report.joined && !report.busy) this.#replace()
  }

  async #look(): Promise<void> {
    const verdict = this.#watch.look(this.#parts.clock.monotonicMs())
    if (verdict.kind === 'open' || (this.#isTrial && verdict.kind === 'well' && !(await this.#prove()))) {
      this.#after(this.#init.timing.lookEveryMs, () => void this.#look())
    } else if (this.#isTrial && verdict.kind === 'unwell') this.#fail(verdict.reason)
    else {
      this.#wasWell = verdict.kind === 'well'
      this.#onDisk(() => this.#judgeSuspect())
    }
  }

  /** A version that is well is the good one once it has shown that it can be updated. @returns whether it is */
  async #prove(): Promise<boolean> {
    const { updater, release } = this.#init
    if (!(await updater.run(release, '--check'))) this.#fail('it cannot look for updates')
    if (this.#isOver || this.#failure !== null || !this.#onDisk(() => this.#confirm())) return false
    this.#isTrial = false
    this.#beGood()
    return true
  }

  #confirm(): void {
    const { home, release } = this.#init
    home.prove(release.name)
    const state = confirm(home.state())
    home.save(state)
    home.stage(null)
    home.prune(state)
    this.#parts.log(`Version ${release.version} is well and is the good one from now on.`)
  }

  #judgeSuspect(): void {
    const { home, release } = this.#init
    const state = home.state()
    if (state.suspect === null) return
    const { version } = state.suspect
    const judged = this.#wasWell ? condemn(state) : acquit(state)
    home.save(judged)
    const words = this.#wasWell
      ? `is well where ${version} was not: ${version} is not tried again`
      : `is not well either: ${version} may be tried again`
    this.#parts.log(`Version ${release.version} ${words}.`)
    home.prune(judged)
  }

  /** What a good version has beside it: looks for updates, and for what they brought. */
  #beGood(): void {
    this.#after(this.#init.timing.lookEveryMs, () => this.#consider())
    this.#planUpdate(this.#init.timing.lookEveryMs)
  }

  #planUpdate(delayMs: number): void {
    const { updateEveryMs, updateJitterMs } = this.#init.timing
    this.#after(delayMs + this.#parts.random.uniform() * updateJitterMs, async () => {
      await this.#init.updater.run(this.#init.release, '--apply')
      this.#consider()
      this.#planUpdate(updateEveryMs)
    })
  }

  /** Has the version finish what it began when another one waits; lets it go on when none does any more. */
  #consider(): void {
    const { home, timing } = this.#init
    if (this.#isOver || this.#replaced) return
    const waits = candidate(home, home.state())
    if (waits === null && this.#holdSinceMs !== null) this.#child.send({ hedgerow: 'resume' })
    if (waits === null) this.#holdSinceMs = null
    if (waits === null || this.#holdSinceMs !== null) return
    const sinceMs = this.#parts.clock.monotonicMs()
    this.#holdSinceMs = sinceMs
    this.#child.send({ hedgerow: 'finish' })
    this.#after(timing.holdMaxMs, () => {
      if (this.#holdSinceMs === sinceMs) this.#replace()
    })
  }

  #replace(): void {
    if (this.#replaced) return
    this.#replaced = true
    this.#end()
  }

  #fail(reason: string): void {
    if (this.#isOver) return
    this.#failure = reason
    this.#end()
  }

  #end(): void {
    this.#child.kill('SIGTERM')
    this.#after(this.#init.timing.stopGraceMs, () => this.#child.kill('SIGKILL'))
  }

  /** @returns whether it worked; a disk that is full or read-only is no reason to stop a device */
  #onDisk(act: () => void): boolean {
    try {
      act()
      return true
    } catch (thrown) {
      this.#parts.log(
        `The folder ${this.#init.home.path} cannot be written: ${thrown instanceof Error ? thrown.message : thrown}`,
      )
      return false
    }
  }
}
