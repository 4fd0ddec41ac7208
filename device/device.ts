/** The device: keeps its connection, runs what the region leases to it, measures what the region asks for, and says why it works or waits. */
import {
  type Clock,
  type DeviceId,
  decodeProfile,
  encodeProfileMessage,
  encodeResult,
  HedgerowError,
  type LeaseResult,
  LIMITS,
  type ProfileId,
  type Random,
  type Timer,
  type Verifier,
} from '../protocol/index.ts'
import type { Blobs, PutTarget } from './blobs/index.ts'
import { encodeConnectFrame } from './connect-frame.ts'
import { type Appetite, Conversation } from './conversation.ts'
import type { Device, DeviceEvents, DeviceReport, DeviceState } from './device-face.ts'
import { Emitter } from './emitter.ts'
import { explainSituation } from './explain.ts'
import { Governor, type GovernorPolicy, localTime, type Readings } from './governor/index.ts'
import type { Identity } from './identity.ts'
import { type FinishedLease, LeaseQueue, OutboxSender, ResultBatch } from './leases/index.ts'
import { type Link, LinkKeeper } from './link/index.ts'
import type { Log } from './log.ts'
import type { Machine } from './machine.ts'
import type { Membership } from './membership.ts'
import { NO_PAUSE, type Pause, pauseOf } from './pause.ts'
import { ProfileTeller } from './profile-teller.ts'
import { memoryReceipts, type ReceiptStore, Receipts } from './receipts/index.ts'
import { type OpenSensors, Sampling, type SensingInit } from './sampling/index.ts'
import type { DeviceStore, OutboxRow } from './store/index.ts'
import type { Runner } from './work/runner.ts'

export type { Device, DeviceEvents, DeviceReport, DeviceState } from './device-face.ts'

export interface DeviceComponents {
  readonly clock: Clock
  readonly random: Random
  readonly link: Link
  readonly store: DeviceStore
  readonly identity: Identity
  /** Checks what the region signs. */
  readonly verifier: Verifier
  /** @param target - where the region keeps blobs, asked at each use */
  blobs(target: () => PutTarget): Blobs
  /** Called at the first lease. It must run as many leases at the same time as there are slots. */
  createRunner(): Promise<Runner>
  /** Called for each configured sensor, again while it cannot be opened; needed when there are any. */
  readonly openSensors?: OpenSensors
  /** What the owner's rules judge; asked every few seconds. */
  readHealth(): Readings
  /** Where the newest receipt is kept; nowhere beyond this process when left out. */
  readonly receipts?: ReceiptStore
  readonly log: Log
}

export interface DeviceInit {
  readonly membership: Membership
  /** The owner's name for the device, at most 64 bytes. */
  readonly label: string
  readonly machine: Machine
  /** Leases that run at the same time. */
  readonly slots: number
  /** Leases that the device wants to hold, running or waiting. */
  readonly creditLeases: number
  /** What keeps tasks from taking the machine's memory, in sentences for the owner; may be empty. */
  readonly memoryBounds: string
  /** The owner's rules; the usual ones when left out. */
  readonly governor?: GovernorPolicy
  /** What it measures with, and where it stands; left out when it measures nothing. */
  readonly sensing?: SensingInit
}

const HEALTH_EVERY_MS = 5_000
const NO_SENSING: SensingInit = { location: null, sensors: [] }

/** A device that does nothing yet. */
export function createDevice(components: DeviceComponents, init: DeviceInit): Device {
  return new RegionDevice(components, init)
}

class RegionDevice implements Device {
  readonly id: DeviceId
  readonly ended: Promise<HedgerowError<{ code: string }> | null>
  readonly #components: DeviceComponents
  readonly #init: DeviceInit
  readonly #events = new Emitter<DeviceEvents>()
  readonly #keeper: LinkKeeper
  readonly #conversation: Conversation
  readonly #queue: LeaseQueue
  readonly #batch: ResultBatch
  readonly #sender: OutboxSender
  readonly #sampling: Sampling
  readonly #profiles: ProfileTeller
  readonly #receipts: Receipts
  readonly #governor: Governor
  readonly #end: (failure: HedgerowError<{ code: string }> | null) => void
  #failure: HedgerowError<{ code: string }> | null = null
  #state: DeviceState = 'stopped'
  #pause: Pause = NO_PAUSE
  #updateWaits = false
  #healthTimer: Timer | null = null
  #stopping: Promise<void> | null = null

