/** Base prices as a chart has them, and in words. */
import type { BasePrice, PriceMove } from '../../coordinator/http/price-api.ts'
import { quantityLabel } from '../map/quantity-words.ts'
import { creditsOnly } from '../ui/format.ts'
import type { PlotData } from './plot.ts'

/** What a base price is for. */
export const priceTitle = (what: string): string =>
  what === 'gigafuel' ? 'A gigafuel of computing' : `A reading: ${quantityLabel(what).toLowerCase()}`

/** What the price is the price of, in a few words. */
export const priceUnit = (what: string): string =>
  what === 'gigafuel' ? 'about a second of a Raspberry Pi' : 'each accepted reading'

/** The price over time, from before its first known move up to now. */
export function priceData(
  { priceMicro, ceilingMicro }: BasePrice,
  moves: readonly PriceMove[],
  nowMs: number,
): PlotData {
  const ascending = moves.toReversed()
  const [first, second] = ascending
  const beforeMs = first === undefined ? [] : [first.atMs - (second === undefined ? 60_000 : second.atMs - first.atMs)]
  const times = [...beforeMs, ...ascending.map(({ atMs }) => atMs)]
  const endMs = Math.max(nowMs, (times.at(-1) ?? nowMs) + 1)
  return {
    timesMs: [...times, endMs],
    lines: [
      {
        label: 'Price',
        values: [
          ...beforeMs.map(() => first?.beforeMicro ?? priceMicro),
          ...ascending.map(({ afterMicro }) => afterMicro),
          priceMicro,
        ].map(creditsOf),
        colour: '--accent',
        isStepped: true,
      },
      {
        label: 'Ceiling',
        values: [
          ...beforeMs.map(() => null),
          ...ascending.map(move => creditsOf(move.ceilingMicro)),
          creditsOf(ceilingMicro),
        ],
        colour: '--warn',
        isStepped: true,
      },
    ],
    unit: 'cr',
  }
}

/** The course of a price in a sentence. */
export function priceWords({ what, priceMicro }: BasePrice, moves: readonly PriceMove[]): string {
  const oldest = moves.at(-1)
  const since =
    oldest === undefined ? '' : `, after ${moves.length} moves from ${creditsOnly(oldest.beforeMicro)} credits`
  return `${priceTitle(what)} costs ${creditsOnly(priceMicro)} credits now${since}.`
}

/** Where a price stands between the ground and the ceiling, 0..1. */
export function placeInBand(
  micro: string,
  { groundMicro, ceilingMicro }: Pick<BasePrice, 'groundMicro' | 'ceilingMicro'>,
): number {
  const [ground, ceiling] = [Number(groundMicro), Number(ceilingMicro)]
  if (ceiling <= ground) return 1
  return Math.min(1, Math.max(0, (Number(micro) - ground) / (ceiling - ground)))
}

const creditsOf = (micro: string): number => Number(micro) / 1e6
