/** Why a base price is what it is, in words. */
import { formatCredits } from '../../protocol/index.ts'
import type { RegionPolicy } from '../config.ts'
import type { Explanation } from '../http/admin-api.ts'
import { type Assessment, GIGAFUEL, type PriceChange, type Pricing, type Situation } from '../pricing/index.ts'

export interface PriceRules extends Pick<RegionPolicy, 'targetUtilisation' | 'priceStepMax'> {
  readonly nextMs: number
}

const credits = (micro: bigint): string => `${formatCredits(micro)} credits`
const percent = (share: number): string => `${Math.round(share * 1_000) / 10} %`
const used = (basisPoints: bigint): string => percent(Number(basisPoints) / 10_000)

export function explainPrice(pricing: Pricing, what: string, rules: PriceRules): Explanation {
  const priceMicro = pricing.priceMicro(what)
  const situation = pricing.situation(what)
  const moves = pricing.history.all().filter(change => change.what === what)
  const last = moves.at(-1)
  const unit = what === GIGAFUEL ? '10^9 fuel' : `An accepted reading of ${what}`
  const verb = what === GIGAFUEL ? 'cost' : 'costs'
  const { medianMicro, ceilingMicro, groundMicro, floors, utilisationBasisPoints } = situation
  return {
    summary: `${unit} ${verb} ${credits(priceMicro)} now, the region's fee included.`,
    reasons: [
      ...(last === undefined
        ? [`It is the region's starting price: it has not moved yet.`]
        : [moveReason(last, rules)]),
      ...stayReason(pricing.assessment(what), rules),
      bandReason(situation, pricing.startMicro(what)),
      ...(what === GIGAFUEL ? [checkReason(pricing, situation)] : []),
      nextReason(utilisationBasisPoints, rules),
    ],
    facts: {
      what,
      priceMicro: `${priceMicro}`,
      startMicro: `${pricing.startMicro(what)}`,
      medianMicro: `${medianMicro}`,
      ceilingMicro: `${ceilingMicro}`,
      groundMicro: `${groundMicro}`,
      floors,
      isChecked: situation.isChecked,
      utilisation: utilisationBasisPoints === null ? -1 : Number(utilisationBasisPoints) / 10_000,
      targetUtilisation: rules.targetUtilisation,
      priceStepMax: rules.priceStepMax,
      moves: moves.length,
    },
  }
}

function moveReason(change: PriceChange, { targetUtilisation }: PriceRules): string {
  const { epoch, atMs, beforeMicro, afterMicro, utilisationBasisPoints, ceilingMicro, bound } = change
  const rose = afterMicro > beforeMicro
  const moved = `It ${rose ? 'rose' : 'fell'} from ${credits(beforeMicro)} to ${credits(afterMicro)} when epoch ${epoch} began, at ${new Date(atMs).toISOString()}`
  if (bound === 'ceiling' && !rose)
    return `${moved}: owners ask less than before, so it may be ${credits(ceilingMicro)} at most.`
  const use = utilisationBasisPoints === null ? 'nothing' : used(utilisationBasisPoints)
  const why = `${use} of what was on offer was at work in the epoch before, and the region aims at ${percent(targetUtilisation)}`
  if (bound === 'ceiling') return `${moved}: ${why}. It stopped at the most that owners' floors allow.`
  if (bound === 'ground') return `${moved}: ${why}. It stopped at the lowest floor that the work still needs.`
  return `${moved}: ${why}.`
}

/** Why it did not move when the last epoch ended. */
function stayReason(assessment: Assessment | undefined, { targetUtilisation }: PriceRules): string[] {
  if (assessment === undefined || assessment.beforeMicro !== assessment.afterMicro) return []
  const { held, bound, situation } = assessment
  const stayed = 'When the last epoch ended it stayed'
  if (held === 'off') return []
  if (held === 'too_short') return [`${stayed}, since the coordinator had seen less than half of the epoch.`]
  if (held === 'nobody') return [`${stayed}, since no device was there.`]
  const use = used(situation.utilisationBasisPoints ?? 0n)
  if (bound === 'ceiling')
    return [`${stayed}: ${use} of what was on offer was at work, but it is as high as owners' floors allow.`]
  if (bound === 'ground') return [`${stayed}: ${use} of what was on offer was at work, but at less too few would work.`]
  return [
    `${stayed}: ${use} of what was on offer was at work, which is near the aim of ${percent(targetUtilisation)} or below what moves it.`,
  ]
}

function bandReason({ floors, medianMicro, ceilingMicro, groundMicro }: Situation, startMicro: bigint): string {
  const band = `It moves between ${credits(groundMicro)} and ${credits(ceilingMicro)}`
  if (floors === 0)
    return `${band}: no owner asks anything, so the end is 120 % of the starting price of ${credits(startMicro)}.`
  const devices = floors === 1 ? '1 device asks' : `${floors} devices ask`
  return `${band}: ${devices} something, the others count with ${credits(startMicro)}, and the end is 120 % of the middle, ${credits(medianMicro)}.`
}

/** By what the middle is taken. */
function checkReason({ lastCheck }: Pricing, { isChecked }: Situation): string {
  if (!isChecked || lastCheck === null)
    return 'Each device counts by the work it was paid for and as one device, whichever makes the price lower: what devices can do has not been checked lately.'
  const devices = lastCheck.devices === 1 ? '1 device' : `${lastCheck.devices} devices`
  return `Each device counts by what it did in checks of what devices can do, of which the newest was at ${new Date(lastCheck.atMs).toISOString()}, with ${devices}.`
}

function nextReason(utilisation: bigint | null, { priceStepMax, nextMs, targetUtilisation }: PriceRules): string {
  if (priceStepMax === 0) return 'Prices do not move here: the policy gives them no step.'
  const when = new Date(nextMs).toISOString()
  const sofar =
    utilisation === null ? 'no device has been there' : `${used(utilisation)} of what is on offer has been at work`
  return `It moves next at ${when}, by ${percent(priceStepMax)} at most. In this epoch so far ${sofar}; the aim is ${percent(targetUtilisation)}.`
}