  constructor(components: DeviceComponents, init: DeviceInit) {
    const { clock, random, link, store, identity, verifier, log } = components
    const { membership, machine, label, slots } = init
    const ended = Promise.withResolvers<HedgerowError<{ code: string }> | null>()
    this.id = identity.id
    this.ended = ended.promise
    this.#end = ended.resolve
    this.#components = components
    this.#init = init
    this.#governor = new Governor(init.governor)
    this.#keeper = new LinkKeeper({
      clock,
      random,
      link,
      nextCounter: leap => store.nextCounter(leap),
      target: counter => ({
        address: membership.mqttUrl,
        region: membership.region,
        device: identity.id,
        password: encodeConnectFrame(identity, membership.regionId, counter),
      }),
    })
    const appetite = () => this.#appetite()
    const conversation = { clock, identity, keeper: this.#keeper, store, verifier, log, appetite }
    this.#conversation = new Conversation(conversation, { membership, machine, label, slots })
    const blobs = components.blobs(() => this.#blobTarget())
    const createRunner = () => components.createRunner()
    this.#queue = new LeaseQueue({ clock, blobs, createRunner, log }, { slots })
    this.#batch = new ResultBatch(clock, results => this.#keepResults(results))
    this.#sampling = this.#createSampling()
    this.#profiles = new ProfileTeller(id => this.#tellProfile(id))
    this.#receipts = new Receipts({ store: components.receipts ?? memoryReceipts(), verifier, log }, identity.id)
    const publish = (row: OutboxRow) => this.#publish(row)
    const resending = () => this.#profiles.reset()
    this.#sender = new OutboxSender({ clock, outbox: store.outbox, publish, resending })
    this.#connectParts()
    this.#connectSampling()
  }

  get state(): DeviceState {
    return this.#state
  }

  on<Name extends keyof DeviceEvents>(name: Name, listener: (event: DeviceEvents[Name]) => void): () => void {
    return this.#events.on(name, listener)
  }

  start(): void {
    this.#checkHealth()
    this.#reconsider()
    this.#sampling.setJoined(this.#isJoined)
    this.#sampling.start()
    this.#keeper.start()
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#close()
    return this.#stopping
  }

  explain(): string {
    const { membership, slots, memoryBounds } = this.#init
    const enrolment = this.#conversation.enrolment
    const { outbox } = this.#components.store
    return explainSituation({
      region: membership.region,
      failure: this.#failure,
      link: this.#keeper.state,
      welcomed: this.#conversation.phase === 'welcomed',
      standing: enrolment?.standing ?? null,
      standingReason: enrolment?.standingReason ?? '',
      pauseReason: this.#pause.reason,
      slots,
      running: this.#queue.running,
      waiting: this.#queue.waiting,
      resultFrames: outbox.frames - outbox.readingFrames,
      sampling: this.#sampling.explain(),
      memoryBounds,
      nowMs: this.#components.clock.monotonicMs(),
    })
  }

  report(): DeviceReport {
    const { region } = this.#init.membership
    const busy = this.#queue.running > 0
    return { joined: this.#state === 'joined', busy, region, blobUrl: this.#conversation.enrolment?.blobUrl ?? '' }
  }

  finishUp(updateWaits: boolean): void {
    this.#updateWaits = updateWaits
    this.#reconsider()
  }

  #connectParts(): void {
    this.#keeper.events.on('state', () => this.#noteState())
    const region = this.#conversation.events
    region.on('welcomed', () => {
      this.#profiles.reset()
      const { enrolment } = this.#conversation
      if (enrolment !== null) this.#receipts.belong(enrolment)
      this.#sender.online()
      this.#reconsider()
      // A hello says how much work is wanted, not why it is none.
      if (this.#pause.cause !== '') this.#conversation.announce()
      this.#noteState()
    })
    region.on('parted', () => this.#sender.offline())
    region.on('lease', message => this.#queue.add(message))
    region.on('cancel', ({ leaseIds }) => this.#queue.cancel(leaseIds))
    region.on('ack', ({ seqs }) => {
      this.#sender.acked(seqs)
      this.#components.log({ level: 'debug', event: 'results_acked', framesLeft: this.#components.store.outbox.frames })
      this.#reconsider()
    })
    region.on('standing', event => {
      if (event.standing !== 'joined') this.#queue.clear()
      this.#events.emit('standing', event)
      this.#reconsider()
    })
    region.on('receipt', message => this.#receipts.take(message))
    region.on('failed', failure => this.#fail(failure))
    this.#queue.events.on('finished', finished => this.#finished(finished))
    this.#queue.events.on('drained', () => this.#batch.flush())
  }

  #createSampling(): Sampling {
    const { clock, random, store, identity, log, openSensors = async () => [] } = this.#components
    return new Sampling(
      {
        clock,
        random,
        store,
        log,
        openSensors,
        session: () => this.#conversation.session,
        sign: (name, payload) => this.#conversation.sign(name, payload),
        say: (name, payload) => this.#conversation.say(name, payload),
        askTime: () => this.#conversation.askTime(),
        added: row => this.#sender.added(row),
        failed: failure => this.#fail(failure),
      },
      identity.id,
      this.#init.sensing ?? NO_SENSING,
    )
  }

  #connectSampling(): void {
    const region = this.#conversation.events
    region.on('time', ({ regionMs, roundTripMs }) => {
      this.#sampling.heardTime(regionMs, roundTripMs)
      this.#events.emit('time', { regionMs })
    })
    region.on('standing', () => this.#sampling.setJoined(this.#isJoined))
    region.on('welcomed', () => this.#sampling.welcomed())
    region.on('parted', () => this.#sampling.parted())
    region.on('plan', plan => this.#sampling.takePlan(plan))
    region.on('ack', () => this.#sampling.acked())
  }

  #publish({ frame, profile }: OutboxRow): Promise<void> {
    if (profile === null) return this.#keeper.publish('result', frame)
    this.#profiles.before(profile)
    return this.#keeper.publish('reading', frame)
  }

  #tellProfile(id: ProfileId): void {
    const body = this.#sampling.profileBytes(id)
    if (body === null) return
    const profile = decodeProfile(body)
    this.#conversation.say('profile', (session, seq) => encodeProfileMessage({ session, seq, profile }))
  }

  get #isJoined(): boolean {
    return (this.#conversation.enrolment?.standing ?? 'joined') === 'joined'
  }

  #finished({ lease, result }: FinishedLease): void {
    const { leaseId, outcome, elapsedMs, detail } = result
    const { firstUnit, unitCount: units } = lease.grant
    this.#events.emit('work', { leaseId, job: lease.task.job, firstUnit, units, outcome, elapsedMs, detail })
    this.#batch.add(result)
  }

  /** Results are in the outbox before the broker sees them. */
  #keepResults(results: LeaseResult[]): void {
    const { outbox } = this.#components.store
    try {
      const seq = outbox.nextSeq()
      const payload = encodeResult({ session: this.#conversation.session, seq, results })
      const frame = this.#conversation.sign('result', payload)
      if (outbox.put(seq, frame) === 'stored') this.#sender.added({ seq, frame, profile: null })
      else this.#lose(results)
    } catch (thrown) {
      if (!(thrown instanceof HedgerowError)) throw thrown
      if (thrown.code === 'no_space') this.#lose(results)
      else this.#fail(thrown)
    }
    if (outbox.full) this.#reconsider()
  }

  /** Without room for a result it is as if the lease had never been run: it runs out, and somebody else gets it. */
  #lose(results: LeaseResult[]): void {
    const { frames, bytes } = this.#components.store.outbox
    this.#components.log({ level: 'warn', event: 'results_lost', results: results.length, frames, bytes })
  }

  #appetite(): Appetite {
    const { cause, reason } = this.#pause
    const creditLeases = cause === '' ? this.#init.creditLeases : 0
    const runningLeases = Math.min(this.#queue.running, LIMITS.creditLeasesMax)
    return { creditLeases, runningLeases, reason }
  }

  #blobTarget(): PutTarget {
    return { blobUrl: this.#conversation.enrolment?.blobUrl ?? '', regionId: this.#init.membership.regionId }
  }

  /** Decides anew whether work may begin. The region hears at once when that changed; new numbers in the reason go with the next heartbeat. */
  #reconsider(): void {
    const { standing, standingReason } = this.#conversation.enrolment ?? { standing: 'joined', standingReason: '' }
    const outboxFull = this.#components.store.outbox.full
    const before = this.#pause
    this.#pause = pauseOf({
      standing,
      standingReason,
      outboxFull,
      governor: this.#governor,
      updateWaits: this.#updateWaits,
    })
    const { cause, reason } = this.#pause
    if (cause === before.cause) return
    this.#components.log({ level: 'info', event: cause === '' ? 'resumed' : 'paused', reason })
    // The region hears that no work is wanted before leases come back, so that it does not send more of it.
    this.#conversation.announce()
    this.#queue.pause(cause === '' ? null : this.#pause)
    this.#events.emit('pause', { reason })
  }

  #checkHealth(): void {
    const { clock } = this.#components
    this.#governor.judge(this.#components.readHealth(), {
      monotonicMs: clock.monotonicMs(),
      local: localTime(clock.wallMs()),
    })
    this.#reconsider()
    this.#healthTimer = clock.setTimeout(() => this.#checkHealth(), HEALTH_EVERY_MS)
  }

  #noteState(): void {
    const state = this.#currentState()
    if (state === this.#state) return
    this.#state = state
    const reason = this.explain()
    this.#components.log({ level: state === 'failed' ? 'error' : 'info', event: 'state', state, reason })
    this.#events.emit('state', { state, reason })
  }

  #currentState(): DeviceState {
    if (this.#failure !== null) return 'failed'
    const { kind } = this.#keeper.state
    if (kind === 'open') return this.#conversation.phase === 'welcomed' ? 'joined' : 'joining'
    return kind === 'off' ? 'stopped' : kind
  }

  #fail(failure: HedgerowError<{ code: string }>): void {
    if (this.#stopping !== null) return
    this.#failure = failure
    void this.stop()
    this.#noteState()
  }

  async #close(): Promise<void> {
    this.#healthTimer?.cancel()
    this.#batch.flush()
    await Promise.all([this.#queue.close(), this.#sampling.stop()])
    this.#keeper.stop()
    this.#sender.offline()
    this.#components.store.close()
    this.#end(this.#failure)
  }
}
