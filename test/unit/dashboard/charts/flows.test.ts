import { describe, expect, test } from 'vitest'
import { layFlows } from '../../../../dashboard/charts/flow-layout.ts'
import { KIND_WORDS, MONEY_PLACES, moneyLinks, PLACE_WORDS } from '../../../../dashboard/charts/money-flows.ts'
import { LogFollower } from '../../../../dashboard/verify/log-follower.ts'
import { compareBooks } from '../../../../dashboard/views/ledger-compare.ts'
import { logKeyOf, portableSha256, portableVerifier, TRANSFER_KINDS } from '../../../../protocol/index.ts'
import { partsOf, sourceOf } from '../../../support/log-builder.ts'
import { sampleLog } from '../../../support/sample-log.ts'

const SIZES = { width: 1_000, height: 250, boxWidth: 14, gap: 40, least: 3 }
const log = sampleLog(40)
const ports = { hash: portableSha256, verifier: portableVerifier() }
const books = await new LogFollower(ports, sourceOf(partsOf(log)), logKeyOf(log.origin, log.signer.publicKey)).advance()
if (books === null) throw new Error('the sample is signed')
const links = moneyLinks(books.flows)

describe('the flows of a log', () => {
  test('go from left to right, and each is as large as its transfers', () => {
    const column = (id: string) => MONEY_PLACES.find(place => place.id === id)?.column ?? -1
    for (const { from, to } of links) expect(column(to)).toBeGreaterThan(column(from))
    const given = books.flows.find(({ kind }) => kind === 'fund')
    expect(links.find(({ from }) => from === 'treasury')?.amountMicro).toBe(given?.amountMicro)
    expect(links.map(({ to }) => to)).toEqual(expect.arrayContaining(['escrow', 'holdback', 'fee', 'refunded']))
  })

  test('have words for every kind of transfer and every place', () => {
    for (const kind of TRANSFER_KINDS) expect(KIND_WORDS[kind]).toMatch(/^[a-z]/)
    for (const { id } of MONEY_PLACES) expect(PLACE_WORDS[id]?.title).toMatch(/^[A-Z]/)
  })

  test('are drawn inside of the picture, and boxes of a column do not touch', () => {
    const { boxes, bands, height } = layFlows(MONEY_PLACES, links, SIZES)
    expect(bands).toHaveLength(links.length)
    for (const { x, y, width, height: tall } of boxes) {
      expect(x).toBeGreaterThanOrEqual(0)
      expect(x + width).toBeLessThanOrEqual(SIZES.width + 1e-6)
      expect(y + tall).toBeLessThanOrEqual(height + 1e-6)
    }
    for (const a of boxes) {
      for (const b of boxes) {
        if (a === b || a.x !== b.x) continue
        expect(a.y + a.height <= b.y || b.y + b.height <= a.y).toBe(true)
      }
    }
    expect(Math.min(...bands.map(({ width }) => width))).toBeGreaterThanOrEqual(SIZES.least)
  })

  test('that have moved nothing are not drawn', () => {
    const { boxes, bands } = layFlows(
      MONEY_PLACES,
      [{ from: 'treasury', to: 'submitter', kind: 'fund', amountMicro: 0n }],
      SIZES,
    )
    expect([boxes, bands]).toEqual([[], []])
  })
})

describe("the region's own books", () => {
  const accounts = books.accounts.map(({ id, debitsMicro, creditsMicro }) => ({
    id,
    debitsMicro: `${debitsMicro}`,
    creditsMicro: `${creditsMicro}`,
    balanceMicro: `${creditsMicro - debitsMicro}`,
  }))
  const { transfers } = books.figures

  test('agree when every sum is the same', () => {
    expect(compareBooks(books, { accounts, transfers })).toEqual({ equal: accounts.length, different: [], transfers })
  })

  test('differ on an account with another sum, on one that is missing and on one too many', () => {
    const [first, second, ...rest] = accounts
    if (first === undefined || second === undefined) throw new Error('there are accounts')
    const extra = { id: 'submitter:nobody', debitsMicro: '0', creditsMicro: '1', balanceMicro: '1' }
    const idle = { id: 'submitter:idle', debitsMicro: '0', creditsMicro: '0', balanceMicro: '0' }
    const changed = { ...first, creditsMicro: `${BigInt(first.creditsMicro) + 1n}` }
    const found = compareBooks(books, { accounts: [changed, ...rest, extra, idle], transfers })
    expect(found?.different).toEqual([first.id, second.id, 'submitter:nobody'])
  })

  test('are not compared while one side is ahead', () => {
    expect(compareBooks(books, { accounts, transfers: transfers + 1 })).toBeNull()
  })
})
