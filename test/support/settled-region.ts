/** What settlement needs of a region and no more: a store on disk, the log, the books, and HTTP on a port of this machine. */
import { join } from 'node:path'
import { Batch, type Effect } from '../../coordinator/batch.ts'
import { openBlobStore } from '../../coordinator/blobs/index.ts'
import { createHttpServer } from '../../coordinator/http/index.ts'
import { openRegionKey } from '../../coordinator/identity.ts'
import type { Now } from '../../coordinator/jobs/jobs.ts'
import { holdbackAccount, Ledger, TREASURY } from '../../coordinator/ledger/ledger.ts'
import { openHeadGuard } from '../../coordinator/settlement/head-guard.ts'
import { Log, openSettlement, type Settlement } from '../../coordinator/settlement/index.ts'
import { openWitnessKey } from '../../coordinator/settlement/witness-identity.ts'
import { openSqliteStore, type Store } from '../../coordinator/store/index.ts'
import {
  type Clock,
  type DeviceId,
  deviceId,
  type RegionName,
  regionName,
  seededRandom,
  toBase32,
} from '../../protocol/index.ts'
import { nodeSha256, nodeVerifier, systemClock, systemRandom } from '../../protocol/node/index.ts'
import { NO_OPERATIONS } from './no-operations.ts'
import { VirtualClock } from './virtual-clock.ts'

/** The shell of a region without its departments: the same steps and commits. */
export class LogShell {
  readonly effects: Effect[] = []
  private batch = new Batch()
  private waiting: (() => void)[] = []
  private isScheduled = false
  private isStopped = false
  private readonly clock: Clock
  private readonly store: Pick<Store, 'commit'>
  private readonly log: Log
  private readonly ledger: Ledger

  constructor(clock: Clock, store: Pick<Store, 'commit'>, log: Log, ledger: Ledger) {
    this.clock = clock
    this.store = store
    this.log = log
    this.ledger = ledger
  }

  step<Result>(work: (now: Now, batch: Batch) => Result): Result {
    const result = work({ wallMs: this.clock.wallMs(), monotonicMs: this.clock.monotonicMs() }, this.batch)
    this.schedule()
    return result
  }

  committed(): Promise<void> {
    return new Promise(resolve => {
      this.waiting.push(resolve)
      this.schedule()
    })
  }

  async stop(): Promise<void> {
    if (!this.isStopped) await this.committed()
    this.isStopped = true
  }

  private schedule(): void {
    if (this.isScheduled || this.isStopped) return
    this.isScheduled = true
    setImmediate(() => this.commit())
  }

  private commit(): void {
    if (this.isStopped) return
    this.isScheduled = false
    const { batch, waiting } = this
    this.batch = new Batch()
    this.waiting = []
    this.ledger.flush(batch)
    this.log.append(batch.entries, batch)
    try {
      if (batch.writes.length > 0) this.store.commit(batch.writes)
    } catch {
      this.isStopped = true
      return
    }
    this.effects.push(...batch.effects)
    for (const resolve of waiting) resolve()
  }
}

export interface SettledRegionOptions {
  name?: string
  clock?: VirtualClock
  fetch?: typeof fetch
  /** The port of an earlier start, so that witnesses find it again. */
  port?: number
  devices?: DeviceId[]
}

/** Ids of devices that nobody has the keys of. */
export const deviceNumbered = (n: number): DeviceId =>
  deviceId(toBase32(Uint8Array.from({ length: 16 }, (_, i) => (i < 4 ? (n >>> (8 * i)) & 255 : 0))))

export class SettledRegion {
  readonly stateDir: string
  readonly clock: VirtualClock
  readonly store: Store
  readonly log: Log
  readonly ledger: Ledger
  readonly shell: LogShell
  readonly identity
  readonly connected = new Set<DeviceId>()
  readonly fatal: unknown[] = []
  readonly warnings: string[] = []
  readonly devices: DeviceId[]
  settlement!: Settlement
  httpUrl = ''
  private closers: (() => Promise<void> | void)[] = []
  private paid = 0

