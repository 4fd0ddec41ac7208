/** A coordinator, five devices of four owners and a submitter, all real, joined through the tap; and what can be done to them. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AdminClient } from '../../cli/admin-client.ts'
import { connectSubmitter, type SubmitterClient } from '../../client/index.ts'
import { type DeviceId, decodeClaimCode, encodeClaimCode } from '../../protocol/index.ts'
import { type AuditFigures, audit, auditOutbox, type Met } from './audit.ts'
import { History } from './history.ts'
import { auditDatabase, auditShown } from './log-audit.ts'
import { LogHistory } from './log-history.ts'
import { LogWatcher } from './log-watcher.ts'
import { keepablePort } from './ports.ts'
import { Coordinator, Device } from './processes.ts'
import { Snapshot } from './snapshot.ts'
import type { Acknowledged } from './submitter.ts'
import { pause, until } from './wait.ts'
import { WireTap } from './wire-tap.ts'

const OWNERS = ['ann', 'bob', 'cat', 'dan', 'dan']
const SUBMITTER = 'melville'
const FUND_MICRO = '1000000000000000'
/** Without an answer in this time a submission is sent again. */
const ANSWER_TIMEOUT_MS = 5_000
const ONLINE_TIMEOUT_MS = 30_000
const DRAIN_TIMEOUT_MS = 30_000
/** What belongs to a device that was killed ends by itself within this time. */
const ORPHAN_TIMEOUT_MS = 15_000
/** A device that lost its connection again and again waits up to two minutes; after the fire it is started anew. */
const PATIENCE_MS = 8_000

/** Short, so that earnings are released, receipts given and checkpoints signed while processes are killed. */
const SETTINGS = 'holdbackWindow: 10s\ncheckpoint: 1s\nreceipt: 2s\n'
/** The whole log is audited after so many kills of the coordinator; the more there are, the longer it takes. */
const AUDIT_EVERY = 20

export interface FirstLives {
  /** Kills the coordinator so long after its very first start; null lets it start in peace. */
  readonly coordinatorMs: number | null
  /** The same for a device that joins. */
  readonly deviceMs: number | null
}

export class RegionUnderFire {
  readonly problems: string[]
  readonly tap: WireTap
  readonly devices: Device[] = []
  coordinatorKills = 0
  deviceKills = 0
  /** Kills of the coordinator that met a commit of which a part was written. */
  commitsCut = 0
  met: Met = { jobsRunning: 0, jobsAggregating: 0, leasesOut: 0, leasesReturned: 0 }
  readonly #folder: string
  readonly #coordinator: Coordinator
  readonly #ids = new Map<Device, DeviceId>()
  readonly #orphans: number[] = []
  readonly #history = new History()
  readonly #log = new LogHistory()
  readonly #watcher: LogWatcher
  #watching: Promise<void> = Promise.resolve()
  #snapshots = 0
  #admin: AdminClient | null = null
  #client: SubmitterClient | null = null

  private constructor(init: {
    folder: string
    tap: WireTap
    ports: { mqtt: number; http: number }
    problems: string[]
  }) {
    this.problems = init.problems
    this.tap = init.tap
    this.#folder = init.folder
    this.#coordinator = new Coordinator(join(init.folder, 'region'), init.ports, init.problems)
    this.#watcher = new LogWatcher(this.#coordinator.url)
  }

  /** @param problems - takes what goes wrong, in words */
  static async open(folder: string, problems: string[]): Promise<RegionUnderFire> {
    const ports = { mqtt: await keepablePort(), http: await keepablePort() }
    const tap = await WireTap.listen(ports.mqtt)
    return new RegionUnderFire({ folder, tap, ports, problems })
  }

