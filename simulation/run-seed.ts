/** One seed from its beginning to the last check. */

import type { Write } from '../coordinator/store/index.ts'
import { messageOf } from '../protocol/index.ts'
import { Coordinator } from './actors/coordinator.ts'
import { SimDevice } from './actors/sim-device.ts'
import { SimSubmitter } from './actors/sim-submitter.ts'
import { Trouble } from './actors/trouble.ts'
import { judgeOrder } from './checks/answers.ts'
import { audit } from './checks/audit.ts'
import { demand } from './checks/broken.ts'
import { MoneyWatch } from './checks/money-watch.ts'
import { WorkWatch } from './checks/work-watch.ts'
import { CHEATS, type Manner } from './parts/manners.ts'
import { cheapSignatures, realSignatures, type Signatures } from './parts/signatures.ts'
import { type DevicePlan, drawScenario, type Fault, type Scenario } from './scenario.ts'
import { Network } from './wire/network.ts'
import { Site } from './wire/site.ts'
import { exponential } from './world/chance.ts'
import { World } from './world/world.ts'

/** What came of a seed. */
export interface SeedReport {
  readonly seed: string
  /** Why it failed, or null. */
  readonly failure: string | null
  /** SHA-256 over everything that happened, in hexadecimal. */
  readonly hash: string
  readonly virtualMs: number
  readonly events: number
  readonly faults: readonly Fault[]
  /** Rare states that were reached, and how often. */
  readonly sometimes: Readonly<Record<string, number>>
  /** The last events, for whoever looks into a failure. */
  readonly tail: readonly string[]
}

const RESTART_MS = 6_000
/**
 * How long everything may stay quiet before a healed region counts as done. The region's time stands still for up to a minute after a clock
 * that ran ahead was put right.
 */
const SETTLE_MS = 65_000
const HEAL_STEP_MS = 5_000

/** Runs a seed. Never throws for what it finds. */
export async function runSeed(seed: string): Promise<SeedReport> {
  const world = new World(seed)
  const scenario = drawScenario(world.randomOf('scenario'))
  const rejected = (reason: unknown) => world.fail(reason instanceof Error ? reason : new Error(messageOf(reason)))
  process.on('unhandledRejection', rejected)
  try {
    const simulation = new Simulation(world, scenario)
    await simulation.run()
  } catch (error) {
    world.fail(error as Error)
  } finally {
    process.off('unhandledRejection', rejected)
  }
  return {
    seed,
    failure: world.broken === null ? null : describe(world.broken),
    hash: world.log.digest(),
    virtualMs: world.nowMs,
    events: world.log.lines,
    faults: [...scenario.faults.keys()],
    sometimes: Object.fromEntries(world.log.reached()),
    tail: world.broken === null ? [] : world.log.tail(),
  }
}

function describe(error: Error): string {
  const isOurs = error.constructor.name === 'Broken' || error.constructor === Error
  return isOurs ? error.message : `${error.name}: ${error.stack ?? error.message}`
}

class Simulation {
  readonly #world: World
  readonly #scenario: Scenario
  readonly #signatures: Signatures
  readonly #network: Network
  readonly #coordinator: Coordinator
  readonly #trouble: Trouble
  readonly #money: MoneyWatch
  readonly #work: WorkWatch
  readonly #devices: SimDevice[] = []
  readonly #submitters: SimSubmitter[] = []
  #sites = 0

