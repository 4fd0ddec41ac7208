/** The coordinator as an actor: the production's core on simulated parts, which can end at any moment and starts again on what was synced. */
import { type BrokerPorts, type Core, createCore } from '../../coordinator/core.ts'
import { createMemoryStore, type MemoryStore, type Write } from '../../coordinator/store/index.ts'
import {
  type DeviceId,
  decodeAck,
  keyThumbprint,
  messageOf,
  peekSign1,
  type Random,
  type RegionId,
  regionIdOf,
  regionName,
  type Signer,
} from '../../protocol/index.ts'
import { checkAnswer } from '../parts/cost-model.ts'
import { type CommitFate, Crashed, crashingStore } from '../parts/crashing-store.ts'
import type { GuardFile } from '../parts/head-guard.ts'
import { simHeadGuard } from '../parts/head-guard.ts'
import { createMemoryBlobs } from '../parts/memory-blobs.ts'
import type { Signatures } from '../parts/signatures.ts'
import type { Scenario } from '../scenario.ts'
import type { Network } from '../wire/network.ts'
import { SimBroker, type Traffic } from '../wire/sim-broker.ts'
import { type ClockFault, Life, type World } from '../world/world.ts'

export interface CoordinatorHooks {
  /** Now on stable storage. */
  onCommitted(writes: readonly Write[]): void
  /** The process has ended. */
  onDown(): void
  /** The region tells a device that it has these results. */
  onAcked(device: DeviceId, seqs: readonly number[]): void
}

export const REGION = regionName('hedge')
export const MQTT_URL = 'mqtt://region.sim:1883'
const HTTP_URL = 'http://region.sim:8717'

/** One run of the coordinator's process. */
interface Run {
  readonly life: Life
  readonly broker: SimBroker
  core: Core | null
}

export class Coordinator {
  readonly store: MemoryStore = createMemoryStore()
  readonly blobs = createMemoryBlobs()
  readonly regionId: RegionId
  readonly thumbprint: Uint8Array
  readonly traffic: Traffic = { messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0 }
  readonly clockFault: ClockFault = { wallOffsetMs: 0, rate: 1 }
  /** What becomes of the next commit; drawn by whoever makes trouble. */
  nextFate: CommitFate = 'made'
  /** Runs so far. */
  starts = 0
  /** What all runs have counted, and commits made. */
  readonly counted = new Map<string, number>()
  commits = 0
  readonly #world: World
  readonly #network: Network
  readonly #scenario: Scenario
  readonly #signatures: Signatures
  readonly #hooks: CoordinatorHooks
  readonly #random: Random
  readonly #signer: Signer
  readonly #witnessSigner: Signer
  readonly #guardFile: GuardFile = { head: null }
  #run: Run | null = null

