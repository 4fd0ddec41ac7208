/** Whether a job can run in this region now, and for how much. Everything that cannot is refused here, with the reason. */
import {
  type Abi,
  formatCredits,
  fuelPrice,
  METERING_VERSION,
  type OwnerName,
  type StoredJobSpec,
  type SubmitterName,
} from '../../protocol/index.ts'
import { submitterAccount } from '../ledger/ledger.ts'
import { whyNotForFuel } from '../pricing/willing.ts'
import { groupCredibility, replicasWorst } from '../verification/credibility.ts'
import { unfitReason } from './ability.ts'
import type { Desk } from './job.ts'

export type Terms =
  | { ok: true; gigafuelPriceMicro: bigint; feeBasisPoints: number; budgetMicro: bigint }
  | { ok: false; code: string; reason: string }

const refuse = (code: string, reason: string): Terms => ({ ok: false, code, reason })

/** Copies beyond the agreement itself that the default budget leaves room for: spot checks, stragglers, wrong answers. */
const SPARE_REPLICAS = 1
/** Further units, since in a small job a few wrong answers weigh more. What is not needed goes back. */
const SPARE_UNITS = 32
/** The worst case of large jobs is far from what they cost, so a job that names no budget takes at most this part of the account. */
const ACCOUNT_SHARE = 4n

/**
 * @returns the price and the budget of the job, or why it is refused
 * @see spec/clauses.md [JOB-2.1] [PAY-3.3] [PAY-3.5] [PRICE-2.2]
 */
export function termsOf(desk: Desk, spec: StoredJobSpec, units: number, submitter: SubmitterName, abi: Abi): Terms {
  const gigafuelPriceMicro = desk.pricing.gigafuelPriceMicro()
  const { gigafuelPriceMaxMicro: priceMaxMicro } = spec
  if (priceMaxMicro !== undefined && priceMaxMicro < gigafuelPriceMicro) {
    return refuse(
      'price_too_low',
      `10^9 fuel cost ${gigafuelPriceMicro} micro-credits here and gigafuelPriceMaxMicro allows ${priceMaxMicro}.`,
    )
  }
  const able = enoughOwners(desk, spec, abi, gigafuelPriceMicro)
  if (able.size === 0) return refuse('no_device', noDevice(desk, spec, abi, gigafuelPriceMicro))
  const quorum = quorumReason(spec, able)
  if (quorum) return refuse('no_quorum', quorum)
  const { verify, task } = spec
  const replicas = verify.kind === 'trust' ? 1 : replicasWorst(verify.theta, desk.fleet.saboteurShare)
  const unitMicroMax = fuelPrice(task.unitFuelMax, gigafuelPriceMicro)
  const leastMicro = unitMicroMax * BigInt(replicas)
  const heldMicro = desk.ledger.availableMicro(submitterAccount(submitter))
  const budgetMicro = spec.budgetMicro ?? defaultBudgetMicro({ unitMicroMax, units, replicas, leastMicro, heldMicro })
  if (budgetMicro < leastMicro) {
    const answers = replicas === 1 ? '' : ` and up to ${replicas} answers to it`
    return refuse(
      'budget_too_small',
      `A unit of ${task.unitFuelMax} fuel${answers} cost up to ${leastMicro} micro-credits and budgetMicro is ${budgetMicro}. ` +
        'Raise budgetMicro or lower task.unitFuelMax.',
    )
  }
  if (heldMicro < budgetMicro) {
    const needed = `The budget is ${formatCredits(budgetMicro)} credits and the account of ${submitter} holds ${formatCredits(heldMicro)}.`
    return refuse(
      'insufficient',
      `${needed} Set a smaller budgetMicro, lower task.unitFuelMax or have the account funded.`,
    )
  }
  return { ok: true, gigafuelPriceMicro, feeBasisPoints: desk.policy.feeBasisPoints, budgetMicro }
}

interface BudgetNeeds {
  unitMicroMax: bigint
  units: number
  replicas: number
  leastMicro: bigint
  heldMicro: bigint
}

/** All units at their limit with every replica, a part of the account if that is less, and never too little for one unit. */
function defaultBudgetMicro({ unitMicroMax, units, replicas, leastMicro, heldMicro }: BudgetNeeds): bigint {
  const spareUnits = replicas === 1 ? 0 : SPARE_UNITS
  const worstMicro = unitMicroMax * BigInt(units * (replicas + SPARE_REPLICAS) + spareUnits)
  const shareMicro = heldMicro / ACCOUNT_SHARE
  const wantedMicro = worstMicro < shareMicro ? worstMicro : shareMicro
  return wantedMicro < leastMicro ? leastMicro : wantedMicro
}

/**
 * The most credible device of each owner among those that can and, at this price, want to: as many owners as suffice for the job, so that
 * a large fleet is not gone through for each submission, or all there are.
 */
function enoughOwners(desk: Desk, spec: StoredJobSpec, abi: Abi, priceMicro: bigint): Map<OwnerName, number> {
  const best = new Map<OwnerName, number>()
  for (const member of desk.fleet.all()) {
    const { row, presence } = member
    if (row.standing !== 'joined') continue
    if (presence && unfitReason(presence, spec, abi) !== null) continue
    if (whyNotForFuel(desk.pricing, row.id, priceMicro) !== null) continue
    const credibility = desk.fleet.credibility(member)
    if (credibility <= (best.get(row.owner) ?? 0)) continue
    best.set(row.owner, credibility)
    if (quorumReason(spec, best) === null) return best
  }
  return best
}

function noDevice(desk: Desk, spec: StoredJobSpec, abi: Abi, priceMicro: bigint): string {
  let joined = 0
  let unwilling = 0
  for (const { row } of desk.fleet.all()) {
    if (row.standing !== 'joined') continue
    joined++
    if (whyNotForFuel(desk.pricing, row.id, priceMicro) !== null) unwilling++
  }
  if (joined === 0) return 'No device has joined this region yet: make a claim with `hedgerow claim new` and start one.'
  const asked =
    unwilling === 0
      ? ''
      : ` Of these, ${unwilling} ask more than the ${formatCredits(priceMicro)} credits that 10^9 fuel cost now; the price rises each epoch while nobody works for it.`
  return (
    `None of the ${joined} joined devices can run it: it needs ${spec.task.memoryMiB} MiB, the ${abi} interface ` +
    `and version ${METERING_VERSION} of the metering rules.${asked}`
  )
}

function quorumReason(spec: StoredJobSpec, able: ReadonlyMap<OwnerName, number>): string | null {
  if (spec.verify.kind === 'trust') return null
  const { theta } = spec.verify
  const reachable = groupCredibility([[...able.values()]])[0] ?? 0
  if (reachable >= theta) return null
  const owners = able.size === 1 ? 'devices of 1 owner' : `devices of ${able.size} owners`
  return (
    `Equal answers of all owners here would be right with probability ${reachable.toFixed(4)}, and verify.theta asks for ${theta}: ` +
    `this region has ${owners}. Lower theta, set "verify": "trust", or wait until more owners' devices have joined or passed checks.`
  )
}
