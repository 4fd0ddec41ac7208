/** What work costs, before and after it is done. */
import { fuelPrice } from '../../protocol/amounts.ts'

/** What many units would cost, by what some have. */
export interface Estimate {
  /** Of the fuel alone, if one device's word were enough. */
  readonly onceMicro: bigint
  /** With as much agreement as `costMicro` holds; the same where none is known. */
  readonly likelyMicro: bigint
}

/**
 * @param unitFuel - what one unit burns, on average
 * @param replicas - how often each unit was paid for, 1 or more: cost over what its fuel alone comes to
 */
export function estimate(unitFuel: number, units: number, gigafuelPriceMicro: bigint, replicas = 1): Estimate {
  const onceMicro = fuelPrice(BigInt(Math.ceil(unitFuel)) * BigInt(units), gigafuelPriceMicro)
  const likelyMicro = (onceMicro * BigInt(Math.round(Math.max(1, replicas) * 1_000))) / 1_000n
  return { onceMicro, likelyMicro }
}

/** How many times what its fuel comes to a job has cost; 1 where that is not known. */
export function replicasOf(job: {
  readonly fuel: string
  readonly gigafuelPriceMicro: string
  readonly spentMicro: string
}): number {
  const onceMicro = fuelPrice(BigInt(job.fuel), BigInt(job.gigafuelPriceMicro))
  return onceMicro === 0n ? 1 : Math.max(1, Number(BigInt(job.spentMicro)) / Number(onceMicro))
}
