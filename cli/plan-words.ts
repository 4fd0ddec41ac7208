/** What a plan comes to, in words for people. */
import type { PlanAnswer } from '../simulation/plan/index.ts'
import { formatBytes, formatCount, formatDuration, formatMicro, formatRate } from './terminal/format.ts'

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
const bytesRate = (perSecond: number): string => `${formatBytes(Math.round(perSecond))}/s`

const messagesRate = (perSecond: number): string => `${formatRate(perSecond).replace('/s', '')} messages/s`

/** Values by their names, in the order in which they are printed. */
export function planFacts(answer: PlanAnswer): Record<string, string> {
  const { plan, leasesUntilCaught, paidPerDeviceMicro } = answer
  const agreement = plan.theta === null ? 'the first answer counts' : `theta ${plan.theta}`
  return {
    seed: `${plan.seed}`,
    fleet: `${formatCount(plan.devices)} devices of ${formatCount(plan.owners)} owners, ${formatCount(plan.slots)} slots each`,
    job: `${formatCount(plan.units)} units of ${formatDuration(plan.unitMs)}, ${agreement}`,
    state: answer.state,
    'time to finish': formatDuration(answer.virtualMs),
    'units accepted': `${formatCount(answer.unitsAccepted)} of ${formatCount(answer.units)}, ${formatRate(answer.unitsPerSecond)}`,
    leases: `${formatCount(answer.leases)}, ${answer.leasesPerUnit.toFixed(3)} for each unit`,
    replicas: `${answer.replicasPerUnit.toFixed(3)} answers to each unit`,
    'slots at work': `${percent(answer.busyShare)} of the time`,
    'wrong units': `${formatCount(answer.wrongUnits)}; the region states ${answer.expectedWrongUnits.toFixed(2)} on average`,
    'cheats caught': caughtText(answer.cheatersCaught, answer.cheaters),
    ...(leasesUntilCaught === null ? {} : { 'leases until caught': spreadText(leasesUntilCaught, formatCount) }),
    'honest devices caught': formatCount(answer.honestCaught),
    'MQTT to the region': `${messagesRate(answer.messagesInPerSecond)}, ${bytesRate(answer.bytesInPerSecond)}`,
    'MQTT from the region': `${messagesRate(answer.messagesOutPerSecond)}, ${bytesRate(answer.bytesOutPerSecond)}`,
    'paid to devices': formatMicro(answer.paidMicro),
    'paid to a device': spreadText(paidPerDeviceMicro, formatMicro),
    "the region's fee": formatMicro(answer.feeMicro),
    'paid by the submitter': formatMicro(answer.spentMicro),
  }
}

const caughtText = (caught: number, all: number): string =>
  all === 0 ? 'there are none' : `${formatCount(caught)} of ${formatCount(all)}`

function spreadText<Amount>(
  spread: { readonly least: Amount; readonly median: Amount; readonly greatest: Amount },
  format: (amount: Amount) => string,
): string {
  return `least ${format(spread.least)}, median ${format(spread.median)}, greatest ${format(spread.greatest)}`
}
