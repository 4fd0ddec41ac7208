import { describe, expect, it } from 'vitest'
import { explainPayment, paidRun } from '../../../../coordinator/admin/explain-payment.ts'
import type { TransferKind, TransferRow } from '../../../../coordinator/store/index.ts'
import type { JobId } from '../../../../protocol/index.ts'
import { DepartmentWorld, honest } from '../../../support/department-world.ts'

/** A region in which one job of ten units has been done by one device. */
function setUp() {
  const world = new DepartmentWorld({ policy: { gigafuelPriceMicro: 12_345n } })
  world.join(['ann', honest])
  const job = world.submit({ split: { kind: 'range', from: 0, to: 10, chunk: 1 }, verify: 'trust', leaseUnitsMax: 3 })
  world.run(job.id)
  const transfers = [...world.store.transfers()]
  const of = (kind: TransferKind) => transfers.find(transfer => transfer.kind === kind) as TransferRow
  const explain = (transfer: TransferRow) =>
    explainPayment(
      transfer,
      paidRun(transfer, world.store, id => world.store.job(id)),
    )
  return { world, id: job.id, of, explain }
}

describe('a payment to a device', () => {
  it('is explained by the fuel of its run and the price it was taken for', () => {
    const { id, of, explain } = setUp()
    const pay = of('pay')
    const [, , lease] = pay.purpose.split('/')
    // A unit of 10 000 000 fuel costs 123.45, so 124, and the device gets that less 5 %: 117 now, and 0.8 later.
    expect(explain(pay)).toEqual({
      summary: expect.stringMatching(
        new RegExp(`^0\\.000117 credits went from escrow:${id} to holdback:[a-z2-7]{26}\\.$`),
      ),
      reasons: [
        `Lease ${lease} of job ${id} answered unit 0 rightly. The amount is the price of the fuel less the region's fee; what of that is no whole micro-credit is carried to the device's next payment.`,
        "That burned 10000000 fuel, which at 0.012345 credits for 10^9 costs 0.000124 credits, rounded up; the region's fee is part of it.",
      ],
      facts: expect.objectContaining({ fuel: 10_000_000, gigafuelPriceMicro: '12345', amountMicro: '117' }),
    })
  })

  it.each([
    ['whose units were done again', 'The device was caught later, and the units were done again by others.'],
    [
      'whose units were decided in other pieces since',
      'The device was caught later, and the units were done again by others.',
    ],
  ])('%s says so', (what, sentence) => {
    const { world, id, of, explain } = setUp()
    world.store.commit([{ table: 'accepted-delete', job: id, firstUnit: 0, unitCount: 10 }])
    if (what.includes('pieces')) {
      const run = {
        job: id,
        firstUnit: 0,
        unitCount: 10,
        digest: new Uint8Array(32),
        outputs: null,
        solo: null,
        fuel: 1,
      }
      world.store.commit([{ table: 'accepted', row: run }])
    }
    const { reasons, facts } = explain(of('pay'))
    expect(reasons[1]).toBe(sentence)
    expect(facts).not.toHaveProperty('fuel')
  })

  it('of before work was metered is not reckoned again', () => {
    const { world, id, of } = setUp()
    const row = world.store.job(id)
    const run = paidRun(of('pay'), world.store, () => row && { ...row, gigafuelPriceMicro: 0n })
    expect(explainPayment(of('pay'), run).reasons[1]).toContain('before work was metered')
    expect(paidRun(of('pay'), world.store, () => null)).toBeNull()
  })
})

describe('any other transfer', () => {
  it.each<[TransferKind, (id: JobId) => string]>([
    ['fund', () => 'The region issued credits to the submitter alice.'],
    ['escrow', id => `The budget of ${id}, a job or a campaign, was set aside when it was accepted.`],
    ['fee', id => `The region's fee on everything that ${id}, a job or a campaign, paid.`],
    ['refund', id => `What ${id}, a job or a campaign, did not need of its budget.`],
  ])('%s has one reason and no fuel', (kind, reason) => {
    const { id, of, explain } = setUp()
    const { reasons, facts } = explain(of(kind))
    expect(reasons).toEqual([reason(id)])
    expect(facts).not.toHaveProperty('gigafuelPriceMicro')
  })
})
