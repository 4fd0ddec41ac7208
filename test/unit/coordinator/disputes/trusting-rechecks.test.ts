import { describe, expect, it } from 'vitest'
import type { RegionPolicy } from '../../../../coordinator/config.ts'
import { doubtfulUnits, rangesText } from '../../../../coordinator/jobs/suspect-units.ts'
import { FEE, SLASHED, submitterAccount } from '../../../../coordinator/ledger/ledger.ts'
import type { LeaseRow } from '../../../../coordinator/store/index.ts'
import { type DeviceId, type JobId, toBase64, utf8 } from '../../../../protocol/index.ts'
import {
  ALICE,
  type Behaviour,
  DepartmentWorld,
  honest,
  liar,
  TIGHT,
  UNIT_FUEL,
  UNIT_MICRO,
} from '../../../support/department-world.ts'
import {
  ANSWERS,
  convict,
  crowd,
  expectBooks,
  lookAgain,
  movedFor,
  ownDisputes,
  range,
} from '../../../support/dispute-cases.ts'
import { present } from '../../../support/present.ts'

const UNITS = 6
/** What a second look at a unit may cost. */
const LOOK_MICRO = UNIT_MICRO * ANSWERS
const liesOn =
  (...units: number[]): Behaviour =>
  unit =>
    units.includes(unit) ? liar(unit) : honest(unit)

/** A device that has earned something, and its word alone in a job that trusts it. */
function trusting(first: Behaviour, policy: Partial<RegionPolicy> = {}, earned = 200) {
  const world = new DepartmentWorld({ policy: { feeBasisPoints: 5_000, ...policy } })
  const [device] = world.join(['eve', first]) as [DeviceId]
  // At its limit of fuel a second look at a lease of these costs more than the device can lose.
  const before = world.submit({ split: range(earned), verify: 'trust', leaseUnitsMax: 10 })
  world.run(before.id)
  const submit = (leaseUnitsMax = UNITS) =>
    world.submit({ split: range(UNITS), verify: 'trust', leaseUnitsMax, ...TIGHT })
  return { world, device, submit, others: () => world.join(...crowd('abcde', honest)) }
}

function doubts(world: DepartmentWorld, job: JobId) {
  const { suspect, wrong, right } = doubtfulUnits(world.store, world.fleet, present(world.store.job(job)))
  return { suspect: rangesText(suspect), wrong: rangesText(wrong), right }
}

const about = (world: DepartmentWorld, job: JobId) => ownDisputes(world).filter(row => row.job === job)

