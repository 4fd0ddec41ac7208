import { expect, it, test } from 'vitest'
import { doubtfulUnits, rangesText } from '../../../../coordinator/jobs/suspect-units.ts'
import { UnitRanges } from '../../../../coordinator/jobs/unit-ranges.ts'
import {
  expectedWrongText,
  pairReasons,
  suspectText,
  wrongText,
} from '../../../../coordinator/jobs/verification-words.ts'
import { Pairs } from '../../../../coordinator/verification/index.ts'
import { type DeviceId, ownerName } from '../../../../protocol/index.ts'
import { type Behaviour, DepartmentWorld, honest, liar } from '../../../support/department-world.ts'
import { present } from '../../../support/present.ts'

const range = (units: number) => ({ kind: 'range', from: 0, to: units, chunk: 1 })

it('[VERIFY-5.3] a job says how many of its units are wrong on average, and takes it back with what it does again', () => {
  const world = new DepartmentWorld()
  let turned = false
  const turncoat: Behaviour = unit => (turned ? liar(unit) : honest(unit))
  const crowd = ['ann', 'bob', 'cat', 'dan'].map((owner): [string, Behaviour] => [owner, honest])
  const ids = world.join(...crowd, ['eve', turncoat])
  const eve = present(world.fleet.member(ids[4] as DeviceId))
  eve.row.checksPassed = 1_000
  const job = world.submit({ split: range(4_000), leaseUnitsMax: 4, budgetMicro: '1000000000' })
  const active = () => present(world.jobs.active(job.id))
  for (let i = 0; i < 40; i++) world.answer(eve.row.id)
  const solo = present(active().solo.get(eve.row.id))
  expect(solo.units.units).toBeGreaterThan(20)
  expect(solo.expectedWrongUnits).toBeCloseTo(solo.units.units * (1 - world.fleet.credibility(eve)), 6)
  expect(active().row.expectedWrongUnits).toBeGreaterThanOrEqual(solo.expectedWrongUnits)
  turned = true
  for (let round = 0; round < 20_000 && eve.row.standing === 'joined'; round++) {
    for (const id of ids) world.answer(id)
    world.advance(1)
  }
  expect(eve.row.standing).toBe('caught')
  expect(active().solo.has(eve.row.id)).toBe(false)
  world.run(job.id)
  const row = present(world.store.job(job.id))
  expect(row.state).toBe('done')
  // Every unit now rests on answers that reach theta.
  expect(row.expectedWrongUnits).toBeGreaterThan(0)
  expect(row.expectedWrongUnits / row.units).toBeLessThanOrEqual(0.001)
  expect(expectedWrongText(row)).toMatch(/^By what is known of the devices that answered, .* wrong on average\.$/)
})

it('[VERIFY-2.6] names the units of a finished job that rest on a device caught afterwards', () => {
  const world = new DepartmentWorld()
  const crowd = ['ann', 'bob', 'cat', 'dan', 'eve'].map((owner): [string, Behaviour] => [owner, honest])
  const ids = world.join(...crowd)
  for (const id of ids) present(world.fleet.member(id)).row.checksPassed = 1_000
  const job = world.submit({ split: range(300), leaseUnitsMax: 5 })
  world.run(job.id)
  const row = () => present(world.store.job(job.id))
  expect(row().state).toBe('done')
  const eve = present(world.fleet.member(ids[4] as DeviceId))
  const alone = world.store.acceptedRuns(job.id).filter(({ solo }) => solo === eve.row.id)
  expect(alone.length).toBeGreaterThan(0)
  expect(doubtfulUnits(world.store, world.fleet, row()).suspect.isEmpty).toBe(true)

  world.step((now, batch) => world.jobs.convict(eve, 'returned a wrong result elsewhere', now, batch))
  expect(world.effects.filter(({ kind }) => kind === 'distrusted')).toEqual([
    { kind: 'distrusted', device: eve.row.id },
  ])
  const suspect = doubtfulUnits(world.store, world.fleet, row()).suspect
  expect(suspect.units).toBe(alone.reduce((sum, { unitCount }) => sum + unitCount, 0))
  const expected = new UnitRanges()
  for (const { firstUnit, unitCount } of alone) expected.add(firstUnit, unitCount)
  expect([...suspect]).toEqual([...expected])
  expect(suspectText(suspect, false)).toContain(rangesText(suspect))
  // What the operator believes again is not in doubt.
  world.step((now, batch) => world.fleet.reinstate(eve, now.wallMs, batch))
  expect(doubtfulUnits(world.store, world.fleet, row()).suspect.isEmpty).toBe(true)
})

test('ranges are named one by one, and counted where they are too many', () => {
  const units = new UnitRanges()
  expect([rangesText(units), suspectText(units, false), wrongText(units)]).toEqual(['', null, null])
  units.add(3, 15)
  units.add(40, 1)
  expect(rangesText(units)).toBe('3-17, 40')
  expect(suspectText(units, false)).toContain('Units 3-17, 40 rest on the word of a device that has been caught.')
  expect(suspectText(units, true)).toContain('after jobs that pay for checks')
  expect(wrongText(units)).toContain('found the results of units 3-17, 40 to be wrong')
  for (let i = 0; i < 30; i++) units.add(100 + 2 * i, 1)
  expect(rangesText(units)).toMatch(/^3-17, 40, 100, .*, 134 and 12 more ranges$/)
})

test('[VERIFY-4.2] the operator reads whose agreement counts as one voice', () => {
  const pairs = new Pairs()
  const [ann, bob] = [ownerName('ann'), ownerName('bob')]
  expect(pairReasons(pairs, ann)).toEqual([])
  pairs.decided(ann, bob)
  pairs.wereWrong([ann, bob])
  expect(pairReasons(pairs, bob)).toEqual([
    'bob and ann gave the same wrong answer once, so their agreement counts as one voice. They decided 1 runs without anybody else, and others confirmed them 0 times.',
  ])
})
