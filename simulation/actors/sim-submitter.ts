/** A submitter as an actor: hands in jobs over MQTT, asks again when nobody answers, and remembers everything it was told. */
import { createHash } from 'node:crypto'
import {
  isFinalState,
  type JobId,
  jobTopic,
  parseRefusedReply,
  parseResultReply,
  parseStatusReply,
  parseTopic,
  type Random,
  type ResultReply,
  type SubmitterName,
  submitTopic,
  submitterName,
  utf8,
} from '../../protocol/index.ts'
import type { SubmitterPlan } from '../scenario.ts'
import { MqttConnection } from '../wire/mqtt-client.ts'
import type { Network } from '../wire/network.ts'
import type { Site } from '../wire/site.ts'
import { between, exponential, happens } from '../world/chance.ts'
import { Life, type World } from '../world/world.ts'
import { type Coordinator, REGION } from './coordinator.ts'
import { type DrawnJob, drawJob } from './draw-job.ts'

/** One submission, as its submitter knows it. */
export interface Order {
  readonly ref: string
  readonly drawn: DrawnJob
  /** From when on the submitter holds the region to it; null before. */
  job: JobId | null
  /** The refusal that it took for an answer. */
  refused: string | null
  result: ResultReply | null
  cancelAsked: boolean
}

const ANSWER_MS = 20_000
const POLL_MS = 60_000
const RECONNECT_MS = 3_000
/** Refusals that time may change. */
const TRY_AGAIN: ReadonlySet<string> = new Set(['busy', 'no_device', 'no_quorum'])
const TRIES_MAX = 40

export class SimSubmitter {
  readonly plan: SubmitterPlan
  readonly site: Site
  readonly orders: Order[] = []
  readonly #world: World
  readonly #network: Network
  readonly #coordinator: Coordinator
  readonly #random: Random
  readonly #life = new Life()
  #token: string | null = null
  #name: SubmitterName
  #attempts = 0
  #isResting = false
  #connection: MqttConnection | null = null
  readonly #tries = new Map<string, number>()

  constructor(world: World, network: Network, coordinator: Coordinator, site: Site, plan: SubmitterPlan) {
    this.#world = world
    this.#network = network
    this.#coordinator = coordinator
    this.site = site
    this.plan = plan
    this.#random = world.randomOf(plan.name)
    this.#name = submitterName(plan.name)
  }

  /** Gets an account, connects, and hands in jobs until all of them are. */
  start(): void {
    void this.#begin()
  }

  /** Brings no more disputes: what follows is only waited for. */
  rest(): void {
    this.#isResting = true
  }

  /** Every order has come to an end that its submitter knows of. */
  get isServed(): boolean {
    return (
      this.orders.length >= this.plan.jobs &&
      this.orders.every(order => order.refused !== null || order.result !== null)
    )
  }

  async #begin(): Promise<void> {
    const { core } = this.#coordinator
    const retry = this.#world.after(ANSWER_MS, () => this.start())
    if (core === null) return
    // The answer to an earlier try may have been lost with the coordinator, and the name be taken.
    this.#name = submitterName(`${this.plan.name}-${++this.#attempts}`)
    const { token } = await core.admin.submitterAdd({ name: this.#name, fundMicro: `${this.plan.fundMicro}` })
    this.#token = token
    retry.cancel()
    void this.#connect()
    this.#order(0)
  }

  async #connect(): Promise<void> {
    const again = () => void this.#world.after(RECONNECT_MS * between(this.#random, 0.5, 2), () => this.#connect())
    const login = {
      clientId: this.#name,
      username: this.#name,
      password: utf8(this.#token ?? ''),
      filter: `hr/1/${REGION}/jobs/${this.#name}/#`,
      qos: 1,
    } as const
    const parts = { world: this.#world, life: this.#life, network: this.#network, site: this.site }
    try {
      this.#connection = await MqttConnection.open(parts, login, {
        message: (topic, payload) => this.#hear(topic, payload),
        closed: () => {
          this.#connection = null
          again()
        },
      })
      for (const order of this.orders) this.#ask(order)
    } catch {
      again()
    }
  }

  #order(count: number): void {
    if (count >= this.plan.jobs) return
    const order: Order = {
      ref: `${this.plan.name}-${count}`,
      drawn: drawJob(this.#random, this.plan),
      job: null,
      refused: null,
      result: null,
      cancelAsked: false,
    }
    this.orders.push(order)
    this.#submit(order)
    if (happens(this.#random, this.plan.cancelRate)) {
      this.#world.after(exponential(this.#random, 30_000), () => this.#cancel(order))
    }
    this.#world.after(exponential(this.#random, this.plan.pauseMs), () => this.#order(count + 1))
  }

  /** Says the same again until the region says something about it. */
  #submit(order: Order): void {
    if (order.job !== null || order.refused !== null) return
    const body = { ref: order.ref, ...order.drawn.specification }
    this.#publish(submitTopic(REGION, this.#name), body)
    this.#world.after(ANSWER_MS * between(this.#random, 0.8, 1.5), () => this.#submit(order))
  }

