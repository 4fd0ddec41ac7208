/**
 * What devices are owed beyond whole micro-credits. A device's share of a price is reckoned exactly; what of it was not paid is carried to its
 * next payment, and lies on the account `dust` from the end of a job or campaign on.
 */
import { splitLargestRemainder } from '../../protocol/index.ts'
import { balanceMicro } from './accounts.ts'
import type { Scene } from './scene.ts'

/** Prices are exact in 10^-9 of a micro-credit, and shares of them in basis points. */
const NANO = 10n ** 9n
const BASIS_POINTS = 10n ** 4n
/** Parts of a micro-credit that every share is a whole number of. */
const PARTS = NANO * BASIS_POINTS

/** The price of one answer. */
export class Price {
  readonly micro: bigint
  private readonly nano: bigint
  private readonly feeBasisPoints: bigint

  /** @param nano - the exact price in 10^-9 of a micro-credit; what is not free costs a whole one at least */
  constructor(nano: bigint, feeBasisPoints: number) {
    this.nano = nano > 0n && nano < NANO ? NANO : nano
    this.micro = (this.nano + NANO - 1n) / NANO
    this.feeBasisPoints = BigInt(feeBasisPoints)
  }

  /** Of readings, whose price is whole. */
  static ofReadings(micro: bigint, feeBasisPoints: number): Price {
    return new Price(micro * NANO, feeBasisPoints)
  }

  /** What rounding up to whole micro-credits has added, in 10^-9 of one. */
  get roundedNano(): bigint {
    return this.micro * NANO - this.nano
  }

  /** What is the device's; of what is not free a micro-credit at least. */
  get deviceParts(): bigint {
    const parts = this.nano * (BASIS_POINTS - this.feeBasisPoints)
    return parts < PARTS && this.nano > 0n ? PARTS : parts
  }

  /** What the device was paid while each payment was rounded by itself. */
  get roundedShareMicro(): bigint {
    return splitLargestRemainder(this.micro, [BASIS_POINTS - this.feeBasisPoints, this.feeBasisPoints])[0] ?? 0n
  }
}

/** Whole micro-credits in so many 10^-9 of one, rounded down. */
export const wholeOfNano = (nano: bigint): bigint => nano / NANO

/** Whole micro-credits of parts, rounded down. */
export const wholeMicro = (parts: bigint): bigint => parts / PARTS

/** The remainders of all devices. */
export class Remainders {
  private readonly scene: Scene
  private readonly byDevice = new Map<string, bigint>()
  private sumParts = 0n

  constructor(scene: Scene) {
    this.scene = scene
  }

  /** In parts of 10^-13 of a micro-credit. */
  of(device: string): bigint {
    return this.byDevice.get(device) ?? 0n
  }

  /** What a device is to be paid of a price. */
  take(device: string, price: Price): bigint {
    if (this.scene.policy?.keepsRemainders !== true) return price.roundedShareMicro
    const before = this.of(device)
    const due = before + price.deviceParts
    const left = due % PARTS
    this.sumParts += left - before
    this.byDevice.set(device, left)
    return due / PARTS
  }

  /** What `dust` lacks of all remainders, rounded up to a whole micro-credit; negative when it holds more. */
  shortMicro(): bigint {
    const dust = this.scene.accounts.find('dust')
    return (this.sumParts + PARTS - 1n) / PARTS - (dust === undefined ? 0n : balanceMicro(dust))
  }
}
