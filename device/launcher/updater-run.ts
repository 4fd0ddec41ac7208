/** Runs the updater of a version as a process of its own, one at a time. */
import type { Home, Release } from './home.ts'
import type { Child, SessionComponents } from './session.ts'
import type { Timing } from './timing.ts'

/** Exit codes of an updater that works: done, and the network is away. */
const WORKS = [0, 4]

export class UpdaterRun {
  readonly #parts: SessionComponents
  readonly #home: Home
  readonly #timing: Timing
  #running: Child | null = null

  constructor(parts: SessionComponents, home: Home, timing: Timing) {
    this.#parts = parts
    this.#home = home
    this.#timing = timing
  }

  /**
   * Looks for updates once; nothing is done where none were set up, or while another run is under way.
   * @returns whether the updater works
   */
  async run({ entry }: Release, mode: '--apply' | '--check'): Promise<boolean> {
    if (!this.#home.hasSource || this.#running !== null) return true
    const child = this.#parts.spawn(entry, ['device', 'update', mode, '--home', this.#home.path], 'updater')
    this.#running = child
    const timer = this.#parts.clock.setTimeout(() => child.kill('SIGKILL'), this.#timing.updateMaxMs)
    const { code } = await child.ended
    timer.cancel()
    this.#running = null
    return code !== null && WORKS.includes(code)
  }

  /** Ends a run that is under way; the next one goes on from there. */
  stop(): void {
    this.#running?.kill('SIGTERM')
  }
}
