/** Base prices for operators and submitters. */
import { type Clock, QUANTITIES } from '../../protocol/index.ts'
import type { RegionPolicy } from '../config.ts'
import { ApiError } from '../http/admin-api.ts'
import type { BasePrice, PriceAdminApi, PriceMove } from '../http/price-api.ts'
import { GIGAFUEL, type PriceChange, type Pricing } from '../pricing/index.ts'
import { explainPrice } from './explain-price.ts'

export interface PriceAdminComponents {
  pricing: Pricing
  policy: Pick<RegionPolicy, 'epochMs' | 'targetUtilisation' | 'priceStepMax'>
  clock: Pick<Clock, 'wallMs'>
}

export function createPriceAdmin({ pricing, policy, clock }: PriceAdminComponents): PriceAdminApi {
  const { epochMs, targetUtilisation, priceStepMax } = policy
  const epochNow = (): number => pricing.currentEpoch ?? Math.floor(clock.wallMs() / epochMs)

  return {
    priceList: async () => {
      const epoch = epochNow()
      return {
        epoch,
        epochMs,
        nextMs: (epoch + 1) * epochMs,
        targetUtilisation,
        priceStepMax,
        prices: [GIGAFUEL, ...pricing.quantities()].map(what => basePrice(pricing, what)),
        moves: [...pricing.history.all()].reverse().map(priceMove),
      }
    },
    priceExplain: async what => {
      if (what !== GIGAFUEL && !QUANTITIES.has(what)) {
        const shown = what.slice(0, 64)
        throw new ApiError(
          'not_found',
          `There is no price of '${shown}': ask for ${GIGAFUEL} or a quantity such as temperature.`,
        )
      }
      return explainPrice(pricing, what, { ...policy, nextMs: (epochNow() + 1) * epochMs })
    },
  }
}

function basePrice(pricing: Pricing, what: string): BasePrice {
  const { utilisationBasisPoints, medianMicro, ceilingMicro, groundMicro, floors } = pricing.situation(what)
  return {
    what,
    priceMicro: `${pricing.priceMicro(what)}`,
    startMicro: `${pricing.startMicro(what)}`,
    medianMicro: `${medianMicro}`,
    groundMicro: `${groundMicro}`,
    ceilingMicro: `${ceilingMicro}`,
    floors,
    utilisation: shareOf(utilisationBasisPoints),
  }
}

function priceMove({
  what,
  epoch,
  atMs,
  beforeMicro,
  afterMicro,
  utilisationBasisPoints,
  ceilingMicro,
  bound,
}: PriceChange): PriceMove {
  const amounts = { beforeMicro: `${beforeMicro}`, afterMicro: `${afterMicro}`, ceilingMicro: `${ceilingMicro}` }
  return { what, epoch, atMs, ...amounts, utilisation: shareOf(utilisationBasisPoints), bound }
}

const shareOf = (basisPoints: bigint | null): number | null =>
  basisPoints === null ? null : Number(basisPoints) / 10_000
