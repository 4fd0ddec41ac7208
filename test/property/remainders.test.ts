/** Prices that divide into no whole micro-credits: over any number of payments nobody gains or loses more than one of them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Batch } from '../../coordinator/batch.ts'
import { type Escrow, emptyEscrow, fillEscrow } from '../../coordinator/ledger/escrow.ts'
import { type Cost, costOf, costOfReadings, takeShare } from '../../coordinator/ledger/holdback.ts'
import {
  DUST,
  escrowAccount,
  FEE,
  holdbackAccount,
  Ledger,
  submitterAccount,
  TREASURY,
} from '../../coordinator/ledger/ledger.ts'
import { createMemoryStore } from '../../coordinator/store/index.ts'
import { type DeviceId, type LogEntry, submitterName } from '../../protocol/index.ts'
import { replayTransfers } from '../support/replay-transfers.ts'
import { DEVICES } from '../support/rows.ts'

const NANO = 10n ** 9n
/** Parts of a micro-credit, in which every share is whole. */
const PARTS = NANO * 10_000n
const SUBMITTERS = ['ada', 'bob'].map(submitterName)
const END: LogEntry = { type: 'campaign-end', atMs: 1, campaign: 'aaaaaaaaaaaaaaaa' as never }

/** A job as a region pays for it, and what it comes to exactly. */
interface Business {
  readonly escrow: Escrow
  readonly feeBasisPoints: number
  regionMicro: bigint
  paidMicro: bigint
  roundedNano: bigint
  exactParts: bigint
  /** What is the region's of that. */
  feeParts: bigint
}

const many = fc.nat(4)
const step = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('begin' as const), who: many, fee: fc.constantFrom(0, 1, 333, 500, 5_000) }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('pay' as const),
      business: many,
      device: many,
      price: fc.oneof(
        fc.bigInt({ min: 0n, max: 3n * NANO }).map(nano => (fee: number) => costOf(nano, fee)),
        fc.bigInt({ min: 0n, max: 50_000n * NANO }).map(nano => (fee: number) => costOf(nano, fee)),
        fc.bigInt({ min: 0n, max: 60n }).map(micro => (fee: number) => costOfReadings(micro, fee)),
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end' as const), business: many }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
)

class World {
  readonly store = createMemoryStore({ sync: 'manual' })
  ledger = new Ledger([], 0)
  readonly open: Business[] = []
  /** What everybody is due exactly, in parts. */
  readonly dueParts = new Map<DeviceId, bigint>()
  feeParts = 0n
  ended = 0
  submitterParts = 0n
  private batch = new Batch()
  private count = 0

  constructor() {
    for (const name of SUBMITTERS) {
      const fund = { kind: 'fund', debit: TREASURY, credit: submitterAccount(name), amountMicro: 10n ** 15n } as const
      this.ledger.transfer({ ...fund, purpose: `fund/${name}/1` }, 1, this.batch)
    }
  }

  begin(who: number, feeBasisPoints: number): void {
    const submitter = SUBMITTERS[who % SUBMITTERS.length] as (typeof SUBMITTERS)[number]
    const subject = `job${this.count++}`
    const escrow = { account: escrowAccount(subject), subject, submitter }
    fillEscrow(this.ledger, escrow, 10n ** 9n, END, 1, this.batch)
    const sums = { regionMicro: 0n, paidMicro: 0n, roundedNano: 0n, exactParts: 0n, feeParts: 0n }
    this.open.push({ escrow, feeBasisPoints, ...sums })
  }

  pay(business: Business, device: DeviceId, cost: Cost): void {
    const amountMicro = takeShare(this.ledger, device, cost)
    const pay = { kind: 'pay', debit: business.escrow.account, credit: holdbackAccount(device), amountMicro } as const
    const status = this.ledger.transfer({ ...pay, purpose: `pay/${this.count++}` }, 1, this.batch)
    // Whatever is not free pays its device, or the log would not know of it.
    expect(status).toBe(cost.priceMicro === 0n ? 'nothing_to_move' : 'created')
    expect(amountMicro).toBeLessThanOrEqual(cost.priceMicro)
    business.paidMicro += amountMicro
    business.regionMicro += cost.priceMicro - amountMicro
    business.roundedNano += cost.roundedNano
    const exactParts = (cost.priceMicro * NANO - cost.roundedNano) * 10_000n
    business.exactParts += exactParts
    business.feeParts += exactParts - cost.deviceParts
    this.dueParts.set(device, (this.dueParts.get(device) ?? 0n) + cost.deviceParts)
  }

