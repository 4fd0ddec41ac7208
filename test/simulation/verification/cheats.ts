/** Devices that cheat, and how. A cheat returns a wrong answer for a unit; those of one ring all know the same wrong one. */
import type { Random } from '../../../protocol/index.ts'

/** When a device of a ring cheats, by what it can know when it answers. */
export interface Plan {
  readonly name: string
  /** Share of the leases that it would cheat on. */
  readonly rate: number
  /** Honest until it has passed so many checks. It is told of each, which is more than a device learns. */
  readonly checksFirst: number
  /** Cheats only on units beyond all that anybody of the ring has seen: these are fresh, and may get no second look. */
  readonly freshOnly: boolean
}

export const PLANS: readonly Plan[] = [
  { name: 'always', rate: 1, checksFirst: 0, freshOnly: false },
  { name: '10 %', rate: 0.1, checksFirst: 0, freshOnly: false },
  { name: '1 %', rate: 0.01, checksFirst: 0, freshOnly: false },
  { name: '45 checks, then always', rate: 1, checksFirst: 45, freshOnly: false },
  { name: '10 % of fresh ones', rate: 0.1, checksFirst: 0, freshOnly: true },
  { name: '1 % of fresh ones', rate: 0.01, checksFirst: 0, freshOnly: true },
]

/** What devices that collude tell each other: every unit that one of them has answered, and how. */
export class Ring {
  private readonly plan: Plan
  private readonly random: Random
  private readonly said = new Map<number, boolean>()
  private furthest = -1

  constructor(plan: Plan, random: Random) {
    this.plan = plan
    this.random = random
  }

  /** Whether to cheat on a unit. Whoever is asked what another of the ring was asked says the same. */
  cheats(unit: number, checksPassed: number): boolean {
    const before = this.said.get(unit)
    if (before !== undefined) return before
    const isFresh = unit > this.furthest
    this.furthest = Math.max(this.furthest, unit)
    const { rate, checksFirst, freshOnly } = this.plan
    const wants = checksPassed >= checksFirst && (!freshOnly || isFresh) && this.random.uniform() < rate
    this.said.set(unit, wants)
    return wants
  }
}
