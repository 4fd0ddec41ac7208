/** What one seed is about: who is there, what they want, and what goes wrong how often. Everything is drawn before anything happens. */
import { RegionPolicy } from '../coordinator/config.ts'
import { PayoutConfig } from '../coordinator/payout/index.ts'
import type { Random } from '../protocol/index.ts'
import type { Manner } from './parts/manners.ts'
import type { LineFaults } from './wire/site.ts'
import { between, happens, oneOf, wholeBetween } from './world/chance.ts'

/** What can go wrong; each seed has some of it, and each of those at a rate of its own. */
export const FAULTS = [
  'loss',
  'pieces',
  'slow',
  'redelivery',
  'truncation',
  'half-open',
  'break',
  'cut-up',
  'cut-down',
  'clog',
  'crash',
  'crash-in-commit',
  'power',
  'restart',
  'card',
  'churn',
  'clock',
] as const
export type Fault = (typeof FAULTS)[number]

export interface DevicePlan {
  readonly name: string
  readonly owner: string
  readonly manner: Manner
  readonly slots: number
  readonly fuelPerMs: number
  readonly creditLeases: number
  /** When it first starts. */
  readonly bornMs: number
  /** How its clocks are wrong. */
  readonly wallOffsetMs: number
  readonly clockRate: number
}

export interface SubmitterPlan {
  readonly name: string
  readonly fundMicro: bigint
  readonly jobs: number
  /** Mean time between jobs. */
  readonly pauseMs: number
  readonly cancelRate: number
  readonly disputeRate: number
  /** What its jobs look like. */
  readonly unitsMax: number
  readonly fuelMax: number
  readonly trapRate: number
}

export interface Scenario {
  readonly policy: RegionPolicy
  readonly payout: PayoutConfig
  readonly tickMs: number
  readonly realKeys: boolean
  readonly devices: readonly DevicePlan[]
  readonly submitters: readonly SubmitterPlan[]
  readonly line: LineFaults
  /** Mean time between two of each fault, for the whole region; a share for those of the line. */
  readonly faults: ReadonlyMap<Fault, number>
  /** How long things go wrong, and how long everything may take once they do not any more. */
  readonly troubledMs: number
  readonly healedMs: number
}

const MINUTE_MS = 60_000
/** Devices that are honest and stay, each of an owner of its own. */
export const HONEST_OWNERS = 5
const DECEITS = ['lazy', 'colluding', 'fuel-liar', 'replayer'] as const
const NUISANCES = ['silent', 'garbage', 'storm', 'flooder'] as const

/** Draws a scenario. */
export function drawScenario(random: Random): Scenario {
  const faults = drawFaults(random)
  const fleet = wholeBetween(random, HONEST_OWNERS, 14)
  return {
    policy: RegionPolicy({
      holdbackWindowMs: wholeBetween(random, 60, 400) * 1_000,
      leaseTargetMs: oneOf(random, [500, 2_000, 8_000]),
      leaseTimeoutMinMs: wholeBetween(random, 5, 30) * 1_000,
      disconnectGraceMs: wholeBetween(random, 0, 20) * 1_000,
      heartbeatMs: wholeBetween(random, 20, 90) * 1_000,
      epochMs: wholeBetween(random, 120, 600) * 1_000,
      checkpointMs: wholeBetween(random, 5, 40) * 1_000,
      receiptMs: wholeBetween(random, 30, 180) * 1_000,
      disputeDepositMicro: 1_000n,
    }),
    payout: happens(random, 0.5) ? PayoutConfig({ method: 'csv', minimumMicro: 1n }) : PayoutConfig(),
    tickMs: oneOf(random, [200, 500, 1_000]),
    realKeys: happens(random, 0.1),
    devices: drawFleet(random, fleet),
    submitters: drawSubmitters(random),
    line: {
      delayMs: faults.has('slow') ? [20, between(random, 100, 3_000)] : [1, between(random, 5, 60)],
      lossRate: faults.get('loss') ?? 0,
      splitRate: faults.get('pieces') ?? 0,
    },
    faults,
    troubledMs: wholeBetween(random, 8, 20) * MINUTE_MS,
    healedMs: 40 * MINUTE_MS,
  }
}

const SHARES: ReadonlySet<Fault> = new Set<Fault>(['loss', 'pieces', 'redelivery', 'truncation', 'half-open', 'slow'])

function drawFaults(random: Random): Map<Fault, number> {
  const chosen = new Map<Fault, number>()
  const appetite = oneOf(random, [0, 0.25, 0.5, 0.8])
  for (const fault of FAULTS) {
    if (!happens(random, appetite)) continue
    if (fault === 'loss') chosen.set(fault, between(random, 0.005, 0.15))
    else if (SHARES.has(fault)) chosen.set(fault, between(random, 0.1, 0.7))
    else chosen.set(fault, between(random, 40, 400) * 1_000)
  }
  return chosen
}

/** The first devices are honest and of an owner each, so that a quorum of them can always be found. */
function drawFleet(random: Random, count: number): DevicePlan[] {
  const owners = wholeBetween(random, HONEST_OWNERS, count)
  const deceitful = happens(random, 0.4)
  const annoying = happens(random, 0.4)
  return Array.from({ length: count }, (_, index) => {
    const isSafe = index < HONEST_OWNERS
    const isDeceit = !isSafe && deceitful && happens(random, 0.4)
    const isNuisance = !isSafe && !isDeceit && annoying && happens(random, 0.4)
    const manner: Manner = isDeceit ? oneOf(random, DECEITS) : isNuisance ? oneOf(random, NUISANCES) : 'honest'
    const slots = wholeBetween(random, 1, 4)
    return {
      name: `device-${index}`,
      owner: manner === 'honest' ? `owner-${index % owners}` : `crook-${index}`,
      manner,
      slots,
      fuelPerMs: between(random, 2_000, 40_000),
      creditLeases: slots * oneOf(random, [1, 2, 8]),
      bornMs: isSafe ? index * 500 : wholeBetween(random, 0, 240_000),
      wallOffsetMs: between(random, -1, 1) * oneOf(random, [0, 5_000, 86_400_000]),
      clockRate: 1 + between(random, -1, 1) * 200e-6,
    }
  })
}

function drawSubmitters(random: Random): SubmitterPlan[] {
  const count = wholeBetween(random, 1, 3)
  return Array.from({ length: count }, (_, index) => ({
    name: `submitter-${index}`,
    fundMicro: index > 0 && happens(random, 0.3) ? 60_000n : 10n ** 12n,
    jobs: wholeBetween(random, 1, 6),
    pauseMs: wholeBetween(random, 10, 150) * 1_000,
    cancelRate: oneOf(random, [0, 0.1, 0.4]),
    disputeRate: oneOf(random, [0, 0.3, 0.8]),
    unitsMax: oneOf(random, [20, 200, 1_000]),
    fuelMax: oneOf(random, [20_000, 2_000_000, 30_000_000]),
    trapRate: oneOf(random, [0, 0.2, 0.6]),
  }))
}