  private constructor(stateDir: string, options: SettledRegionOptions) {
    this.stateDir = stateDir
    this.clock = options.clock ?? new VirtualClock()
    this.devices = options.devices ?? []
    this.store = openSqliteStore(join(stateDir, 'ledger.sqlite'))
    this.closers.push(() => this.store.close())
    this.identity = openRegionKey(join(stateDir, 'region.key'), systemRandom)
    this.log = new Log(this.store, nodeSha256)
    const { store } = this
    this.ledger = new Ledger(store.accounts(), store.transferCount(), store.holds(), store.transferFor)
    this.paid = store.transferCount()
    this.shell = new LogShell(this.clock, store, this.log, this.ledger)
    this.closers.push(() => this.shell.stop())
  }

  /** @throws what the settlement service refuses to start with; everything is closed again then */
  static async start(stateDir: string, options: SettledRegionOptions = {}): Promise<SettledRegion> {
    const region = new SettledRegion(stateDir, options)
    try {
      await region.open(options)
    } catch (error) {
      await region.stop()
      throw error
    }
    return region
  }

  get name(): RegionName {
    return regionName('meadow')
  }

  /** Says so many things in the log, and has them on disk. */
  async say(entries: number): Promise<void> {
    for (let i = 0; i < entries; i++) this.move(TREASURY, 'submitter:ada', 1n)
    await this.shell.committed()
  }

  /** A device earns something. */
  earn(device: DeviceId, amountMicro: bigint): void {
    this.move(TREASURY, holdbackAccount(device), amountMicro)
  }

  move(debit: string, credit: string, amountMicro: bigint): void {
    this.shell.step((now, batch) => {
      const purpose = `fund/test/${this.paid++}`
      this.ledger.transfer({ kind: 'fund', debit, credit, amountMicro, purpose }, now.wallMs, batch)
    })
  }

  tick(): void {
    this.shell.step((now, batch) => this.settlement.tick(now, batch))
  }

  async stop(): Promise<void> {
    for (const close of this.closers.splice(0).reverse()) await close()
  }

  private async open(options: SettledRegionOptions): Promise<void> {
    const { identity, store, log, ledger, clock, shell } = this
    this.settlement = await openSettlement(
      {
        region: shell,
        log,
        ledger,
        store,
        signer: identity.signer,
        witnessSigner: openWitnessKey(join(this.stateDir, 'witness.key'), systemRandom),
        guard: openHeadGuard(join(this.stateDir, 'log-head.json')),
        verifier: nodeVerifier(),
        hash: nodeSha256,
        clock,
        random: seededRandom('settled'),
        fetch: options.fetch ?? fetch,
        devices: () => this.devices,
        isConnected: device => this.connected.has(device),
        warn: event => this.warnings.push(event),
        onFatal: error => this.fatal.push(error),
      },
      {
        regionId: identity.id,
        name: this.name,
        policy: { checkpointMs: 10_000, receiptMs: 60_000 },
        httpUrl: () => this.httpUrl,
      },
    )
    this.closers.push(() => this.settlement.close())
    const { settlement } = this
    const server = await createHttpServer(
      {
        blobs: openBlobStore(join(this.stateDir, 'blobs')),
        api: () => {
          throw new Error('There is no administration here.')
        },
        sensorThings: null,
        settlement: { ...settlement, takeStatement: async () => ({ text: '' }) },
        operations: NO_OPERATIONS,
        clock: systemClock,
        live: null,
        page: new Map(),
        auth: { adminToken: '', submitterByToken: () => null, ownerByToken: () => null, devicePut: () => false },
        log: { warn: event => this.warnings.push(event) },
        count: () => {},
      },
      { host: '127.0.0.1', port: options.port ?? 0 },
    )
    this.closers.push(() => server.close())
    this.httpUrl = `http://127.0.0.1:${server.port}`
  }
}
