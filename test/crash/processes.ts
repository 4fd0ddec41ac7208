/** The region's processes, started through the built command, and killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AdminClient, createAdminClient } from '../../cli/admin-client.ts'
import { CLAIM_VARIABLE } from '../../cli/local-devices.ts'
import { type AdminFile, coordinatorFolder, readAdminFile } from '../../cli/state.ts'
import { pause, until } from './wait.ts'
import { WalTail } from './wal-tail.ts'

/** The built command. */
const ENTRY = join(import.meta.dirname, '../../dist/cli/main.js')
const START_TIMEOUT_MS = 30_000
const EXIT_TIMEOUT_MS = 15_000

/**
 * One process of the region and all its lives. The channel to this process is all that keeps it running: when this process
 * ends in whatever way, the child sees the channel close and stops.
 */
export class Member {
  readonly name: string
  readonly logFile: string
  readonly #args: readonly string[]
  readonly #env: Readonly<Record<string, string>>
  readonly #problems: string[]
  #child: ChildProcess | null = null
  #exited: Promise<void> = Promise.resolve()

  /** @param problems - takes the sentence when it ends by itself */
  constructor(
    init: { name: string; logFile: string; args: readonly string[]; env?: Record<string, string> },
    problems: string[],
  ) {
    this.name = init.name
    this.logFile = init.logFile
    this.#args = init.args
    this.#env = init.env ?? {}
    this.#problems = problems
  }

  get pid(): number | null {
    return this.#child?.pid ?? null
  }

  start(): void {
    const log = openSync(this.logFile, 'a', 0o600)
    const child = spawn(process.execPath, [ENTRY, ...this.#args], {
      stdio: ['ignore', log, log, 'ipc'],
      env: { ...process.env, ...this.#env },
    })
    closeSync(log)
    this.#child = child
    this.#exited = new Promise(resolve => {
      child.once('exit', (code, signal) => {
        if (this.#child === child) {
          this.#child = null
          this.#problems.push(`${this.name} ended by itself (${signal ?? code}): ${lastLines(this.logFile)}`)
        }
        resolve()
      })
      child.once('error', () => resolve())
    })
  }

  /** SIGSTOP: it stands still where it is, and can be killed there. @returns whether it could be */
  protected freeze(): boolean {
    return this.#child?.kill('SIGSTOP') ?? false
  }

  /** SIGCONT */
  protected thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  /** SIGTERM; resolves when the process is gone. It must end well. */
  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === null) return
    this.#child = null
    child.kill(signal)
    const timer = setTimeout(() => {
      this.#problems.push(`${this.name} did not end within ${EXIT_TIMEOUT_MS / 1_000} s of ${signal}.`)
      child.kill('SIGKILL')
    }, EXIT_TIMEOUT_MS)
    await this.#exited
    clearTimeout(timer)
    if (signal === 'SIGTERM' && child.exitCode !== 0)
      this.#problems.push(
        `${this.name} ended with ${child.signalCode ?? child.exitCode} when it was asked to stop: ${lastLines(this.logFile)}`,
      )
  }
}

export interface Ports {
  readonly mqtt: number
  readonly http: number
}

/** The coordinator: always the same folder and ports. */
export class Coordinator extends Member {
  readonly folder: string
  readonly url: string
  /** What it goes by beside its options; there before its first start. */
  readonly settingsFile: string
  readonly #state: string
  readonly #wal: WalTail

  constructor(state: string, ports: Ports, problems: string[]) {
    mkdirSync(state, { recursive: true })
    const settingsFile = join(state, 'settings.yaml')
    const where = ['--state', state, '--region', 'crash', '--port', `${ports.mqtt}`, '--http-port', `${ports.http}`]
    const args = ['coordinator', ...where, '--settings', settingsFile]
    super({ name: 'The coordinator', logFile: join(state, 'coordinator.log'), args }, problems)
    this.settingsFile = settingsFile
    this.#state = state
    this.folder = coordinatorFolder(state)
    this.url = `http://127.0.0.1:${ports.http}`
    this.#wal = new WalTail(join(this.folder, 'ledger.sqlite-wal'))
  }

  /** Whether it has begun to write a commit, and not ended. True for sure only while it stands still or is gone. */
  get isCommitting(): boolean {
    return this.#wal.isUnfinished()
  }

  /** Stops it again and again for an instant until that is in the middle of a commit, and leaves it there. @returns whether it was */
  async freezeCommitting(timeoutMs: number): Promise<boolean> {
    const giveUpAt = performance.now() + timeoutMs
    while (performance.now() < giveUpAt && this.freeze()) {
      if (this.isCommitting) return true
      this.thaw()
      await pause(1)
    }
    return false
  }

  /** Waits until this life of it can be asked. */
  async up(): Promise<{ address: AdminFile; admin: AdminClient }> {
    return until(`The start of the coordinator (log: ${this.logFile})`, START_TIMEOUT_MS, () => {
      if (this.pid === null) throw new Error(`The coordinator did not start: ${lastLines(this.logFile)}`)
      const address = this.#address()
      return address === null ? null : { address, admin: createAdminClient(address.httpUrl, address.adminToken) }
    })
  }

  /** What this life has written about itself; the file may be the last life's, or half written. */
  #address(): AdminFile | null {
    try {
      const text = readFileSync(join(this.folder, 'admin.json'), 'utf8')
      return (JSON.parse(text) as { pid?: number }).pid === this.pid ? readAdminFile(this.#state) : null
    } catch {
      return null
    }
  }
}

/** A device. The claim is given at every start, as a service file would. */
export class Device extends Member {
  readonly folder: string

  constructor(init: { folder: string; label: string; claim: string }, problems: string[]) {
    mkdirSync(init.folder, { recursive: true })
    const args = ['device', '--folder', init.folder, '--label', init.label]
    const env = { [CLAIM_VARIABLE]: init.claim }
    super({ name: init.label, logFile: join(init.folder, 'device.log'), args, env }, problems)
    this.folder = init.folder
  }

  /** Ids of its sandbox processes; none where the system does not tell. */
  sandboxes(): number[] {
    const tasks = `/proc/${this.pid}/task`
    if (this.pid === null || !existsSync(tasks)) return []
    const childrenOf = (thread: string) => readFileSync(join(tasks, thread, 'children'), 'utf8').split(' ')
    return readdirSync(tasks).flatMap(childrenOf).filter(Boolean).map(Number)
  }
}

const lastLines = (file: string): string => readFileSync(file, 'utf8').trim().split('\n').slice(-5).join(' | ')