  #cancel(order: Order): void {
    if (order.job === null || order.result !== null) return
    order.cancelAsked = true
    this.#publish(jobTopic(REGION, this.#name, order.job, 'cancel'), {})
  }

  #ask(order: Order): void {
    if (order.job === null || order.result !== null) return
    this.#publish(jobTopic(REGION, this.#name, order.job, 'get'), {})
  }

  #poll(order: Order): void {
    if (order.result !== null) return
    this.#ask(order)
    this.#world.after(POLL_MS, () => this.#poll(order))
  }

  #publish(topic: string, body: unknown): void {
    this.#connection?.publish(topic, utf8(JSON.stringify(body)), { qos: 1 })
  }

  #hear(topic: string, payload: Uint8Array): void {
    const parsed = parseTopic(topic)
    const body: unknown = JSON.parse(Buffer.from(payload).toString('utf8'))
    if (parsed?.kind === 'refused') {
      this.#refused(body)
      return
    }
    if (parsed?.kind !== 'job') return
    if (parsed.leaf === 'status') this.#status(body)
    else if (parsed.leaf === 'result') this.#result(body)
  }

  #status(body: unknown): void {
    const status = parseStatusReply(body)
    const order = this.orders.find(({ ref }) => ref === status.ref)
    if (order === undefined) return
    if (order.job !== null && order.job !== status.job) {
      this.#world.fail(new Error(`The submission ${order.ref} became two jobs: ${order.job} and ${status.job}.`))
    }
    if (order.job === null) {
      order.job = status.job
      this.#world.after(POLL_MS, () => this.#poll(order))
    }
    if (isFinalState(status.state)) this.#ask(order)
  }

  #result(body: unknown): void {
    const result = parseResultReply(body)
    const order = this.orders.find(({ job }) => job === result.job)
    if (order === undefined) return
    const before = order.result
    // A dispute may change what a job cost, and never how it ended.
    if (before !== null && (before.state !== result.state || shaOf(before) !== shaOf(result))) {
      this.#world.fail(new Error(`The job ${result.job} ended ${before.state} and later ${result.state} or otherwise.`))
    }
    order.result = result
    if (result.state !== 'done') return
    const bytes = bodyBytes(result, this.#coordinator)
    if (createHash('sha256').update(bytes).digest('hex') !== result.sha256) {
      this.#world.fail(new Error(`The answer of job ${result.job} is not what its digest says.`))
    }
    if (before === null && happens(this.#random, this.plan.disputeRate)) {
      this.#world.after(exponential(this.#random, 20_000), () => void this.#dispute(result.job))
    }
  }

  #refused(body: unknown): void {
    const { ref, error } = parseRefusedReply(body)
    const order = this.orders.find(one => one.ref === ref)
    if (order === undefined || order.job !== null) return
    const tries = (this.#tries.get(order.ref) ?? 0) + 1
    this.#tries.set(order.ref, tries)
    if (!TRY_AGAIN.has(error.code) || tries > TRIES_MAX) order.refused = error.code
    this.#world.log.sometimes(`submission refused: ${error.code}`)
  }

  /** Brings a dispute about some unit of a job that is done. What is refused is refused. */
  async #dispute(job: JobId): Promise<void> {
    const { core } = this.#coordinator
    if (core === null || this.#isResting) return
    const units = core.departments.jobs.active(job)?.row.units ?? this.#coordinator.store.job(job)?.units ?? 1
    const unit = Math.floor(this.#random.uniform() * units)
    try {
      await core.admin.disputeOpen(this.#name, { job, unit } as never, 'It looks wrong.')
      this.#world.log.sometimes('dispute opened')
    } catch {
      this.#world.log.sometimes('dispute refused')
    }
  }
}

const shaOf = (result: ResultReply): string => (result.state === 'done' ? result.sha256 : '')

function bodyBytes(result: Extract<ResultReply, { state: 'done' }>, coordinator: Coordinator): Uint8Array {
  if ('text' in result) return utf8(result.text)
  if ('base64' in result) return new Uint8Array(Buffer.from(result.base64, 'base64'))
  return coordinator.blobs.read(result.sha256)
}
