/** What somebody who plans a region wants to know about: a fleet, one job for it, and mild trouble. */
import { LIMITS } from '../../protocol/index.ts'

/** A planned region. Ranges in {@link PLAN_RANGES}; owners are at most as many as devices. */
export interface Plan {
  readonly devices: number
  /** Owners that the devices are dealt out to in turn. */
  readonly owners: number
  /** Leases that each device works on at once. */
  readonly slots: number
  /** Share of the devices that cheat, rounded to whole devices. */
  readonly cheaters: number
  /** Whether cheats give the same wrong answer to a unit; otherwise each gives one of its own. */
  readonly colluding: boolean
  readonly units: number
  /** Time that a unit takes on a device of middling speed. */
  readonly unitMs: number
  /** How sure the region must be of each answer; null takes the first one. */
  readonly theta: number | null
  /** Virtual hours after which the job is given up. */
  readonly hours: number
  readonly seed: number
  /** Share of the segments on devices' lines that are lost and sent again. */
  readonly loss: number
  /** How often an hour each device is switched off, on average. */
  readonly churn: number
}

/** What a plan is when nothing else is said. */
export const PLAN_DEFAULTS: Plan = {
  devices: 200,
  owners: 50,
  slots: 2,
  cheaters: 0,
  colluding: false,
  units: 100_000,
  unitMs: 50,
  theta: 0.999,
  hours: 6,
  seed: 1,
  loss: 0,
  churn: 0,
}

/** The least and the greatest of each number, both included. */
export const PLAN_RANGES = {
  /** All devices live in one process; a thousand of them are still a matter of minutes. */
  devices: [1, 1_000],
  owners: [1, 1_000],
  slots: [1, LIMITS.slotsMax],
  /** With more cheats than honest devices no agreement means anything. */
  cheaters: [0, 0.5],
  /** Each answer is worked out again, and all of them are kept in memory. */
  units: [1, 1_000_000],
  /** A unit at {@link FUEL_PER_MS} stays within what a unit may burn. */
  unitMs: [1, 100_000],
  theta: [LIMITS.thetaMin, LIMITS.thetaMax],
  hours: [0.01, 720],
  seed: [0, 999_999_999],
  loss: [0, 0.2],
  churn: [0, 60],
} as const satisfies Partial<Record<keyof Plan, readonly [least: number, greatest: number]>>

/** Fuel that a device of middling speed burns in a millisecond: 10^9 are about a second of a Raspberry Pi. */
export const FUEL_PER_MS = 1_000_000