describe('what a caught device has answered for whoever trusts anybody', () => {
  it('[DISP-5.6] [DISP-3.6] is looked at again, and exactly the wrong units are named with what is right', () => {
    const { world, device, submit, others } = trusting(liesOn(1, 4))
    const job = submit(3)
    world.run(job.id)
    const [whole] = world.store.acceptedRuns(job.id)
    expect(whole).toMatchObject({ firstUnit: 0, unitCount: 3, solo: device })
    others()
    convict(world, device)
    expect(doubts(world, job.id)).toEqual({ suspect: '0-5', wrong: '', right: [] })
    lookAgain(world)
    const disputes = about(world, job.id)
    expect(new Set(disputes.map(({ account }) => account))).toEqual(new Set([SLASHED]))
    const upheld = disputes.filter(({ state }) => state === 'upheld').map(({ detail }) => detail)
    expect(upheld).toHaveLength(2)
    for (const detail of upheld) expect(detail).toContain('the accepted result of 1 unit is wrong')
    expect(upheld.map(detail => /Wrong is unit \d/.exec(detail)?.[0]).sort()).toEqual([
      'Wrong is unit 1',
      'Wrong is unit 4',
    ])
    const told = doubts(world, job.id)
    expect(told).toMatchObject({ suspect: '', wrong: '1, 4' })
    expect(told.right.map(({ unit, outcome, fuel, base64 }) => [unit, outcome, fuel, base64])).toEqual(
      [1, 4].map(unit => [unit, 'ok', UNIT_FUEL, toBase64(utf8(`${unit * 3}`))]),
    )
    // A run is paid as one, so the price of three units goes back for each, the fee included.
    const refunds = disputes.flatMap(({ id }) => movedFor(world, `award/${id}/refund`))
    expect(refunds.sort()).toEqual([300n, 300n].map(micro => [SLASHED, submitterAccount(ALICE), micro]))
    expectBooks(world, ...ownDisputes(world))
    world.restart()
    expect(doubts(world, job.id)).toEqual(told)
  })

  it('[DISP-5.6] is in doubt no more when others come to the same', () => {
    const { world, device, submit, others } = trusting(honest)
    const job = submit()
    world.run(job.id)
    others()
    convict(world, device)
    lookAgain(world)
    expect(new Set(about(world, job.id).map(({ state }) => state))).toEqual(new Set(['dismissed']))
    expect(doubts(world, job.id)).toEqual({ suspect: '', wrong: '', right: [] })
    expectBooks(world, ...ownDisputes(world))
  })

  it('[DISP-5.6] [VERIFY-2.6] is named while its job runs, stays, and is looked at when the job is done', () => {
    const { world, device, others } = trusting(liesOn(0))
    const job = world.submit({ split: range(4), verify: 'trust', leaseUnitsMax: 1, ...TIGHT })
    world.answer(device)
    expect(world.store.acceptedRuns(job.id)).toHaveLength(1)
    others()
    convict(world, device)
    expect(world.store.job(job.id)?.state).toBe('running')
    expect(doubts(world, job.id)).toMatchObject({ suspect: '0', wrong: '' })
    // Jobs that are done have been looked through by now.
    for (let round = 0; round < 4; round++) world.advance(200)
    expect(world.store.job(job.id)?.state).toBe('running')
    world.run(job.id)
    expect(doubts(world, job.id)).toMatchObject({ suspect: '0' })
    lookAgain(world)
    expect(about(world, job.id)).toMatchObject([{ state: 'upheld' }])
    expect(doubts(world, job.id)).toMatchObject({ suspect: '', wrong: '0' })
    expectBooks(world, ...ownDisputes(world))
  })

  it('[DISP-5.6] comes after what jobs with checks wait for, and leaves half of what the region allows', () => {
    const policy = { recheckMicroMax: 2n * LOOK_MICRO }
    const { world, device, submit, others } = trusting(honest, policy)
    present(world.fleet.member(device)).row.checksPassed = 1_000
    const checked = world.submit({ split: range(1), leaseUnitsMax: 1, ...TIGHT })
    world.run(checked.id)
    const [lease] = world.store.leasesOfJob(checked.id, 1) as [LeaseRow]
    expect(world.store.acceptedRun(checked.id, 0)?.solo).toBe(device)
    // Newer than the one with checks.
    const job = submit(1)
    world.run(job.id)
    others()
    convict(world, device)
    lookAgain(world)
    // The look at the unit with checks has cost something, so less than half and a look more is left.
    expect(ownDisputes(world).map(row => row.lease)).toEqual([lease.id])
    expect(doubts(world, job.id).suspect).toBe('0-5')
    expectBooks(world, ...ownDisputes(world))

    const other = trusting(honest, policy)
    const alone = other.submit(1)
    other.world.run(alone.id)
    other.others()
    convict(other.world, other.device)
    lookAgain(other.world)
    expect(about(other.world, alone.id)).toHaveLength(1)
    expectBooks(other.world, ...ownDisputes(other.world))
  })

  it("[DISP-5.6] is paid for out of what caught devices lost, never of the region's fees", () => {
    // Ten units earn 500, and the region as much: at its worst one second look takes all that the device loses.
    const { world, device, submit, others } = trusting(liesOn(1), {}, 4)
    const job = submit(1)
    world.run(job.id)
    others()
    convict(world, device)
    expect([world.balanceMicro(SLASHED), world.balanceMicro(FEE)]).toEqual([LOOK_MICRO, LOOK_MICRO])
    lookAgain(world)
    expect(about(world, job.id)).toHaveLength(1)
    expect(world.balanceMicro(SLASHED)).toBeLessThan(LOOK_MICRO)
    expect(movedFor(world, `award/${about(world, job.id)[0]?.id}/fund`)).toMatchObject([[SLASHED, {}, LOOK_MICRO]])
    expectBooks(world, ...ownDisputes(world))
  })

  it('[DISP-5.6] [DISP-5.1] is found again after a restart, and never looked at twice', () => {
    const { world, device, submit, others } = trusting(liesOn(2))
    const job = submit(1)
    world.run(job.id)
    others()
    convict(world, device)
    for (let round = 0; round < 200; round++) {
      for (const id of [...world.devices.keys()]) world.answer(id)
      if (round % 3 === 0) {
        world.restart()
        world.connectAll()
      }
      world.advance(100)
    }
    expect(about(world, job.id)).toHaveLength(UNITS)
    expect(doubts(world, job.id)).toMatchObject({ suspect: '', wrong: '2' })
    expectBooks(world, ...ownDisputes(world))
  })
})
