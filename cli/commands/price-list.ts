import type { BasePrice, PriceMove } from '../../coordinator/http/price-api.ts'
import { defineCommand } from '../command.ts'
import { AS_OPTION, connectForJobs } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { formatMicro, formatTime } from '../terminal/format.ts'
import { type Column, tableLines } from '../terminal/table.ts'

const percent = (share: number | null): string => (share === null ? '-' : `${Math.round(share * 100)} %`)

const PRICES: readonly Column<BasePrice>[] = [
  { title: 'PRICE OF', value: ({ what }) => what },
  { title: 'CREDITS', align: 'right', value: ({ priceMicro }) => formatMicro(priceMicro) },
  { title: 'FROM', align: 'right', value: ({ groundMicro }) => formatMicro(groundMicro) },
  { title: 'TO', align: 'right', value: ({ ceilingMicro }) => formatMicro(ceilingMicro) },
  { title: 'AT WORK', align: 'right', value: ({ utilisation }) => percent(utilisation) },
  { title: 'FLOORS', align: 'right', value: ({ floors }) => `${floors}` },
]

const MOVES: readonly Column<PriceMove>[] = [
  { title: 'SINCE', value: ({ atMs }) => formatTime(atMs) },
  { title: 'PRICE OF', value: ({ what }) => what },
  { title: 'BEFORE', align: 'right', value: ({ beforeMicro }) => formatMicro(beforeMicro) },
  { title: 'AFTER', align: 'right', value: ({ afterMicro }) => formatMicro(afterMicro) },
  { title: 'AT WORK', align: 'right', value: ({ utilisation }) => percent(utilisation) },
  { title: 'HELD BY', value: ({ bound }) => bound ?? '' },
]

/** `hedgerow price list` */
export const priceList = defineCommand({
  name: 'price list',
  summary: 'show the base prices of fuel and readings, and how they moved',
  details:
    'Prices move once an epoch towards the part of the capacity that the region aims to keep at work. Owners keep them up and down:\n' +
    'never above 120 % of the middle of what they ask, and never down to where too few would work.',
  options: { ...AS_OPTION, history: { type: 'flag', describe: 'show the last moves too, newest first' } },
  examples: [
    { line: 'hedgerow price list', does: 'prices now, and the band each moves in' },
    { line: 'hedgerow price list --history', does: 'and the last moves' },
  ],
  run: async ({ options, io, out }) => {
    const prices = await connectForJobs(io, options.state, options.as).priceList()
    out.result(prices, style => [
      ...tableLines(prices.prices, PRICES, io.stdout, style),
      ...(options.history && prices.moves.length > 0 ? ['', ...tableLines(prices.moves, MOVES, io.stdout, style)] : []),
    ])
    if (prices.priceStepMax === 0) out.note('Prices do not move here: the policy gives them no step.')
    else
      out.note(
        `They move next at ${formatTime(prices.nextMs)}. 'hedgerow price explain' says why they are what they are.`,
      )
    return EXIT.ok
  },
})
