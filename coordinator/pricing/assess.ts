/** Puts together what the price of one thing depends on. Pure. */
import type { OwnerName } from '../../protocol/index.ts'
import { CHECKED, COUNTS, medianFloor, type Voice } from './median-floor.ts'
import { ceilingOf } from './next-price.ts'

/** A device that has been there lately, and what it asks. */
export interface Asking {
  readonly owner: OwnerName
  /** 0 when it asks nothing. */
  readonly floorMicro: bigint
  /** What it has shown that it can do in an epoch. */
  readonly proven: number
  /** What it has done in checks; nothing where there are none. */
  readonly checked?: number
}

/** What a device had on offer in the epoch, whether it was content with the price or not. */
export interface Supply {
  readonly floorMicro: bigint
  readonly offeredMs: number
}

export interface Seen {
  readonly asking: readonly Asking[]
  readonly supply: readonly Supply[]
  /** Time on offer at this price, and at work. */
  readonly willingMs: number
  readonly busyMs: number
}

export interface Situation {
  /** Null when nobody was there. */
  readonly utilisationBasisPoints: bigint | null
  /** The median of what owners ask; the starting price where they ask nothing. */
  readonly medianMicro: bigint
  readonly ceilingMicro: bigint
  readonly groundMicro: bigint
  /** Devices that ask something. */
  readonly floors: number
  /** Whether the median is by what devices did in checks. */
  readonly isChecked: boolean
}

const WHOLE = 10_000

/** @param startMicro - what a device counts as asking that asks nothing */
export function assess(seen: Seen, startMicro: bigint, targetBasisPoints: bigint): Situation {
  const { asking } = seen
  // Nobody knows what devices can do while none of those that are left has been checked.
  const isChecked = asking.some(({ checked = 0 }) => checked > 0)
  const voices: Voice[] = asking.map(({ owner, floorMicro, proven, checked = 0 }) => ({
    owner,
    floorMicro: floorMicro || startMicro,
    capacity: BigInt(isChecked ? checked : proven),
  }))
  const medianMicro = medianFloor(voices, isChecked ? CHECKED : COUNTS) ?? startMicro
  return {
    utilisationBasisPoints: utilisationOf(seen),
    medianMicro,
    ceilingMicro: ceilingOf(medianMicro),
    groundMicro: groundOf(seen, targetBasisPoints),
    floors: asking.filter(({ floorMicro }) => floorMicro > 0n).length,
    isChecked,
  }
}

/** When devices are there and none of them works for the price, it is as if all that is on offer were taken. */
function utilisationOf({ supply, willingMs, busyMs }: Seen): bigint | null {
  if (willingMs > 0) return BigInt(Math.min(WHOLE, Math.round((busyMs * WHOLE) / willingMs)))
  return supply.some(({ offeredMs }) => offeredMs > 0) ? BigInt(WHOLE) : null
}

/**
 * The lowest floor at which the devices content with it could carry what was at work, utilised as aimed; when all together could not, the
 * highest. With nothing at work it is the lowest floor there is, so that a price at which nobody works is never gone down to.
 */
function groundOf({ supply, busyMs }: Seen, targetBasisPoints: bigint): bigint {
  const neededMs = (busyMs * WHOLE) / Number(targetBasisPoints)
  let carriedMs = 0
  let groundMicro = 1n
  const rising = [...supply].filter(({ offeredMs }) => offeredMs > 0)
  rising.sort((a, b) => (a.floorMicro < b.floorMicro ? -1 : a.floorMicro > b.floorMicro ? 1 : 0))
  for (const { floorMicro, offeredMs } of rising) {
    groundMicro = floorMicro > 1n ? floorMicro : 1n
    carriedMs += offeredMs
    if (carriedMs >= neededMs) break
  }
  return groundMicro
}
