import { describe, expect, it } from 'vitest'
import { Batch } from '../../../../coordinator/batch.ts'
import { RegionPolicy } from '../../../../coordinator/config.ts'
import type { Fleet, Member } from '../../../../coordinator/fleet/fleet.ts'
import {
  type Books,
  costOf,
  costOfReadings,
  payDevice,
  releaseHoldbacks,
} from '../../../../coordinator/ledger/holdback.ts'
import { availableAccount, escrowAccount, Ledger, TREASURY } from '../../../../coordinator/ledger/ledger.ts'
import { DEVICES, deviceRow, JOBS } from '../../../support/rows.ts'

const WINDOW_MS = 10_000
const NANO = 1_000_000_000n

/** Books of a few devices that count how often all of them are gone through. */
function setUp() {
  const members = DEVICES.map(id => ({ row: deviceRow(id) }) as Member)
  const seen = { passes: 0 }
  const all = () => {
    seen.passes++
    return members.values()
  }
  const fleet = { all, touch: () => {} } as unknown as Fleet
  const books: Books = { ledger: new Ledger([], 0), fleet, policy: RegionPolicy({ holdbackWindowMs: WINDOW_MS }) }
  const batch = new Batch()
  const escrow = escrowAccount(JOBS[0])
  const fund = { kind: 'fund', debit: TREASURY, credit: escrow, amountMicro: 1_000n, purpose: 'fund' } as const
  books.ledger.transfer(fund, 0, batch)
  const pay = (atMs: number) => {
    const basis = { kind: 'readings', readings: 1 } as const
    payDevice(books, members[0] as Member, { escrow, amountMicro: 10n, purpose: `pay/${atMs}`, basis }, atMs, batch)
  }
  const availableMicro = () => books.ledger.balanceMicro(availableAccount(DEVICES[0]))
  return { books, batch, seen, pay, availableMicro }
}

describe('releasing holdbacks', () => {
  it('goes through the devices once a window, and misses nothing', () => {
    const { books, batch, seen, pay, availableMicro } = setUp()
    pay(5_000)
    for (let atMs = 5_000; atMs < 60_000; atMs += 100) {
      if (atMs === 15_000) pay(atMs)
      releaseHoldbacks(books, atMs, batch)
      expect(availableMicro(), `at ${atMs}`).toBe(atMs < 20_000 ? 0n : atMs < 30_000 ? 10n : 20n)
    }
    expect(seen.passes).toBe(6)
  })

  it('goes through them at once after a start', () => {
    const { books, batch, seen } = setUp()
    releaseHoldbacks(books, 1, batch)
    releaseHoldbacks({ ...books, ledger: new Ledger([], 0) }, 2, batch)
    expect(seen.passes).toBe(2)
  })
})

describe('what an answer costs [PAY-10.1]', () => {
  it.each<[string, bigint, number, [priceMicro: bigint, roundedNano: bigint, deviceParts: bigint]]>([
    ['nothing', 0n, 500, [0n, 0n, 0n]],
    ['the least', 1n, 500, [1n, 0n, NANO * 10_000n]],
    ['a micro-credit, which is the device’s', NANO, 5_000, [1n, 0n, NANO * 10_000n]],
    ['a little more', NANO + 1n, 500, [2n, NANO - 1n, NANO * 10_000n]],
    ['less than two, where half of it is the fee', 2n * NANO - 1n, 5_000, [2n, 1n, NANO * 10_000n]],
    ['one and a half', (3n * NANO) / 2n, 500, [2n, NANO / 2n, 14_250n * NANO]],
    ['what is whole', 100n * NANO, 500, [100n, 0n, 950_000n * NANO]],
  ])('is %s', (_, nano, fee, [priceMicro, roundedNano, deviceParts]) => {
    expect(costOf(nano, fee)).toEqual({ priceMicro, roundedNano, deviceParts })
  })

  it('of readings is whole', () => {
    expect(costOfReadings(15n, 500)).toEqual({ priceMicro: 15n, roundedNano: 0n, deviceParts: 142_500n * NANO })
  })
})