  end(business: Business): void {
    const { escrow, regionMicro, roundedNano, exactParts, feeParts } = business
    this.open.splice(this.open.indexOf(business), 1)
    const before = this.ledger.balanceMicro(submitterAccount(escrow.submitter))
    const feeBefore = this.ledger.turnoverMicro(FEE).creditsMicro
    const backMicro = roundedNano / NANO < regionMicro ? roundedNano / NANO : regionMicro
    emptyEscrow(this.ledger, escrow, regionMicro - backMicro, END, 1, this.batch)
    expect(this.ledger.balanceMicro(escrow.account)).toBe(0n)
    const shortMicro = this.ledger.remaindersMicro - this.ledger.balanceMicro(DUST)
    const tookFee = this.ledger.turnoverMicro(FEE).creditsMicro > feeBefore
    expect(shortMicro === 0n || (shortMicro > 0n && !tookFee)).toBe(true)
    const chargedParts = (10n ** 9n - (this.ledger.balanceMicro(submitterAccount(escrow.submitter)) - before)) * PARTS
    expect(chargedParts).toBeGreaterThanOrEqual(exactParts)
    // Only a job whose region's part does not reach pays a remainder that came due in it.
    if (backMicro === roundedNano / NANO) expect(chargedParts - exactParts).toBeLessThan(PARTS)
    this.submitterParts += chargedParts - exactParts
    this.feeParts += feeParts
    this.ended++
  }

  restart(): void {
    this.ledger.flush(this.batch)
    this.store.commit(this.batch.writes)
    this.batch = new Batch()
    this.ledger = new Ledger(this.store.accounts(), this.store.transferCount(), [], purpose =>
      this.store.transferFor(purpose),
    )
  }
}

describe('what does not divide into whole micro-credits', () => {
  it('[PAY-10.1] [PAY-10.2] [PAY-10.3] [PAY-10.4] costs nobody more than one, however often something is paid', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150, size: 'max' }), steps => {
        const world = new World()
        for (const move of steps) {
          if (move.do === 'begin') world.begin(move.who, move.fee)
          else if (move.do === 'restart') world.restart()
          else {
            const business = world.open[move.business % Math.max(1, world.open.length)]
            if (business === undefined) continue
            if (move.do === 'end') world.end(business)
            else
              world.pay(
                business,
                DEVICES[move.device % DEVICES.length] as DeviceId,
                move.price(business.feeBasisPoints),
              )
          }
        }
        for (const business of [...world.open]) world.end(business)
        world.restart()
        const { ledger } = world
        let remainderParts = 0n
        for (const [device, dueParts] of world.dueParts) {
          const owedParts = dueParts - ledger.balanceMicro(holdbackAccount(device)) * PARTS
          expect(owedParts >= 0n && owedParts < PARTS).toBe(true)
          remainderParts += owedParts
        }
        const dustMicro = ledger.balanceMicro(DUST)
        expect(dustMicro).toBeLessThanOrEqual((remainderParts + PARTS - 1n) / PARTS)
        // What the region has and owes is its exact fee, and what rounding up the price of each job as a whole has left.
        const regionParts = (ledger.balanceMicro(FEE) + dustMicro) * PARTS - remainderParts
        expect(regionParts).toBe(world.feeParts + world.submitterParts)
        expect(world.submitterParts).toBeGreaterThanOrEqual(0n)
        const sums = world.store.accounts().map(({ creditsMicro, debitsMicro }) => creditsMicro - debitsMicro)
        expect(sums.reduce((a, b) => a + b, 0n)).toBe(0n)
        const kept = world.store.accounts().map(row => ({ ...row, remainder: 0 }))
        expect(replayTransfers(world.store)).toEqual(kept)
      }),
      { numRuns: 200 },
    )
  })
})
