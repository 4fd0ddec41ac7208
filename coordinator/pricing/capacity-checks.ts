/**
 * Finds out what devices can do, by asking all of them at once. At a random moment of an epoch every device on offer is given units of a task
 * that nobody can have computed beforehand, on all slots it says it has and as many as it returns, for some seconds. They are paid like any
 * work, out of the region's fees. What has come back within that time, the same for all, is what a device can do: one machine that answers
 * under many names adds up to one machine, and slots that are not there return nothing. Of each device some answers, nobody knows which, are
 * computed again; whoever has a wrong one is caught, so claiming work that was not done does not pay.
 *
 * Floors are kept: whoever asks more than the price is paid twice, four or eight times that. Whoever asks still more is not asked.
 * A check that a restart breaks off, or that the fees pay for too short a time, counts for nothing.
 */
import { assert, type DeviceId, METERING_VERSION, type OwnerName, type Random } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { RegionPolicy } from '../config.ts'
import type { Fleet, Member } from '../fleet/fleet.ts'
import { accusation } from '../jobs/accusation.ts'
import type { CheckSample } from '../jobs/capacity-check.ts'
import { hasLeaseOut, type Job } from '../jobs/job.ts'
import type { Jobs, Now } from '../jobs/jobs.ts'
import { affordableUnits } from '../jobs/reservation.ts'
import { FEE, type Ledger } from '../ledger/ledger.ts'
import { type CapacityTask, checkJob } from './capacity-task.ts'
import type { Pricing } from './pricing.ts'

/** How often the price in force may be doubled for those who ask more. */
export const PRICE_DOUBLINGS_MAX = 3
/** Part of the region's fees that one check may set aside. */
const FEES_SHARE = 4n
/** What fees must pay for before a check begins: the units of so many slots of a Raspberry Pi for a quarter of the time, for each device. */
const SLOTS_FUNDED = 4
const UNIT_MS_PI = 60
/** A check that had to end before this part of its time says too little. */
const TIME_SHARE_MIN = 1 / 4
/** When the budget carries fewer units than that, the check ends for all, since it could no longer serve everybody. */
const UNITS_LEFT_MIN = 64
/** What is out when the time is over may still come back and be paid. */
const GRACE_MS = 10_000
/** Answers computed again in one tick: some milliseconds. */
const SAMPLES_A_TICK = 2

export interface CapacityChecksComponents {
  readonly policy: Pick<RegionPolicy, 'epochMs' | 'priceStepMax' | 'checkWindowMs' | 'checkShareMax'>
  readonly fleet: Pick<Fleet, 'all' | 'member'>
  readonly ledger: Pick<Ledger, 'availableMicro'>
  readonly jobs: Jobs
  readonly pricing: Pricing
  readonly random: Random
  readonly task: CapacityTask
  /** Why nothing is handed out at present; null when work goes on. */
  maintenance(): string | null
}

/** A check that is under way. */
interface Running {
  readonly jobs: readonly Job[]
  readonly startedMs: number
  endsMs: number
}

/** A check whose answers are looked at. */
interface Looking {
  readonly fuel: Map<DeviceId, number>
  readonly waiting: { readonly job: Job; readonly device: DeviceId; readonly sample: CheckSample }[]
}

export class CapacityChecks {
  private readonly components: CapacityChecksComponents
  /** The epoch of which the moment is drawn, and the moment in wall time; null when it has no check, or has had it. */
  private epoch: number | null = null
  private dueMs: number | null = null
  private running: Running | null = null
  private looking: Looking | null = null

  constructor(components: CapacityChecksComponents) {
    this.components = components
  }

  /** Whether devices are being asked. */
  get isRunning(): boolean {
    return this.running !== null
  }

  /**
   * Time passes: begins and ends checks, and looks at what they have brought.
   * @see spec/clauses.md [PRICE-4.1] [PRICE-4.3]
   */
  tick(now: Now, batch: Batch): void {
    const { policy, pricing } = this.components
    if (policy.checkShareMax === 0 || policy.priceStepMax === 0) return
    const epoch = Math.floor(now.wallMs / policy.epochMs)
    if (epoch !== this.epoch) this.draw(epoch, now.wallMs)
    if (this.running !== null) this.goOn(this.running, now, batch)
    else if (this.looking !== null) this.look(this.looking, now, batch)
    else if (this.dueMs !== null && now.wallMs >= this.dueMs) {
      this.dueMs = null
      this.begin(now, batch)
    }
    pricing.isChecking = this.running !== null
  }

  /** Draws whether and when an epoch has its check. Short epochs have one now and then, so that nobody knows which. */
  private draw(epoch: number, wallMs: number): void {
    const { policy, random, pricing } = this.components
    const { epochMs, checkWindowMs, checkShareMax } = policy
    this.epoch = epoch
    this.dueMs = null
    if (pricing.lastCheck?.epoch === epoch || random.uniform() * checkWindowMs >= checkShareMax * epochMs) return
    const leftMs = (epoch + 1) * epochMs - wallMs - 2 * checkWindowMs
    if (leftMs > 0) this.dueMs = wallMs + random.uniform() * leftMs
  }

