/**
 * How a base price moves from one epoch to the next: towards the utilisation the region aims at, slowly, and inside a band.
 *
 * - *Direction and size.* Above the aim the price rises, below it falls, in proportion to how far off it is: the whole step when everything
 *   on offer was at work, or nothing was. Within {@link REST_BASIS_POINTS} of the aim it rests, so that chance does not move it.
 * - *No swinging.* Work that is under way keeps its old price, so what a move does shows late. Each time the direction turns, the step is halved,
 *   down to an eighth; each move in the same direction doubles it again.
 * - *Ceiling.* Never up beyond 120 % of the median of what owners ask (see median-floor.ts), whatever the demand looks like. So owners who keep
 *   capacity back, hold leases without working or submit jobs to themselves gain at most that fifth, and pay the fee for it.
 * - *Ground.* Never down below the lowest floor that demand needs: the one at which the devices that are content with it would be utilised
 *   as aimed by what was at work. Below it they would leave, and the price would have to come back.
 * - With no floors at all the region's starting price is the median: the band then ends at 120 % of that, and its ground is 1 micro-credit.
 *
 * A price above the ceiling, since owners ask less than before, comes down by whole steps. The step holds always; only a price so small
 * that its step is below one micro-credit moves by one. All in whole micro-credits and basis points.
 */

/** The price moves once utilisation is further from the aim than this. */
export const REST_BASIS_POINTS = 500n
/** Of the median of the floors. */
export const CEILING_BASIS_POINTS = 12_000n
const WHOLE = 10_000n
/** The step in eighths. */
export const PACE_MAX = 8
const PACE_MIN = 1

/** What is remembered of a price between epochs. */
export interface Momentum {
  /** Eighths of the step. */
  readonly pace: number
  /** Of the last move that utilisation made. */
  readonly direction: -1 | 0 | 1
}

export const AT_REST: Momentum = { pace: PACE_MAX, direction: 0 }

export interface PriceInput {
  readonly priceMicro: bigint
  readonly utilisationBasisPoints: bigint
  readonly targetBasisPoints: bigint
  /** Of one epoch. 0 keeps the price where it is. */
  readonly stepBasisPoints: bigint
  readonly groundMicro: bigint
  readonly ceilingMicro: bigint
  readonly momentum: Momentum
}

/** What held the price back, if anything did. */
export type Bound = 'ceiling' | 'ground' | null

export interface PriceMove {
  readonly priceMicro: bigint
  readonly momentum: Momentum
  readonly bound: Bound
}

/** The most that owners' floors allow. */
export function ceilingOf(medianMicro: bigint): bigint {
  return atLeastOne((medianMicro * CEILING_BASIS_POINTS) / WHOLE)
}

/**
 * The base price of the next epoch.
 * @see spec/clauses.md [PRICE-1.1] [PRICE-1.2] [PRICE-1.3]
 */
export function nextPrice(input: PriceInput): PriceMove {
  const { priceMicro, stepBasisPoints, ceilingMicro, groundMicro, momentum } = input
  if (stepBasisPoints === 0n) return { priceMicro, momentum, bound: null }
  const most = change(priceMicro, stepBasisPoints)
  if (priceMicro > ceilingMicro) {
    return { priceMicro: atLeastOne(max(priceMicro - most, ceilingMicro)), momentum: AT_REST, bound: 'ceiling' }
  }
  const pull = pullOf(input)
  if (pull === 0n) return { priceMicro, momentum, bound: null }
  const direction = pull > 0n ? 1 : -1
  const pace = paceOf(momentum, direction)
  const size = change(priceMicro, (abs(pull) * stepBasisPoints * BigInt(pace)) / (WHOLE * BigInt(PACE_MAX)))
  const kept: Momentum = { pace, direction }
  if (direction > 0) {
    const wanted = priceMicro + size
    return wanted > ceilingMicro
      ? { priceMicro: ceilingMicro, momentum: kept, bound: 'ceiling' }
      : { priceMicro: wanted, momentum: kept, bound: null }
  }
  const wanted = atLeastOne(priceMicro - size)
  // A price that is below the ground already, since demand has grown, waits for demand to raise it.
  const least = min(groundMicro, priceMicro)
  return wanted < least
    ? { priceMicro: least, momentum: kept, bound: 'ground' }
    : { priceMicro: wanted, momentum: kept, bound: null }
}

/** How far off the aim, in basis points of the way to the end of the scale on that side; 0 when near enough. */
function pullOf({ utilisationBasisPoints: utilisation, targetBasisPoints: target }: PriceInput): bigint {
  const off = utilisation - target
  if (abs(off) <= REST_BASIS_POINTS) return 0n
  const wayLeft = off > 0n ? WHOLE - target : target
  return (off * WHOLE) / wayLeft
}

function paceOf({ pace, direction }: Momentum, now: -1 | 1): number {
  if (direction === 0 || direction === now) return direction === 0 ? pace : Math.min(PACE_MAX, pace * 2)
  return Math.max(PACE_MIN, pace / 2)
}

/** A part of a price, at least one micro-credit: small prices would never move otherwise. */
const change = (priceMicro: bigint, basisPoints: bigint): bigint => atLeastOne((priceMicro * basisPoints) / WHOLE)

const abs = (value: bigint): bigint => (value < 0n ? -value : value)
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)
const atLeastOne = (micro: bigint): bigint => max(micro, 1n)
