/** Base prices, set once an epoch. */
import type { PriceEntry } from '../../protocol/index.ts'
import type { Scene } from './scene.ts'

/** A price in force. */
export interface KnownPrice {
  readonly priceMicro: bigint
  /** When it became what it is. */
  readonly epoch: number
  /** Whether it has ever moved since the log first told it. */
  readonly moved: boolean
}

/** The name of the price of 10^9 fuel; the others are named for their quantity. */
const GIGAFUEL = 'gigafuel'

/** The rules of prices. */
export class PriceRules {
  private readonly scene: Scene
  private newest: PriceEntry | null = null
  /** How long epochs were at the newest prices. */
  private epochMs: number | null = null
  private readonly prices = new Map<string, KnownPrice>()

  constructor(scene: Scene) {
    this.scene = scene
  }

  /** Of 10^9 fuel; null before the first. */
  get gigafuelPriceMicro(): bigint | null {
    return this.newest?.gigafuelPriceMicro ?? null
  }

  /** Everything that has a price. */
  all(): ReadonlyMap<string, KnownPrice> {
    return this.prices
  }

  set(entry: PriceEntry): void {
    const { epoch, gigafuelPriceMicro, readings, utilisationBasisPoints } = entry
    const epochMs = this.scene.policy?.epochMs ?? null
    // An operator who does not let prices move sets them at any time, and nothing was at work that moved them.
    const isSet = utilisationBasisPoints === 0
    const last = this.newest
    if (last !== null && epochMs === this.epochMs && (isSet ? epoch < last.epoch : epoch <= last.epoch)) {
      this.scene.broken('price.order', `prices of epoch ${epoch} follow those of epoch ${last.epoch}.`)
    }
    this.move(GIGAFUEL, gigafuelPriceMicro, epoch, isSet)
    for (const { quantity, priceMicro } of readings) this.move(quantity, priceMicro, epoch, false)
    this.newest = entry
    this.epochMs = epochMs
  }

  private move(what: string, priceMicro: bigint, epoch: number, isSet: boolean): void {
    const before = this.prices.get(what)
    if (before === undefined) {
      this.prices.set(what, { priceMicro, epoch, moved: false })
      return
    }
    if (before.priceMicro === priceMicro) return
    const step = priceMicro > before.priceMicro ? priceMicro - before.priceMicro : before.priceMicro - priceMicro
    // Half of itself, rounded up: a price of 1 can still move.
    if (step > (before.priceMicro + 1n) / 2n && !isSet) {
      const moves = `from ${before.priceMicro} to ${priceMicro}`
      this.scene.broken('price.step', `the price of ${what} moves ${moves}, by more than half of itself.`)
    }
    this.prices.set(what, { priceMicro, epoch, moved: true })
  }
}
