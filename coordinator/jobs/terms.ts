/** Whether a job can run in this region now, and for how much. Everything that cannot is refused here, with the reason. */
import {
  type Abi,
  formatCredits,
  type OwnerName,
  type StoredJobSpec,
  type SubmitterName,
} from '../../protocol/index.ts'
import { submitterAccount } from '../ledger/ledger.ts'
import { groupCredibility, replicasWorst } from '../verification/credibility.ts'
import type { Desk } from './job.ts'

export type Terms = { ok: true; priceMicro: bigint; budgetMicro: bigint } | { ok: false; code: string; reason: string }

const refuse = (code: string, reason: string): Terms => ({ ok: false, code, reason })

/** Copies beyond the agreement itself that the default budget leaves room for: spot checks, stragglers, wrong answers. */
const SPARE_REPLICAS = 1
/** Further units, since in a small job a few wrong answers weigh more. What is not needed goes back. */
const SPARE_UNITS = 32

export function termsOf(desk: Desk, spec: StoredJobSpec, units: number, submitter: SubmitterName, abi: Abi): Terms {
  const priceMicro = desk.policy.unitPriceMicro
  if (spec.priceMicro !== undefined && spec.priceMicro < priceMicro) {
    return refuse(
      'price_too_low',
      `A unit costs ${priceMicro} micro-credits here and priceMicro allows ${spec.priceMicro}.`,
    )
  }
  const able = ableOwners(desk, spec, abi)
  if (able.size === 0) return refuse('no_device', noDevice(desk, spec, abi))
  const quorum = quorumReason(spec, able)
  if (quorum) return refuse('no_quorum', quorum)
  const { verify } = spec
  const replicas = verify.kind === 'trust' ? 1 : replicasWorst(verify.theta, desk.policy.saboteurShare)
  const leastMicro = priceMicro * BigInt(units)
  const budgetMicro = spec.budgetMicro ?? defaultBudgetMicro(priceMicro, units, replicas)
  if (budgetMicro < leastMicro) {
    return refuse(
      'budget_too_small',
      `${units} units cost at least ${leastMicro} micro-credits and budgetMicro is ${budgetMicro}.`,
    )
  }
  const heldMicro = desk.ledger.balanceMicro(submitterAccount(submitter))
  if (heldMicro < budgetMicro) {
    const needed = `The budget is ${formatCredits(budgetMicro)} credits and the account of ${submitter} holds ${formatCredits(heldMicro)}.`
    return refuse('insufficient', `${needed} Set a smaller budgetMicro or have the account funded.`)
  }
  return { ok: true, priceMicro, budgetMicro }
}

function defaultBudgetMicro(priceMicro: bigint, units: number, replicas: number): bigint {
  const spareUnits = replicas === 1 ? 0 : SPARE_UNITS
  return priceMicro * BigInt(units * (replicas + SPARE_REPLICAS) + spareUnits)
}

/** The most credible able device of each owner. */
function ableOwners(desk: Desk, spec: StoredJobSpec, abi: Abi): Map<OwnerName, number> {
  const best = new Map<OwnerName, number>()
  for (const member of desk.fleet.all()) {
    const { row, presence } = member
    if (row.standing !== 'joined') continue
    if (presence && (!presence.abis.includes(abi) || presence.memoryMiB < spec.task.memoryMiB)) continue
    best.set(row.owner, Math.max(best.get(row.owner) ?? 0, desk.fleet.credibility(member)))
  }
  return best
}

function noDevice(desk: Desk, spec: StoredJobSpec, abi: Abi): string {
  let joined = 0
  for (const member of desk.fleet.all()) if (member.row.standing === 'joined') joined++
  if (joined === 0) return 'No device has joined this region yet: make a claim with `hedgerow claim new` and start one.'
  return `None of the ${joined} joined devices can run it: it needs ${spec.task.memoryMiB} MiB and the ${abi} interface.`
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
