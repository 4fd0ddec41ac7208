/** What a plan comes to, read from the region's books once its job is over. */
import { submitterAccount } from '../../coordinator/ledger/ledger.ts'
import type { JobRow, JobState } from '../../coordinator/store/index.ts'
import {
  decodeOutputs,
  deviceId,
  encodeOutputs,
  equalBytes,
  type JobId,
  type SubmitterName,
  sha256Hex,
  toHex,
} from '../../protocol/index.ts'
import type { Coordinator } from '../actors/coordinator.ts'
import type { SimDevice } from '../actors/sim-device.ts'
import { unitOutcome } from '../parts/cost-model.ts'
import { CHEATS } from '../parts/manners.ts'
import type { Traffic } from '../wire/sim-broker.ts'
import type { Plan } from './plan.ts'
import { planInput, planShape } from './plan-scenario.ts'
import type { PlanWatch } from './plan-watch.ts'

/** As simulated devices have it. */
const RUN_OVERHEAD_MS = 2

/** The least, the one in the middle (of two, the greater) and the greatest of some amounts. */
export interface Spread<Amount> {
  readonly least: Amount
  readonly median: Amount
  readonly greatest: Amount
}

/** Survives JSON: amounts in micro-credits are decimal digits, times virtual milliseconds. */
export interface PlanAnswer {
  readonly plan: Plan
  readonly state: JobState
  /** Why the job failed or was given up; empty when it is done. */
  readonly reason: string
  /** From the job's acceptance to its end, or to where the simulation ended. */
  readonly virtualMs: number
  readonly units: number
  readonly unitsAccepted: number
  readonly unitsPerSecond: number
  readonly leases: number
  readonly leasesPerUnit: number
  /** Answers for each accepted unit; 1 when nothing is worked out twice. */
  readonly replicasPerUnit: number
  /** Accepted units whose answer is wrong, and how many the region itself states on average. */
  readonly wrongUnits: number
  readonly expectedWrongUnits: number
  readonly cheaters: number
  readonly cheatersCaught: number
  /** Leases that cheats had answered when they were caught; null when none was. */
  readonly leasesUntilCaught: Spread<number> | null
  readonly honestCaught: number
  /** Share of the time that the slots of honest devices were at work on leases that they answered. */
  readonly busyShare: number
  /** MQTT at the coordinator while the job ran; bytes without those of TCP and IP. */
  readonly messagesInPerSecond: number
  readonly messagesOutPerSecond: number
  readonly bytesInPerSecond: number
  readonly bytesOutPerSecond: number
  /** To all devices together, and to each; what was taken back from cheats to be paid to others is left out. */
  readonly paidMicro: string
  readonly paidPerDeviceMicro: Spread<string>
  /** The region's fee, and what the submitter paid in all. */
  readonly feeMicro: string
  readonly spentMicro: string
}

/** A plan's job and what was seen of it. */
export interface PlanRecord {
  readonly plan: Plan
  readonly job: JobId
  readonly submitter: SubmitterName
  readonly fundedMicro: bigint
  readonly coordinator: Coordinator
  readonly devices: readonly SimDevice[]
  readonly watch: PlanWatch
  /** Until the job's acceptance. */
  readonly trafficBefore: Traffic
  /** Virtual wall time. */
  readonly nowMs: number
}

