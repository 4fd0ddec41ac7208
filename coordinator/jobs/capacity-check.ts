/** What a job is that finds out what devices can do: whom it asks, how much of it they get at a time, and what they have answered. */
import { type DeviceId, decodeOutputs, type Random, type UnitOutcome } from '../../protocol/index.ts'
import type { Member } from '../fleet/fleet.ts'
import type { Loads } from '../scheduling/index.ts'
import type { Lease } from './job.ts'

/** Answers of each device that the region computes itself afterwards. */
const SAMPLES = 4
/** Slots that a device is asked on at first, whatever it says of itself: a Raspberry Pi has four cores. */
const SLOTS_AT_FIRST = 4
/** One lease that runs and one that waits. */
const LEASES_A_SLOT = 2

/** An answer that is looked at. */
export interface CheckSample {
  readonly leaseId: number
  readonly unit: number
  readonly outcome: UnitOutcome
}

/** What a device has returned in time. */
export interface CheckAnswers {
  units: number
  leases: number
  /** Some of the answers, each as likely as any other, so that nobody knows which. */
  readonly samples: CheckSample[]
}

export interface CapacityCheck {
  readonly asked: ReadonlySet<DeviceId>
  /** In monotonic time: what comes back later is paid and does not count. */
  endsMs: number
  /** Nothing more is handed out. */
  isOver: boolean
  readonly answers: Map<DeviceId, CheckAnswers>
}

/** A lease has come back. */
export function noteAnswers(
  check: CapacityCheck,
  { id: leaseId, device, first, count }: Pick<Lease, 'id' | 'device' | 'first' | 'count'>,
  outputs: Uint8Array,
  monotonicMs: number,
  random: Random,
): void {
  if (monotonicMs > check.endsMs) return
  let answers = check.answers.get(device)
  if (answers === undefined) {
    answers = { units: 0, leases: 0, samples: [] }
    check.answers.set(device, answers)
  }
  answers.leases++
  const outcomes = decodeOutputs(outputs, count)
  for (const [index, outcome] of outcomes.entries()) {
    answers.units++
    // Reservoir sampling: the place of an answer among all so far, if that is one of those that are kept.
    const place = Math.floor(random.uniform() * answers.units)
    const at = answers.samples.length < SAMPLES ? answers.samples.length : place
    if (at < SAMPLES) answers.samples[at] = { leaseId, unit: first + index, outcome }
  }
}

/**
 * Whether a device may get one more lease of a check. It is asked on all slots that it says it has, but on more than a few only as it
 * returns answers: else whoever claims many would tie up what the check may cost.
 */
export function mayTakeMore({ asked, answers }: CapacityCheck, { row, presence }: Member, loads: Loads): boolean {
  if (!asked.has(row.id) || presence === null) return false
  const slots = Math.min(presence.slots, Math.max(SLOTS_AT_FIRST, answers.get(row.id)?.leases ?? 0))
  return loads.of(row.id).leases.size < LEASES_A_SLOT * slots
}
