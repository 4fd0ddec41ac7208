/** What every ledger of the comparison books: payments out of one escrow to many devices, the same for all of them. */
import { deviceIdOf } from '../../../protocol/index.ts'

export const ESCROW = 'escrow:aaaaaaaaaaaaaaaa'
/** More than all payments together. */
export const ESCROW_MICRO = 10n ** 15n
const DEVICES = 1_000

/** The accounts that are paid. */
export const HOLDBACKS: readonly string[] = Array.from({ length: DEVICES }, (_, index) => {
  const publicKey = new Uint8Array(32)
  new DataView(publicKey.buffer).setUint32(0, index)
  return `holdback:${deviceIdOf(publicKey)}`
})

export interface BenchPayment {
  readonly purpose: string
  readonly credit: string
  readonly amountMicro: bigint
  readonly fuel: number
}

/** Payments number `first` to `first + count - 1`, each for a lease of 64 units. */
export function payments(first: number, count: number): BenchPayment[] {
  return Array.from({ length: count }, (_, index) => {
    const lease = first + index
    return {
      purpose: `pay/aaaaaaaaaaaaaaaa/${lease + 1}/${lease * 64}+64`,
      credit: HOLDBACKS[lease % DEVICES] ?? '',
      amountMicro: BigInt(6_080 + (lease % 64)),
      fuel: 640_000_000 + lease,
    }
  })
}

/** How fast something booked payments. */
export function perSecond(count: number, startMs: number): number {
  return (count * 1_000) / (performance.now() - startMs)
}