export function planAnswer(record: PlanRecord): PlanAnswer {
  const { plan, job, coordinator, devices, watch } = record
  const row = coordinator.store.job(job) as JobRow
  const virtualMs = (row.finishedAtMs ?? record.nowMs) - row.createdAtMs
  const perSecond = (count: number): number => (virtualMs === 0 ? 0 : (count * 1_000) / virtualMs)
  const runs = coordinator.store.acceptedRuns(job)
  const unitsAccepted = runs.reduce((sum, { unitCount }) => sum + unitCount, 0)
  const cheats = devices.filter(({ plan: { manner } }) => CHEATS.has(manner))
  const honest = devices.filter(({ plan: { manner } }) => !CHEATS.has(manner))
  const leasesWhenCaught = cheats.flatMap(({ id }) => watch.caught.get(id) ?? [])
  const paid = devices.map(({ id }) => watch.paidMicro(job, deviceId(id)))
  const unitsAnswered = devices.reduce((sum, { id }) => sum + watch.answeredBy(id).units, 0)
  const { traffic } = coordinator
  const before = record.trafficBefore
  const feeMicro = row.feeMicro
  return {
    plan,
    state: row.state,
    reason: row.state === 'running' || row.state === 'aggregating' ? givenUp(plan) : row.reason,
    virtualMs,
    units: row.units,
    unitsAccepted,
    unitsPerSecond: perSecond(unitsAccepted),
    leases: row.leases,
    leasesPerUnit: row.leases / row.units,
    replicasPerUnit: unitsAccepted === 0 ? 0 : unitsAnswered / unitsAccepted,
    wrongUnits: wrongUnits(record),
    expectedWrongUnits: row.expectedWrongUnits,
    cheaters: cheats.length,
    cheatersCaught: leasesWhenCaught.length,
    leasesUntilCaught: leasesWhenCaught.length === 0 ? null : spread(leasesWhenCaught),
    honestCaught: honest.filter(({ id }) => watch.caught.has(id)).length,
    busyShare:
      honest.length === 0 || virtualMs === 0 ? 0 : busyMs(honest, record) / (virtualMs * honest.length * plan.slots),
    messagesInPerSecond: perSecond(traffic.messagesIn - before.messagesIn),
    messagesOutPerSecond: perSecond(traffic.messagesOut - before.messagesOut),
    bytesInPerSecond: perSecond(traffic.bytesIn - before.bytesIn),
    bytesOutPerSecond: perSecond(traffic.bytesOut - before.bytesOut),
    paidMicro: `${paid.reduce((sum, amount) => sum + amount, 0n)}`,
    paidPerDeviceMicro: inDigits(spread(paid)),
    feeMicro: `${feeMicro}`,
    spentMicro: `${spentMicro(record, row)}`,
  }
}

/** Time that devices spent on what they answered, over all of their slots. */
function busyMs(devices: readonly SimDevice[], { plan, watch }: PlanRecord): number {
  const { fuelLeast } = planShape(plan)
  return devices.reduce((sum, { id, plan: { fuelPerMs } }) => {
    const { leases, units } = watch.answeredBy(id)
    return sum + leases * RUN_OVERHEAD_MS + (units * fuelLeast) / fuelPerMs
  }, 0)
}

const givenUp = ({ hours }: Plan): string => `It was not done after ${hours} virtual hours.`

/** What has left the submitter's account for good; while a job runs, what of its escrow is spoken for. */
function spentMicro({ coordinator, submitter, fundedMicro }: PlanRecord, row: JobRow): bigint {
  if (row.finishedAtMs === null) return row.paidMicro + row.feeMicro
  const account = coordinator.store.accounts().find(({ id }) => id === submitterAccount(submitter))
  return account === undefined ? 0n : fundedMicro - (account.creditsMicro - account.debitsMicro)
}

function wrongUnits({ plan, job, coordinator }: PlanRecord): number {
  const shape = planShape(plan)
  let wrong = 0
  for (const { firstUnit, unitCount, outputs, digest } of coordinator.store.acceptedOutputs(job)) {
    const bytes = outputs ?? coordinator.blobs.read(sha256Hex(toHex(digest)))
    const right = Array.from({ length: unitCount }, (_, at) => unitOutcome(shape, planInput(firstUnit + at)))
    if (equalBytes(bytes, encodeOutputs(right))) continue
    const accepted = decodeOutputs(bytes, unitCount)
    wrong += right.filter((outcome, at) => {
      const answer = accepted[at]
      return answer === undefined || !equalBytes(encodeOutputs([answer]), encodeOutputs([outcome]))
    }).length
  }
  return wrong
}

function spread<Amount extends number | bigint>(amounts: readonly Amount[]): Spread<Amount> {
  const sorted = [...amounts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const at = (index: number): Amount => sorted[index] as Amount
  return { least: at(0), median: at(sorted.length >> 1), greatest: at(sorted.length - 1) }
}

const inDigits = ({ least, median, greatest }: Spread<bigint>): Spread<string> => ({
  least: `${least}`,
  median: `${median}`,
  greatest: `${greatest}`,
})
