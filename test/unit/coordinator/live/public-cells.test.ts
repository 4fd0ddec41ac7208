import { expect, test } from 'vitest'
import { PublicCellBook } from '../../../../coordinator/live/index.ts'
import type { CampaignRow, WindowRow } from '../../../../coordinator/store/index.ts'
import { campaignId } from '../../../../protocol/index.ts'
import { campaignRow, windowRow } from '../../../support/sensing-rows.ts'

/** A book over windows that a test may add to. */
function bookOf(campaigns: readonly CampaignRow[], stored: WindowRow[]) {
  let reads = 0
  const book = new PublicCellBook({
    store: {
      windows: ({ campaign, limit = 0 }) => {
        reads++
        const own = stored.filter(window => window.campaign === campaign)
        return own.sort((a, b) => b.windowMs - a.windowMs).slice(0, limit)
      },
    },
    running: () => campaigns.map(row => ({ row })),
  })
  return { book, reads: () => reads }
}

const SPEC = JSON.stringify({ quantity: 'pm2.5', area: { cells: ['881f8d4887fffff'] }, priceMicro: 10 })
const campaign = (letter: string): CampaignRow => ({ ...campaignRow(campaignId(letter.repeat(16))), spec: SPEC })
const [first, second] = [campaign('a'), campaign('b')]
const at = (row: CampaignRow, cell: string, windowMs: number, value: string): WindowRow => ({
  ...windowRow(row.id, cell, windowMs),
  value,
})
const short = (cells: ReturnType<PublicCellBook['all']>) => cells.map(({ cell, value }) => `${cell} ${value}`)

test('a book of cells shows the newest window of each cell of every campaign that runs', () => {
  const running = [first, second]
  const stored = [at(first, 'x', 0, '1'), at(first, 'x', 900, '2'), at(first, 'y', 0, '3'), at(second, 'x', 0, '4')]
  const { book, reads } = bookOf(running, stored)
  expect(book.note(first, [at(first, 'x', 900, '9')])).toEqual([])
  expect(reads()).toBe(0)
  expect(short(book.all())).toEqual(['x 2', 'y 3', 'x 4'])
  expect(short(book.all())).toEqual(['x 2', 'y 3', 'x 4'])
  expect(reads()).toBe(2)
  const changed = book.note(first, [
    at(first, 'x', 0, 'late'),
    at(first, 'x', 900, 'revised'),
    at(first, 'z', 0, 'new'),
  ])
  expect(short(changed)).toEqual(['x revised', 'z new'])
  expect(short(book.all())).toEqual(['x revised', 'y 3', 'z new', 'x 4'])
  running.shift()
  expect(short(book.all())).toEqual(['x 4'])
})

test('a campaign that begins later is read once, when it first has a window', () => {
  const running = [first]
  const stored: WindowRow[] = []
  const { book, reads } = bookOf(running, stored)
  expect(book.all()).toEqual([])
  running.push(second)
  stored.push(at(second, 'x', 0, '5'))
  expect(short(book.note(second, [at(second, 'x', 0, '5')]))).toEqual(['x 5'])
  expect([short(book.all()), reads()]).toEqual([['x 5'], 2])
})
