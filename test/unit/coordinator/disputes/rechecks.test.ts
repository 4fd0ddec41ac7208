import { describe, expect, it } from 'vitest'
import { doubtfulUnits, rangesText } from '../../../../coordinator/jobs/suspect-units.ts'
import { escrowAccount, FEE, SLASHED, submitterAccount } from '../../../../coordinator/ledger/ledger.ts'
import type { DisputeRow, LeaseRow } from '../../../../coordinator/store/index.ts'
import type { JobId } from '../../../../protocol/index.ts'
import {
  ALICE,
  type DepartmentWorld,
  honest,
  liar,
  silent,
  TIGHT,
  UNIT_MICRO,
} from '../../../support/department-world.ts'
import {
  ANSWERS,
  agreed,
  alice,
  alone,
  convict,
  crowd,
  expectBooks,
  fundOf,
  logOf,
  lookAgain,
  movedFor,
  ownDisputes,
  range,
  refused,
} from '../../../support/dispute-cases.ts'
import { present } from '../../../support/present.ts'

/** What a second look at a unit may cost, at its limit. */
const LOOK_MICRO = UNIT_MICRO * ANSWERS

const doubts = (world: DepartmentWorld, job: JobId) => {
  const { suspect, wrong } = doubtfulUnits(world.store, world.fleet, present(world.store.job(job)))
  return { suspect: rangesText(suspect), wrong: rangesText(wrong) }
}

const aboutLease = (world: DepartmentWorld, { id }: LeaseRow): DisputeRow =>
  present(ownDisputes(world).find(({ lease }) => lease === id))

describe('what devices agreed on that were all caught', () => {
  const looksAt = (world: DepartmentWorld, job: JobId) => ownDisputes(world).filter(dispute => dispute.job === job)

  it('[DISP-5.1] [DISP-5.3] [VERIFY-2.6] is looked at again, and what all were paid for wrong units goes back', () => {
    const { world, ring, job } = agreed(true)
    for (const device of ring) convict(world, device)
    expect(doubts(world, job)).toEqual({ suspect: '0-1', wrong: '' })
    const fund = fundOf(world)
    lookAgain(world)
    const [right, wrong] = looksAt(world, job) as [DisputeRow, DisputeRow]
    expect([right.state, wrong.state]).toEqual(['dismissed', 'upheld'])
    expect(wrong.detail).toContain('4 devices had been paid 0.0002 credits for it')
    const back = ring.map(device => [SLASHED, submitterAccount(ALICE), UNIT_MICRO, device])
    for (const [from, to, amountMicro, device] of back) {
      expect(movedFor(world, `award/${wrong.id}/refund/${device}`)).toEqual([[from, to, amountMicro]])
    }
    expect(fundOf(world)).toBe(fund + 4n * UNIT_MICRO)
    expect(doubts(world, job)).toEqual({ suspect: '', wrong: '0' })
    expectBooks(world, ...ownDisputes(world))
  })

  it('[DISP-5.1] is looked at once, after a restart too, and found to be right where it is', () => {
    const { world, ring, job } = agreed(false)
    for (const device of ring) convict(world, device)
    world.restart()
    world.connectAll()
    lookAgain(world)
    world.restart()
    world.connectAll()
    lookAgain(world)
    expect(looksAt(world, job).map(({ state }) => state)).toEqual(['dismissed', 'dismissed'])
    expectBooks(world, ...ownDisputes(world))
  })

  it('[DISP-5.1] [VERIFY-2.6] is in no doubt while one of them is in good standing', () => {
    const { world, ring, job } = agreed(true)
    for (const device of ring.slice(1)) convict(world, device)
    expect(doubts(world, job)).toEqual({ suspect: '', wrong: '' })
    lookAgain(world)
    expect(looksAt(world, job)).toEqual([])
    convict(world, present(ring[0]))
    lookAgain(world)
    expect(looksAt(world, job).map(({ state }) => state)).toEqual(['dismissed', 'upheld'])
  })

  it('[DISP-5.1] is looked at when its job is done, if they were caught while it ran', () => {
    const { world, ring } = agreed(false)
    for (const device of ring) present(world.devices.get(device)).behaviour = liar
    const job = world.submit({ split: range(3), leaseUnitsMax: 1, ...TIGHT })
    const isDecided = () => world.store.acceptedRuns(job.id).length > 0
    for (let round = 0; round < 20 && !isDecided(); round++) for (const id of ring) world.answer(id)
    const [run, ...more] = world.store.acceptedRuns(job.id)
    expect([run?.solo, more]).toEqual([null, []])
    for (const device of ring) convict(world, device)
    expect(doubts(world, job.id)).toEqual({ suspect: '', wrong: '' })
    lookAgain(world, 60)
    expect(world.store.job(job.id)?.state).toBe('done')
    expect(looksAt(world, job.id)).toMatchObject([{ state: 'upheld' }])
    expect(doubts(world, job.id)).toEqual({ suspect: '', wrong: `${run?.firstUnit}` })
    expectBooks(world, ...ownDisputes(world))
  })
})

