/** What every case of this test uses: a folder to work in, a log, programs, patience, and an end for all that was started. */
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '../..')
const POLL_MS = 1_000

export interface RunInit {
  /** Where the base image is, and what is kept between runs. */
  readonly folder: string
  readonly case: string
}

/** One case, from its start to its end. */
export class Run {
  readonly folder: string
  readonly work = mkdtempSync(join(tmpdir(), 'hedgerow-image-'))
  readonly logFile: string
  readonly #steps: string[] = []
  readonly #startMs = performance.now()
  readonly #started: { stop(): Promise<void> | void }[] = []

  constructor(init: RunInit) {
    this.folder = init.folder
    this.logFile = join(init.folder, `${init.case}.log`)
    rmSync(this.logFile, { force: true })
  }

  /** What the case prints, and what is at the end of its log. */
  say(what: string): void {
    const line = `${((performance.now() - this.#startMs) / 1_000).toFixed(0).padStart(5)} s  ${what}`
    this.#steps.push(line)
    process.stdout.write(`${line}\n`)
  }

  log(text: string): void {
    appendFileSync(this.logFile, text)
  }

  /** Has it ended with the case, whatever becomes of it. */
  started<Thing extends { stop(): Promise<void> | void }>(thing: Thing): Thing {
    this.#started.push(thing)
    return thing
  }

  /** Runs a program to its end. @returns its output @throws when it fails */
  sh(command: string, ...args: readonly string[]): string {
    const { status, stdout, stderr, error } = spawnSync(command, args, {
      cwd: this.work,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    })
    if (status === 0) return stdout
    throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? `${stdout}\n${stderr}`}`)
  }

  /** Looks until there is something. @throws when that takes too long */
  async until<Value>(
    what: string,
    timeoutMs: number,
    look: () => Promise<Value | null> | Value | null,
  ): Promise<Value> {
    const endMs = performance.now() + timeoutMs
    for (;;) {
      const value = await look()
      if (value !== null) return value
      if (performance.now() > endMs)
        throw new Error(`${what}: not within ${timeoutMs / 1_000} s; the machine's console is in ${this.logFile}`)
      await new Promise(done => setTimeout(done, POLL_MS))
    }
  }

  async end(keep: boolean): Promise<void> {
    for (const thing of this.#started.splice(0).reverse()) await thing.stop()
    this.log(`\n${this.#steps.join('\n')}\n`)
    if (keep) process.stdout.write(`Everything is in ${this.work}.\n`)
    else rmSync(this.work, { recursive: true, force: true })
  }
}
