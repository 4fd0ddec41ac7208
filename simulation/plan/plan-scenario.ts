/** From a plan to the fleet, the lines and the job of a simulation. */
import { RegionPolicy } from '../../coordinator/config.ts'
import { PayoutConfig } from '../../coordinator/payout/index.ts'
import { LIMITS, type Random, toBase64, utf8 } from '../../protocol/index.ts'
import { shapeArgs, type TaskShape } from '../parts/cost-model.ts'
import type { DevicePlan, Scenario } from '../scenario.ts'
import { between } from '../world/chance.ts'
import { FUEL_PER_MS, type Plan } from './plan.ts'

/** As the coordinator's entry point has it. */
const TICK_MS = 200
/** As a device's entry point has it. */
const CREDIT_LEASES_PER_SLOT = 64
const LINE_DELAY_MS = [5, 40] as const
/** Devices are so much slower or faster than the middle. */
const SPEED_SPREAD = 0.2
/** Devices are switched on one after another. */
const BORN_EVERY_MS = 20

/** A reactor that answers with its input; nobody runs it here, but the coordinator reads it. */
const MODULE = toBase64(
  Uint8Array.from(
    Buffer.from(
      '0061736d01000000010c0260017f017f60027f7f017e0303020001050301000107180305616c6c6f6300000372756e0001066d656d6f727902000a140205004180080b0c002000ad4220862001ad840b',
      'hex',
    ),
  ),
)

/** The region with its defaults, and everything drawn that the plan leaves open: who cheats, and how fast each device is. */
export function planScenario(plan: Plan, random: Random): Scenario {
  return {
    policy: RegionPolicy(),
    payout: PayoutConfig(),
    tickMs: TICK_MS,
    realKeys: false,
    devices: drawFleet(plan, random),
    submitters: [],
    line: { delayMs: LINE_DELAY_MS, lossRate: plan.loss, splitRate: 0 },
    faults: new Map(),
    troubledMs: 0,
    healedMs: 0,
  }
}

function drawFleet({ devices, owners, slots, cheaters, colluding }: Plan, random: Random): DevicePlan[] {
  const cheats = new Set(drawSome(random, devices, Math.round(cheaters * devices)))
  return Array.from({ length: devices }, (_, index) => ({
    name: `device-${index}`,
    owner: `owner-${index % owners}`,
    manner: cheats.has(index) ? (colluding ? 'colluding' : 'lazy') : 'honest',
    slots,
    fuelPerMs: FUEL_PER_MS * between(random, 1 - SPEED_SPREAD, 1 + SPEED_SPREAD),
    creditLeases: Math.min(slots * CREDIT_LEASES_PER_SLOT, LIMITS.creditLeasesMax),
    bornMs: index * BORN_EVERY_MS,
    wallOffsetMs: 0,
    clockRate: 1,
  }))
}

/** So many of the numbers below `count`, each as likely. */
function drawSome(random: Random, count: number, wanted: number): number[] {
  const numbers = Array.from({ length: count }, (_, index) => index)
  for (let at = 0; at < wanted; at++) {
    const from = at + Math.floor(random.uniform() * (count - at))
    ;[numbers[at], numbers[from]] = [numbers[from] as number, numbers[at] as number]
  }
  return numbers.slice(0, wanted)
}

/** What the units of a planned job cost and answer with. */
export function planShape({ unitMs }: Plan): TaskShape {
  return { form: 'numbers', fuelLeast: unitMs * FUEL_PER_MS, fuelSpread: 0, trapEvery: 0, textBytes: 0 }
}

/** The planned job as it is submitted. */
export function planSpecification(plan: Plan): Readonly<Record<string, unknown>> {
  const shape = planShape(plan)
  return {
    task: {
      module: { base64: MODULE },
      args: shapeArgs(shape),
      unitFuelMax: shape.fuelLeast,
      unitTimeoutMs: LIMITS.unitTimeoutMsMax,
    },
    split: { kind: 'range', from: 0, to: plan.units, chunk: 1 },
    aggregate: { kind: 'sum' },
    verify: plan.theta === null ? 'trust' : { theta: plan.theta },
  }
}

/** What devices get to read for a unit of the planned job. */
export const planInput = (unit: number): Uint8Array => utf8(`${unit} ${unit + 1}\n`)