  constructor(world: World, network: Network, scenario: Scenario, signatures: Signatures, hooks: CoordinatorHooks) {
    this.#world = world
    this.#network = network
    this.#scenario = scenario
    this.#signatures = signatures
    this.#hooks = hooks
    this.#random = world.randomOf('coordinator')
    this.#signer = signatures.signer(world.randomOf('region key'))
    this.#witnessSigner = signatures.signer(world.randomOf('witness key'))
    this.regionId = regionIdOf(this.#signer.publicKey)
    this.thumbprint = keyThumbprint(this.#signer.publicKey)
  }

  /** What runs; null while nothing does, or while it starts. */
  get core(): Core | null {
    return this.#run?.core ?? null
  }

  /** Starts a process, unless one runs. */
  start(): void {
    if (this.#run !== null) return
    const life = new Life()
    const broker = new SimBroker(this.#world, life, REGION, this.traffic)
    const run: Run = { life, broker, core: null }
    this.#run = run
    this.starts++
    this.#world.note(`coordinator start ${this.starts}`)
    this.#open(run).catch(error => {
      if (!run.life.isOver) this.#world.fail(new Error(`The coordinator does not start: ${messageOf(error)}`))
    })
  }

  /** The process ends without a word. */
  crash(fate: CommitFate | 'idle' = 'idle'): void {
    const run = this.#run
    if (run === null) return
    this.#world.note(`coordinator crash ${fate}`)
    run.life.isOver = true
    this.#run = null
    this.#collect(run)
    this.#network.stop()
    this.#hooks.onDown()
  }

  /** Ends the process as an operator does: what is left is signed and committed. */
  async stop(): Promise<void> {
    const run = this.#run
    if (run === null || run.core === null) return
    this.#world.note('coordinator stop')
    await run.core.close()
    run.life.isOver = true
    this.#run = null
    this.#collect(run)
    this.#network.stop()
  }

  /** Adds what the run has counted to what all have. */
  settleCounters(): void {
    if (this.#run !== null) this.#collect(this.#run)
  }

  #collect({ core }: Run): void {
    if (core === null) return
    for (const [reason, count] of Object.entries(core.counters.snapshot())) {
      this.counted.set(reason, (this.counted.get(reason) ?? 0) + count)
    }
  }

  async #open(run: Run): Promise<void> {
    const { life, broker } = run
    const world = this.#world
    const { policy, payout } = this.#scenario
    const core = await createCore(
      {
        clock: world.clockOf(life, this.clockFault),
        random: this.#random,
        store: crashingStore(this.store, life, {
          fateOf: () => this.#takeFate(),
          onCommitted: writes => this.#committed(writes),
          onCrash: fate => {
            world.log.sometimes(`coordinator crashed in a commit that was ${fate}`)
            this.crash(fate)
          },
        }),
        blobs: this.blobs,
        identity: { id: this.regionId, thumbprint: this.thumbprint, signer: this.#signer },
        witnessSigner: this.#witnessSigner,
        guard: simHeadGuard(world, life, this.#guardFile),
        verifier: this.#signatures.verifier,
        backgroundVerifier: null,
        broker: this.#listenedTo(broker),
        fetch: async () => {
          throw new TypeError('There are no other regions.')
        },
        readEngine: () => new Uint8Array(),
        capacityAnswer: checkAnswer,
        defer: act => void world.after(0, act, life),
        breathe: () => new Promise(resolve => void world.after(0, resolve, life)),
        warn: event => world.note(`warn ${event}`),
        onFatal: error => this.#fatal(life, error),
      },
      {
        name: REGION,
        policy,
        payout,
        payoutKeyPath: '',
        homeAssistant: false,
        openData: false,
        addresses: () => ({ mqttUrl: MQTT_URL, httpUrl: HTTP_URL }),
      },
    )
    if (life.isOver) return
    run.core = core
    broker.open(core.hooks)
    this.#network.listen((outlet, site) => broker.accept(outlet, site))
    core.resume()
    const tick = () => {
      core.tick()
      world.after(this.#scenario.tickMs, tick, life)
    }
    tick()
  }

  /** The broker, with an ear on what devices are promised. */
  #listenedTo(broker: SimBroker): BrokerPorts {
    return {
      connectionCount: () => broker.connectionCount(),
      publishToDevice: (device, name, frame) => {
        if (name === 'ack') this.#hooks.onAcked(device, decodeAck(peekSign1(frame).payload).seqs)
        broker.publishToDevice(device, name, frame)
      },
      publishToSubmitter: (topic, payload) => broker.publishToSubmitter(topic, payload),
      publishRetained: (topic, payload) => broker.publishRetained(topic, payload),
      kick: (device, reason) => broker.kick(device, reason),
    }
  }

  #takeFate(): CommitFate {
    const fate = this.nextFate
    this.nextFate = 'made'
    return fate
  }

  #committed(writes: readonly Write[]): void {
    this.commits++
    this.#world.note(`commit ${writes.length}`)
    this.#hooks.onCommitted(writes)
  }

  #fatal(life: Life, error: unknown): void {
    if (life.isOver || error instanceof Crashed) return
    this.#world.fail(new Error(`The coordinator ended by itself: ${messageOf(error)}`, { cause: error }))
  }
}