  private begin(now: Now, batch: Batch): void {
    const { maintenance, policy, jobs, random, task } = this.components
    if (maintenance() !== null) return
    const groups = this.groups()
    const budgets = this.budgets(groups)
    if (budgets === null) return
    const endsMs = now.monotonicMs + policy.checkWindowMs
    const opened: Job[] = []
    for (const [index, { priceMicro, asked }] of groups.entries()) {
      const terms = { gigafuelPriceMicro: priceMicro, budgetMicro: budgets[index] as bigint }
      const check = { asked, endsMs, isOver: false, answers: new Map() }
      const job = jobs.openCheck(checkJob(task, random), terms, check, now, batch)
      assert(job !== null, 'what checks set aside is a part of what the fees hold')
      opened.push(job)
    }
    this.running = { jobs: opened, startedMs: now.monotonicMs, endsMs }
  }

  /** Devices on offer by what they have to be paid. Empty where all belong to one owner: nobody can outweigh anybody there. */
  private groups(): { priceMicro: bigint; asked: Set<DeviceId> }[] {
    const { fleet, pricing } = this.components
    const baseMicro = pricing.gigafuelPriceMicro()
    const owners = new Set<OwnerName>()
    const groups = Array.from({ length: PRICE_DOUBLINGS_MAX + 1 }, (_, doublings) => ({
      priceMicro: baseMicro << BigInt(doublings),
      asked: new Set<DeviceId>(),
    }))
    for (const member of fleet.all()) {
      const { row } = member
      if (row.standing !== 'joined') continue
      owners.add(row.owner)
      if (!isOnOffer(member)) continue
      const floorMicro = pricing.gigafuelFloorMicro(row.id)
      groups.find(({ priceMicro }) => floorMicro <= priceMicro)?.asked.add(row.id)
    }
    return owners.size < 2 ? [] : groups.filter(({ asked }) => asked.size > 0)
  }

  /** Parts the money by what the groups are paid; null when it would not last. */
  private budgets(groups: readonly { priceMicro: bigint; asked: ReadonlySet<DeviceId> }[]): bigint[] | null {
    const { ledger, policy, task } = this.components
    const weights = groups.map(({ priceMicro, asked }) => priceMicro * BigInt(asked.size))
    const weight = weights.reduce((sum, one) => sum + one, 0n)
    if (weight === 0n) return null
    const unitsEach = Math.ceil((SLOTS_FUNDED * policy.checkWindowMs * TIME_SHARE_MIN) / UNIT_MS_PI) + UNITS_LEFT_MIN
    const leastMicro = (weight * BigInt(unitsEach * task.template.spec.task.unitFuelMax)) / 1_000_000_000n
    const availableMicro = ledger.availableMicro(FEE) / FEES_SHARE
    return availableMicro < leastMicro ? null : weights.map(one => (availableMicro * one) / weight)
  }

  private goOn(running: Running, now: Now, batch: Batch): void {
    const { jobs } = running
    if (jobs.some(({ row }) => row.state !== 'running')) {
      // The operator has stopped it.
      this.close(running, 'a part of the check was stopped', now, batch)
      return
    }
    if (now.monotonicMs < running.endsMs && jobs.some(job => affordableUnits(job) < UNITS_LEFT_MIN)) {
      running.endsMs = now.monotonicMs
      for (const { check } of jobs) if (check) check.endsMs = now.monotonicMs
    }
    if (now.monotonicMs < running.endsMs) return
    for (const { check } of jobs) if (check) check.isOver = true
    if (jobs.some(hasLeaseOut) && now.monotonicMs < running.endsMs + GRACE_MS) return
    this.close(running, 'the time of the check is over', now, batch)
    const { checkWindowMs } = this.components.policy
    const elapsedMs = running.endsMs - running.startedMs
    if (elapsedMs >= checkWindowMs * TIME_SHARE_MIN) this.looking = answersOf(running, elapsedMs / 1_000)
  }

  private close({ jobs }: Running, reason: string, now: Now, batch: Batch): void {
    this.running = null
    for (const job of jobs) this.components.jobs.closeCheck(job, reason, now, batch)
  }

  private look(looking: Looking, now: Now, batch: Batch): void {
    const { fleet, jobs, pricing, task } = this.components
    for (const { job, device, sample } of looking.waiting.splice(0, SAMPLES_A_TICK)) {
      const member = fleet.member(device)
      if (member?.row.standing !== 'joined') {
        looking.fuel.delete(device)
        continue
      }
      const { unit, outcome, leaseId } = sample
      if (outcome.kind === 'ok' && isEqual(outcome.bytes, task.answerOf(job.prepared, unit))) continue
      looking.fuel.delete(device)
      jobs.convict(member, accusation(job.row.id, { first: unit, count: 1 }, leaseId), now, batch)
    }
    if (looking.waiting.length > 0) return
    this.looking = null
    if (looking.fuel.size > 0) pricing.noteCheck(looking.fuel, now, batch)
  }
}

/** Takes work now, and could run the task. */
const isOnOffer = ({ presence, row }: Member): boolean =>
  presence !== null &&
  presence.creditLeases > 0 &&
  row.drainReason === null &&
  presence.abis.includes('reactor') &&
  presence.metering.includes(METERING_VERSION)

function answersOf({ jobs }: Running, seconds: number): Looking {
  const looking: Looking = { fuel: new Map(), waiting: [] }
  for (const job of jobs) {
    for (const [device, { units, samples }] of job.check?.answers ?? []) {
      looking.fuel.set(device, Math.floor((units * job.prepared.spec.task.unitFuelMax) / seconds))
      for (const sample of samples) looking.waiting.push({ job, device, sample })
    }
  }
  return looking
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