  constructor(world: World, scenario: Scenario) {
    this.#world = world
    this.#scenario = scenario
    this.#signatures = scenario.realKeys ? realSignatures() : cheapSignatures()
    this.#network = new Network(world)
    this.#money = new MoneyWatch(world.log)
    this.#work = new WorkWatch(world.log)
    const restartRandom = world.randomOf('restart')
    this.#coordinator = new Coordinator(world, this.#network, scenario, this.#signatures, {
      onCommitted: writes => this.#committed(writes),
      onDown: () => {
        this.#noteCrash()
        world.after(exponential(restartRandom, RESTART_MS), () => this.#coordinator.start())
      },
      onAcked: (device, seqs) => this.#acked(device, seqs),
    })
    for (const plan of scenario.devices) this.#addDevice(plan)
    for (const plan of scenario.submitters) {
      this.#submitters.push(new SimSubmitter(world, this.#network, this.#coordinator, this.#site(plan.name), plan))
    }
    this.#trouble = new Trouble({
      world,
      network: this.#network,
      coordinator: this.#coordinator,
      scenario,
      devices: () => this.#devices,
      sites: () => [...this.#devices, ...this.#submitters].map(({ site }) => site),
      addDevice: () => this.#addNewcomer(),
    })
  }

  async run(): Promise<void> {
    const world = this.#world
    const { troubledMs, healedMs, policy } = this.#scenario
    this.#coordinator.start()
    for (const submitter of this.#submitters) world.after(10_000, () => submitter.start())
    for (const device of this.#devices) world.after(device.plan.bornMs, () => device.start())
    this.#trouble.begin()
    await world.run(troubledMs)
    this.#throwIfBroken()
    audit(this.#coordinator.store, this.#signatures.verifier, this.#scenario.realKeys)
    this.#trouble.heal()
    const limitMs = world.nowMs + healedMs
    while (world.nowMs < limitMs && !this.#isQuiet()) {
      await world.run(world.nowMs + HEAL_STEP_MS)
      this.#throwIfBroken()
    }
    demand(this.#isQuiet(), 'liveness', () => this.#unrest())
    for (const submitter of this.#submitters) submitter.rest()
    // Long enough for everything that is held back to be released, and for the last words to arrive.
    await world.run(world.nowMs + 2 * policy.holdbackWindowMs + SETTLE_MS)
    this.#throwIfBroken()
    const stopping = this.#coordinator.stop()
    await world.run(world.nowMs + SETTLE_MS)
    await Promise.race([stopping, Promise.resolve()])
    this.#throwIfBroken()
    this.#judge()
  }

  #throwIfBroken(): void {
    if (this.#world.broken !== null) throw this.#world.broken
  }

  #committed(writes: readonly Write[]): void {
    this.#money.committed(writes)
    this.#work.committed(writes)
  }

  /** What a device is told that the region has must be on stable storage by then. */
  #acked(id: string, seqs: readonly number[]): void {
    const device = this.#devices.find(one => one.id === id)
    for (const seq of seqs) {
      for (const lease of device?.leasesOf(seq) ?? []) {
        const state = this.#work.leaseState(lease)
        demand(
          state !== 'out',
          'acknowledged too early',
          () => `Lease ${lease} of ${id} is out in the store, and its result was acknowledged.`,
        )
      }
    }
  }

  #noteCrash(): void {
    const { log } = this.#world
    const running = this.#coordinator.store.jobs({ states: ['running'] })
    if (running.some(job => job.paidMicro === 0n)) log.sometimes('coordinator restart between escrow and pay')
    if (running.some(job => job.paidMicro > 0n)) log.sometimes('coordinator restart in the middle of a job')
    const aggregating = this.#coordinator.store.jobs({ states: ['aggregating'] })
    if (aggregating.length > 0) log.sometimes('coordinator restart while an answer was put together')
    if (this.#coordinator.store.disputes({ states: ['open'] }).length > 0) {
      log.sometimes('coordinator restart with a dispute open')
    }
  }

  /** Nothing is left to be done. */
  #isQuiet(): boolean {
    return this.#unrest() === ''
  }

  #unrest(): string {
    const { store } = this.#coordinator
    const waiting = this.#submitters.filter(({ isServed }) => !isServed).map(({ plan }) => plan.name)
    const jobs = store.jobs({ states: ['running', 'aggregating'] }).map(({ id, state }) => `${id} ${state}`)
    const disputes = store.disputes({ states: ['open'] }).map(({ id }) => id)
    const keeping = this.#devices.filter(device => device.isRunning && device.unacknowledged > 0)
    const away = this.#devices
      .filter(device => !device.hasLeft && device.plan.manner === 'honest' && !device.isThere)
      .map(device => `${device.plan.name}: ${device.explain()}`)
    const parts = [
      waiting.length > 0 ? `These submitters wait: ${waiting.join(', ')}.` : '',
      jobs.length > 0 ? `These jobs go on: ${jobs.join(', ')}.` : '',
      disputes.length > 0 ? `These disputes are open: ${disputes.join(', ')}.` : '',
      ...(away.length > 0 ? [`These devices are not there: ${away.join(' ')}`] : []),
      ...keeping.map(device => `${device.plan.name} keeps ${device.unacknowledged} frames: ${device.explain()}`),
    ]
    return parts.filter(part => part !== '').join(' ')
  }

  #judge(): void {
    const { store } = this.#coordinator
    audit(store, this.#signatures.verifier, this.#scenario.realKeys)
    const cheats = this.#idsOf(manner => CHEATS.has(manner))
    let wrongUnits = 0
    for (const order of this.#submitters.flatMap(({ orders }) => orders)) {
      if (order.job === null) continue
      const row = store.job(order.job)
      demand(row !== null, 'lost', () => `Job ${order.job} was acknowledged and is not there.`)
      if (row === null) continue
      this.#world.log.sometimes(
        `job ${row.state}${row.state === 'done' && row.failedUnits > 0 ? ' with failed units' : ''}`,
      )
      wrongUnits += judgeOrder(this.#coordinator, order, row, { cheats, paid: this.#money.paid })
      const told = order.result?.state === 'done' ? order.result.sha256 : null
      demand(row.resultSha256 === told, 'told otherwise', () => `Job ${row.id} ended otherwise than was told.`)
    }
    this.#world.log.sometimes('wrong units accepted from cheats alone', wrongUnits)
    this.#judgeDevices()
    this.#judgeEscrows()
    this.#judgeHoldbacks()
    this.#noteCounters()
  }

  /** Whoever is in good standing has got what was held back for it. */
  #judgeHoldbacks(): void {
    const { store } = this.#coordinator
    const joined = new Set(store.devices().flatMap(({ id, standing }) => (standing === 'joined' ? [id as string] : [])))
    for (const { id, creditsMicro, debitsMicro } of store.accounts()) {
      const [kind, device = ''] = id.split(':')
      demand(
        kind !== 'holdback' || creditsMicro === debitsMicro || !joined.has(device),
        'holdback left',
        () => `${id} still holds ${creditsMicro - debitsMicro} micro-credits, two windows after the last work.`,
      )
    }
  }

  /** Equal wrong answers of two can outvote an honest device; without such, none is ever caught. */
  #judgeDevices(): void {
    const alike = this.#devices.filter(({ plan }) => ['colluding', 'replayer', 'fuel-liar'].includes(plan.manner))
    const honest = this.#idsOf(manner => !CHEATS.has(manner))
    for (const { id, standing, standingReason } of this.#coordinator.store.devices()) {
      if (standing !== 'caught') continue
      this.#world.log.sometimes(honest.has(id) ? 'honest device caught by colluders' : 'cheat caught')
      demand(
        alike.length >= 2 || !honest.has(id),
        'honest caught',
        () => `The honest device ${id} was caught: ${standingReason}`,
      )
    }
  }

  #judgeEscrows(): void {
    for (const { id, creditsMicro, debitsMicro, debitsPendingMicro } of this.#coordinator.store.accounts()) {
      if (!id.startsWith('escrow:')) continue
      const leftMicro = creditsMicro - debitsMicro
      demand(
        leftMicro === 0n && debitsPendingMicro === 0n,
        'escrow left',
        () => `${id} still holds ${leftMicro} micro-credits, and everything is over.`,
      )
    }
  }

  #noteCounters(): void {
    const { counted } = this.#coordinator
    const { log } = this.#world
    for (const [reason, count] of counted) log.sometimes(`counted ${reason}`, count)
  }

  #idsOf(isSuch: (manner: Manner) => boolean): Set<string> {
    return new Set(this.#devices.filter(({ plan }) => isSuch(plan.manner)).flatMap(({ ids }) => [...ids]))
  }

  #site(name: string): Site {
    // Every machine is in a network of its own.
    const address = `198.${18 + (this.#sites >> 8)}.${this.#sites++ & 255}.7`
    return new Site(name, address, this.#world.randomOf(`line of ${name}`), { ...this.#scenario.line })
  }

  #addDevice(plan: DevicePlan): SimDevice {
    const { world, network, coordinator, signatures } = {
      world: this.#world,
      network: this.#network,
      coordinator: this.#coordinator,
      signatures: this.#signatures,
    }
    const device = new SimDevice({ world, network, coordinator, signatures, site: this.#site(plan.name) }, plan)
    this.#devices.push(device)
    return device
  }

  #addNewcomer(): void {
    const [first] = this.#scenario.devices
    if (first === undefined) return
    const number = this.#devices.length
    const plan = { ...first, name: `device-${number}`, owner: `newcomer-${number}`, bornMs: this.#world.nowMs }
    const device = this.#addDevice(plan)
    this.#trouble.tune(device.site)
    device.start()
  }
}