describe('what a caught device has answered alone', () => {
  it('[DISP-5.1] [DISP-5.2] is looked at again by the region, one lease of a job after the other, out of what was taken from it', () => {
    const { world, device, job, leases, rest } = alone(false, crowd('abcde', silent))
    expect(leases.map(({ state, unitCount }) => [state, unitCount])).toEqual([
      ['accepted', 1],
      ['accepted', 1],
    ])
    world.advance(1)
    convict(world, device)
    expect(doubts(world, job)).toEqual({ suspect: '0-1', wrong: '' })
    const slashed = world.balanceMicro(SLASHED)
    const fee = world.balanceMicro(FEE)
    for (let round = 0; round < 4; round++) world.advance(200)
    const [first, ...more] = ownDisputes(world)
    expect(more).toEqual([])
    expect(first).toMatchObject({ account: SLASHED, depositMicro: 0n, state: 'open', job })
    expect(world.balanceMicro(escrowAccount(first?.id ?? ''))).toBe(LOOK_MICRO)
    expect(world.balanceMicro(SLASHED)).toBe(slashed - LOOK_MICRO)
    expect(world.balanceMicro(FEE)).toBe(fee)
    expect(world.audit().problems).toEqual([])
    for (const id of rest) present(world.devices.get(id)).behaviour = honest
    world.connectAll()
    lookAgain(world)
    expect(leases.map(lease => aboutLease(world, lease).state)).toEqual(['dismissed', 'dismissed'])
    expectBooks(world, ...ownDisputes(world))
  })

  it('[DISP-5.3] [VERIFY-2.6] is in doubt no more when others come to the same, which costs what they are paid', () => {
    const { world, device, job, leases } = alone(false)
    convict(world, device)
    const slashed = world.balanceMicro(SLASHED)
    const [fee, fund] = [world.balanceMicro(FEE), fundOf(world)]
    lookAgain(world)
    for (const lease of leases) {
      expect(aboutLease(world, lease)).toMatchObject({ state: 'dismissed' })
      expect(aboutLease(world, lease).detail).toContain('came to what was accepted')
    }
    // Four owners answer the first unit at 100, then three suffice; half of it is the region's fee.
    const [second, first] = ownDisputes(world).map(({ id }) => id) as [string, string]
    expect(movedFor(world, `award/${first}/rest`)).toEqual([[escrowAccount(first), SLASHED, LOOK_MICRO - 400n]])
    expect(movedFor(world, `award/${second}/rest`)).toEqual([[escrowAccount(second), SLASHED, LOOK_MICRO - 300n]])
    expect(world.balanceMicro(SLASHED)).toBe(slashed - 700n)
    expect(world.balanceMicro(FEE)).toBe(fee + 350n)
    expect(fundOf(world)).toBe(fund)
    expect(doubts(world, job)).toEqual({ suspect: '', wrong: '' })
    expect(world.fleet.member(device)?.row.standing).toBe('caught')
    expectBooks(world, ...ownDisputes(world))
  })

  it('[DISP-5.3] is told to be wrong when others come to something else, and its price goes back', () => {
    const { world, device, job, leases } = alone(true)
    convict(world, device)
    const fund = fundOf(world)
    world.effects.length = 0
    lookAgain(world)
    const [wrong, right] = leases.map(lease => aboutLease(world, lease)) as [DisputeRow, DisputeRow]
    expect([wrong.state, right.state]).toEqual(['upheld', 'dismissed'])
    expect(wrong.detail).toContain('the accepted result of 1 unit is wrong')
    expect(wrong.detail).toContain('0.0001 credits of that went back to alice')
    expect(movedFor(world, `award/${wrong.id}/refund`)).toEqual([[SLASHED, submitterAccount(ALICE), 100n]])
    expect(fundOf(world)).toBe(fund + 100n)
    expect(doubts(world, job)).toEqual({ suspect: '', wrong: '0' })
    const told = world.effects.filter(({ kind }) => kind === 'job-changed')
    expect(told).toEqual([1, 2].map(() => ({ kind: 'job-changed', submitter: ALICE, job, what: 'status' })))
    expectBooks(world, wrong, right)
  })

  it('[DISP-5.1] is found again after a restart, and never looked at twice', () => {
    const { world, device, leases } = alone(true)
    convict(world, device)
    for (let round = 0; round < 120; round++) {
      for (const id of [...world.devices.keys()]) world.answer(id)
      if (round % 3 === 0) {
        world.restart()
        world.connectAll()
      }
      world.advance(100)
    }
    expect(ownDisputes(world)).toHaveLength(2)
    expect(aboutLease(world, leases[0]).state).toBe('upheld')
    expect(aboutLease(world, leases[1]).state).toBe('dismissed')
    expect(logOf(world).filter(({ type }) => type === 'dispute')).toHaveLength(2)
    expectBooks(world, ...ownDisputes(world))
  })

  it('[DISP-1.4] [DISP-5.1] is left alone where a person has disputed it, and a person is told what the region found', () => {
    const { world, device, leases } = alone(true)
    expect(world.dispute.lease(alice, leases[0].id, 'wrong').ok).toBe(true)
    lookAgain(world)
    expect(world.fleet.member(device)?.row.standing).toBe('caught')
    expect(ownDisputes(world).map(({ lease, state }) => [lease, state])).toEqual([[leases[1].id, 'dismissed']])
    expect(refused(world, alice, leases[1].id)).toMatchObject({ code: 'not_disputable' })
    expectBooks(world, ...world.store.disputes())
  })

  it('[DISP-5.1] is not looked at when it was decided longer ago than a holdback window, nor by too few owners', () => {
    const late = alone(true, crowd('abcde', honest), { holdbackWindowMs: 60_000 })
    late.world.advance(60_001)
    convict(late.world, late.device)
    lookAgain(late.world)
    expect(ownDisputes(late.world)).toEqual([])
    const few = alone(true, crowd('a', honest))
    convict(few.world, few.device)
    lookAgain(few.world)
    expect(ownDisputes(few.world)).toEqual([])
    expect(doubts(few.world, few.job).suspect).toBe('0-1')
  })

  it('[DISP-5.2] is not looked at for more than the region allows in an epoch, or has', () => {
    const never = alone(true, crowd('abcde', honest), { recheckMicroMax: 0n })
    convict(never.world, never.device)
    lookAgain(never.world)
    expect(ownDisputes(never.world)).toEqual([])

    // The first costs 400 of them, so the second, which may cost 500, has to wait for the next epoch.
    const epochMs = 60_000
    const once = alone(true, crowd('abcde', honest), { recheckMicroMax: LOOK_MICRO + 399n, epochMs })
    convict(once.world, once.device)
    lookAgain(once.world)
    expect(ownDisputes(once.world)).toHaveLength(1)
    once.world.restart()
    once.world.connectAll()
    lookAgain(once.world)
    expect(ownDisputes(once.world)).toHaveLength(1)
    once.world.advance(epochMs)
    lookAgain(once.world)
    expect(ownDisputes(once.world)).toHaveLength(2)
    expectBooks(once.world, ...ownDisputes(once.world))

    // All that was ever paid is three units, and a second look may cost five.
    const poor = alone(true, crowd('abcde', honest), {}, 1)
    convict(poor.world, poor.device)
    expect(poor.world.balanceMicro(SLASHED) + poor.world.balanceMicro(FEE)).toBe(3n * UNIT_MICRO)
    lookAgain(poor.world)
    expect(ownDisputes(poor.world)).toEqual([])
  })

  it('[DISP-5.4] ends undecided when its device is reinstated, and what was set aside goes back', () => {
    const { world, device } = alone(true, crowd('abcde', silent))
    convict(world, device)
    const slashed = world.balanceMicro(SLASHED)
    for (let round = 0; round < 4; round++) world.advance(200)
    expect(ownDisputes(world)).toHaveLength(1)
    world.step((now, batch) => world.fleet.reinstate(present(world.fleet.member(device)), now.wallMs, batch))
    world.restart()
    world.advance(200)
    expect(ownDisputes(world)[0]).toMatchObject({ state: 'undecided' })
    expect(world.balanceMicro(SLASHED)).toBe(slashed)
    expectBooks(world, ...ownDisputes(world))
  })
})
