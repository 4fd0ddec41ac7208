/** One plan from the fleet's joining to the end of its job. */
import type { Core } from '../../coordinator/core.ts'
import { progressReply } from '../../coordinator/intake/job-view.ts'
import type { JobRow } from '../../coordinator/store/index.ts'
import {
  assert,
  isFinalState,
  type JobId,
  jobId,
  messageOf,
  type ProgressReply,
  type Random,
  submitterName,
} from '../../protocol/index.ts'
import { Coordinator } from '../actors/coordinator.ts'
import { SimDevice } from '../actors/sim-device.ts'
import { cheapSignatures } from '../parts/signatures.ts'
import type { DevicePlan, Scenario } from '../scenario.ts'
import { Network } from '../wire/network.ts'
import { Site } from '../wire/site.ts'
import { exponential } from '../world/chance.ts'
import { World } from '../world/world.ts'
import type { Plan } from './plan.ts'
import { type PlanAnswer, planAnswer } from './plan-answer.ts'
import { planScenario, planSpecification } from './plan-scenario.ts'
import { PlanWatch } from './plan-watch.ts'

export interface PlanHooks {
  /** Hears a few times in each virtual second how far the job is; asking for that costs something. */
  onStep(progress: () => ProgressReply): void
  /** Whether somebody wants it to end at once; asked before every event. */
  isStopped(): boolean
}

const HOUR_MS = 3_600_000
const STEP_MS = 200
/** The job is submitted when all devices have joined, or after this. */
const JOIN_MS_MAX = 120_000
/** How long a device that was switched off stays so, on average. */
const AWAY_MS = 300_000
const SUBMITTER = submitterName('planner')
/** Enough for every job that a plan may ask for. */
const FUNDED_MICRO = 10n ** 17n

/**
 * Runs a plan. The same plan gives the same answer, as long as sources and Node are the same.
 * @returns null when it was stopped
 * @throws {Error} when the region refuses the job, with its sentence; when something in it breaks, with what did
 */
export async function runPlan(plan: Plan, hooks: PlanHooks): Promise<PlanAnswer | null> {
  const world = new World(`plan/${plan.seed}`)
  const rejected = (reason: unknown) => world.fail(reason instanceof Error ? reason : new Error(messageOf(reason)))
  process.on('unhandledRejection', rejected)
  try {
    return await new PlanRun(world, plan, hooks).run()
  } finally {
    process.off('unhandledRejection', rejected)
  }
}

class PlanRun {
  readonly #world: World
  readonly #plan: Plan
  readonly #hooks: PlanHooks
  readonly #scenario: Scenario
  readonly #network: Network
  readonly #coordinator: Coordinator
  readonly #devices: readonly SimDevice[]
  readonly #watch = new PlanWatch()

  constructor(world: World, plan: Plan, hooks: PlanHooks) {
    this.#world = world
    this.#plan = plan
    this.#hooks = hooks
    this.#scenario = planScenario(plan, world.randomOf('plan'))
    this.#network = new Network(world)
    const signatures = cheapSignatures()
    this.#coordinator = new Coordinator(world, this.#network, this.#scenario, signatures, {
      onCommitted: writes => this.#watch.committed(writes),
      onDown: () => {},
      onAcked: () => {},
    })
    const shared = { world, network: this.#network, coordinator: this.#coordinator, signatures }
    this.#devices = this.#scenario.devices.map(
      (device, index) => new SimDevice({ ...shared, site: this.#site(device, index) }, device),
    )
  }

  async run(): Promise<PlanAnswer | null> {
    const world = this.#world
    this.#coordinator.start()
    for (const device of this.#devices) world.after(device.plan.bornMs, () => device.start())
    await this.#until(JOIN_MS_MAX, () => this.#devices.every(({ isThere }) => isThere))
    if (this.#hooks.isStopped()) return null
    const trafficBefore = { ...this.#coordinator.traffic }
    const job = await this.#submit()
    if (job === null) return null
    for (const device of this.#devices) this.#switchOffLater(device, world.randomOf(`${device.plan.name} owner`))
    // The end counts once it is in the books; asking them is dearer, so the department is asked first.
    const isOver = () => this.#core.departments.jobs.active(job) === undefined && isFinalState(this.#rowOf(job).state)
    const limitMs = world.nowMs + this.#plan.hours * HOUR_MS
    while (world.nowMs < limitMs && !isOver()) {
      await this.#until(Math.min(STEP_MS, limitMs - world.nowMs), isOver)
      if (this.#hooks.isStopped()) return null
      this.#hooks.onStep(() => this.#progress(job))
    }
    return planAnswer({
      plan: this.#plan,
      job,
      submitter: SUBMITTER,
      fundedMicro: FUNDED_MICRO,
      coordinator: this.#coordinator,
      devices: this.#devices,
      watch: this.#watch,
      trafficBefore,
      nowMs: Math.floor(world.wallMs),
    })
  }

  get #core(): Core {
    const { core } = this.#coordinator
    assert(core !== null, 'a coordinator that nothing happens to runs')
    return core
  }

  /** Lets time pass until something is so, for this long at most. */
  async #until(limitMs: number, isSo: () => boolean): Promise<void> {
    const world = this.#world
    await world.run(world.nowMs + limitMs, () => this.#hooks.isStopped() || isSo())
    if (world.broken !== null) throw world.broken
  }

  /** @returns null when the run was stopped meanwhile */
  async #submit(): Promise<JobId | null> {
    const { admin } = this.#core
    let job: JobId | null = null
    let refusal: unknown = null
    admin
      .submitterAdd({ name: SUBMITTER, fundMicro: `${FUNDED_MICRO}` })
      .then(() => admin.jobSubmit(SUBMITTER, planSpecification(this.#plan)))
      .then(
        accepted => {
          job = jobId(accepted.id)
        },
        error => {
          refusal = error
        },
      )
    await this.#until(JOIN_MS_MAX, () => job !== null || refusal !== null)
    if (refusal !== null) throw refusal
    return job
  }

  #rowOf(job: JobId): JobRow {
    const row = this.#coordinator.store.job(job)
    assert(row !== null, 'a job that was accepted is in the books')
    return row
  }

  #progress(job: JobId): ProgressReply {
    return progressReply(this.#rowOf(job), this.#core.departments.jobs.active(job), this.#world.nowMs)
  }

  /** Switches a device off without a word, and on again later, for ever. */
  #switchOffLater(device: SimDevice, random: Random): void {
    if (this.#plan.churn === 0) return
    const world = this.#world
    world.after(exponential(random, HOUR_MS / this.#plan.churn), () => {
      device.losePower()
      world.after(exponential(random, AWAY_MS), () => {
        device.start()
        this.#switchOffLater(device, random)
      })
    })
  }

  #site({ name }: DevicePlan, index: number): Site {
    // Every machine is in a network of its own.
    const address = `198.${18 + (index >> 8)}.${index & 255}.7`
    return new Site(name, address, this.#world.randomOf(`line of ${name}`), { ...this.#scenario.line })
  }
}