  /** Starts everything and lets the devices join. */
  async start(lives: FirstLives): Promise<SubmitterClient> {
    writeFileSync(this.#coordinator.settingsFile, SETTINGS)
    this.#watching = this.#watcher.run()
    this.#coordinator.start()
    if (lives.coordinatorMs !== null) {
      await pause(lives.coordinatorMs)
      await this.#coordinator.kill()
      this.coordinatorKills++
      this.#coordinator.start()
    }
    const { address, admin } = await this.#coordinator.up()
    this.#admin = admin
    for (const [index, owner] of OWNERS.entries()) {
      const { code } = await admin.claimNew({ owner, lifetimeMs: 3_600_000 })
      const claim = encodeClaimCode({ ...decodeClaimCode(code), mqttUrl: `mqtt://127.0.0.1:${this.tap.port}` })
      const label = `device-${index + 1}`
      const device = new Device({ folder: join(this.#folder, label), label, claim }, this.problems)
      this.devices.push(device)
      device.start()
    }
    if (lives.deviceMs !== null) {
      await pause(lives.deviceMs)
      await this.killDevice(this.devices.length - 1, 0)
    }
    await this.#allOnline()
    const { token } = await admin.submitterAdd({ name: SUBMITTER, fundMicro: FUND_MICRO })
    const { mqttUrl, httpUrl, region } = address
    const init = { mqttUrl, httpUrl, region, name: SUBMITTER, token, answerTimeoutMs: ANSWER_TIMEOUT_MS }
    this.#client = await connectSubmitter(init)
    return this.#client
  }

  /** What is known of the public log. */
  get log(): { entries: number; checkpointsSeen: number } {
    return { entries: this.#log.entries, checkpointsSeen: this.#watcher.roots.size }
  }

  /** Waits for the coordinator to be in the middle of a commit, and leaves it standing there. @returns whether it came to that */
  freezeCommitting(timeoutMs: number): Promise<boolean> {
    return this.#coordinator.freezeCommitting(timeoutMs)
  }

  /** Kills the coordinator, looks at what it leaves, and starts it again. */
  async killCoordinator(acknowledged: readonly Acknowledged[], awayMs: number, againMs: number | null): Promise<void> {
    await this.#coordinator.kill()
    this.coordinatorKills++
    if (this.#coordinator.isCommitting) this.commitsCut++
    await until('The end of all connections', DRAIN_TIMEOUT_MS, () => (this.tap.drained ? true : null))
    this.#meet((await this.#audit(acknowledged, false)).met)
    await pause(awayMs)
    this.#coordinator.start()
    if (againMs !== null) {
      await pause(againMs)
      await this.killCoordinator(acknowledged, awayMs, null)
      return
    }
    this.#admin = (await this.#coordinator.up()).admin
  }

  /** Kills a device, looks at what it keeps, and starts it again. */
  async killDevice(index: number, awayMs: number): Promise<void> {
    const device = this.devices[index]
    if (device === undefined) return
    this.#orphans.push(...device.sandboxes())
    await device.kill()
    this.deviceKills++
    this.#auditOutbox(device)
    await pause(awayMs)
    device.start()
  }

  /** Waits for something that needs the devices; those that wait out a long back-off meanwhile are started anew. */
  async heal(what: string, timeoutMs: number, isDone: () => boolean): Promise<void> {
    let patientUntil = performance.now() + PATIENCE_MS
    await until(what, timeoutMs, async () => {
      if (isDone()) return true
      if (performance.now() < patientUntil) return null
      patientUntil = performance.now() + PATIENCE_MS
      for (const device of await this.#offline()) {
        await device.stop()
        device.start()
      }
      return null
    })
  }

  /** Stops everything in order and looks at everything once more. */
  async finish(acknowledged: readonly Acknowledged[]): Promise<AuditFigures> {
    await this.heal('The acknowledgement of all results', DRAIN_TIMEOUT_MS, () => this.tap.unacked === 0)
    await auditShown(this.#coordinator.url, this.#watcher.size, this.problems)
    await this.#orphansGone()
    await this.stop()
    for (const device of this.devices) this.#auditOutbox(device)
    await auditDatabase(this.#databaseFile, this.problems)
    return this.#audit(acknowledged, true)
  }

  /** Stops everything, whatever its state. */
  async stop(): Promise<void> {
    await this.#client?.close()
    this.#client = null
    await Promise.all(this.devices.map(device => device.stop()))
    await this.#coordinator.stop()
    this.tap.close()
    this.#watcher.stop()
    await this.#watching
    this.problems.push(...this.#watcher.problems.splice(0))
  }

  async #offline(): Promise<Device[]> {
    const online = new Set((await this.#admin?.deviceList())?.filter(device => device.online).map(({ label }) => label))
    return this.devices.filter(device => !online.has(device.name))
  }

  async #allOnline(): Promise<void> {
    await until('The joining of all devices', ONLINE_TIMEOUT_MS, async () =>
      (await this.#offline()).length === 0 ? true : null,
    )
    for (const { label, id } of (await this.#admin?.deviceList()) ?? []) {
      const device = this.devices.find(({ name }) => name === label)
      if (device) this.#ids.set(device, id as DeviceId)
    }
    if (this.#ids.size !== this.devices.length)
      this.problems.push(`${this.devices.length} devices became ${this.#ids.size}.`)
  }

  async #audit(acknowledged: readonly Acknowledged[], over: boolean): Promise<AuditFigures> {
    const db = this.#snapshot(this.#databaseFile)
    try {
      this.#log.check(db, this.#watcher, this.problems)
      if (this.coordinatorKills % AUDIT_EVERY === 0) await auditDatabase(db.file, this.problems)
      return audit(db, { tap: this.tap, history: this.#history, acknowledged }, over, this.problems)
    } finally {
      db.close()
    }
  }

  #meet(met: Met): void {
    this.met = {
      jobsRunning: this.met.jobsRunning + met.jobsRunning,
      jobsAggregating: this.met.jobsAggregating + met.jobsAggregating,
      leasesOut: this.met.leasesOut + met.leasesOut,
      leasesReturned: this.met.leasesReturned + met.leasesReturned,
    }
  }

  #auditOutbox(device: Device): void {
    const id = this.#ids.get(device)
    const file = join(device.folder, 'device.db')
    if (id === undefined || !existsSync(file)) return
    const db = this.#snapshot(file)
    auditOutbox(db, id, this.tap.sent.get(id), this.problems)
    db.close()
  }

  #snapshot(file: string): Snapshot {
    return new Snapshot(file, join(this.#folder, `snapshot-${++this.#snapshots}`))
  }

  get #databaseFile(): string {
    return join(this.#coordinator.folder, 'ledger.sqlite')
  }

  /** A sandbox reads from its device, and ends when that is gone. */
  async #orphansGone(): Promise<void> {
    const left = () => this.#orphans.filter(isSandbox)
    await until('The end of sandboxes without a device', ORPHAN_TIMEOUT_MS, () =>
      left().length === 0 ? true : null,
    ).catch((error: Error) => this.problems.push(`${error.message} Left: ${left().join(' ')}.`))
  }
}

function isSandbox(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sandbox')
  } catch {
    return false
  }
}
