/**
 * What owners ask, taken together, so that no minority can make it more than others do.
 *
 * **By checked capacity**, where the region checks what devices can do (capacity-checks.ts). That can be had only by doing as much, so whoever
 * has less than half of what devices do can neither lift the median above what the others ask nor press it below. Nothing else is counted
 * then: a second count of which the lowest held would be one more way to press the price down and the others out.
 *
 * **Otherwise in three ways**, of which the lowest of the medians holds:
 *
 * 1. by proven capacity: the speed at which a device has done paid work, over the time it was on offer; of readings, the most it was paid
 *    for in an epoch. Can be feigned: who submits a job to its own devices knows the answers, and needs only the region's fee.
 * 2. by proven capacity, where no owner counts for more than {@link OWNER_SHARE_MAX_BASIS_POINTS} of the whole. One owner cannot feign its way
 *    past that; many names can, as far as the operator hands out claims to them.
 * 3. by device, each counting the same whether it has worked or not. A device takes a claim of the operator, which no fee buys; but small
 *    ones count like large ones.
 *
 * To lift the lowest of three, more than half is needed in each: of the work, of the work with large owners cut, and of the devices. Whoever
 * has less finds at least one count in which honest devices are at least half, and a median of that count is a floor of theirs or lower.
 * To press it down, half of one count is enough; but nobody has to work below its own floor, so that only shrinks what the presser gets.
 *
 * What a device has proven stays while it is there. If it faded while the price is below a floor, those who ask most would lose their say
 * one after another, and the median would sink to the lowest floor of all.
 *
 * Devices without a floor count with the anchor, the region's starting price: else those few who state one would speak for all.
 */
import type { OwnerName } from '../../protocol/index.ts'

/** One device in the count. */
export interface Voice {
  readonly owner: OwnerName
  readonly floorMicro: bigint
  /** 0 while nothing is proven. */
  readonly capacity: bigint
}

/** How much each voice counts, in the order of the voices. */
export type Count = (voices: readonly Voice[]) => bigint[]

/** With this, three owners together cannot outvote the rest, and four of the same size count in full. */
export const OWNER_SHARE_MAX_BASIS_POINTS = 2_500n

const WHOLE = 10_000n
/** Fractions of small weights. */
const SCALE = 1_000_000n

const byCapacity: Count = voices => voices.map(({ capacity }) => capacity)

const byDevice: Count = voices => voices.map(() => 1n)

const byCapacityOfOwners: Count = voices => {
  const sums = new Map<OwnerName, bigint>()
  for (const { owner, capacity } of voices) sums.set(owner, (sums.get(owner) ?? 0n) + capacity * SCALE)
  const most = ownerMost([...sums.values()].filter(sum => sum > 0n))
  return voices.map(({ owner, capacity }) => {
    const sum = sums.get(owner) ?? 0n
    return sum <= most ? capacity * SCALE : (capacity * SCALE * most) / sum
  })
}

/** Where capacity is checked. */
export const CHECKED: readonly Count[] = [byCapacity]

/** The three counts where it is not, in the order of the explanation above. */
export const COUNTS: readonly Count[] = [byCapacity, byCapacityOfOwners, byDevice]

/**
 * The lowest of the medians by each count.
 * @returns null when nobody has a say
 */
export function medianFloor(voices: readonly Voice[], counts: readonly Count[] = COUNTS): bigint | null {
  const medians = counts.map(count => weightedMedian(voices, count(voices))).filter(median => median !== null)
  if (medians.length === 0) return null
  return medians.reduce((lowest, median) => (median < lowest ? median : lowest))
}

/**
 * The lowest floor that, with all below it, makes up at least half of the weight: exactly half of it cannot lift the median. Null when
 * nobody has any weight.
 */
function weightedMedian(voices: readonly Voice[], weights: readonly bigint[]): bigint | null {
  const order = voices.map((_, index) => index)
  order.sort((a, b) => compare(floorOf(voices, a), floorOf(voices, b)))
  const total = weights.reduce((sum, weight) => sum + weight, 0n)
  if (total === 0n) return null
  let weight = 0n
  for (const index of order) {
    weight += weights[index] ?? 0n
    if (2n * weight >= total) return floorOf(voices, index)
  }
  return null
}

/**
 * The most that an owner may weigh, so that none has more than the share of what all weigh after it was cut. With so few owners that
 * even equal ones have more, each weighs what the smallest does.
 */
function ownerMost(sums: readonly bigint[]): bigint {
  const sorted = [...sums].sort((a, b) => compare(b, a))
  let rest = sums.reduce((sum, one) => sum + one, 0n)
  for (const [cut, sum] of sorted.entries()) {
    // With `cut` owners at the same most: most = share × (cut × most + rest).
    const left = WHOLE - OWNER_SHARE_MAX_BASIS_POINTS * BigInt(cut)
    if (left <= 0n) break
    const most = (OWNER_SHARE_MAX_BASIS_POINTS * rest) / left
    if (sum <= most) return most
    rest -= sum
  }
  return sorted.at(-1) ?? 0n
}

const floorOf = (voices: readonly Voice[], index: number): bigint => voices[index]?.floorMicro ?? 0n
const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)
