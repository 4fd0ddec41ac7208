import { describe, expect, it } from 'vitest'
import { holdbackAccount } from '../../../../coordinator/ledger/ledger.ts'
import type { DeviceId, Random } from '../../../../protocol/index.ts'
import { type Behaviour, DepartmentWorld, honest, liar, UNIT_MICRO } from '../../../support/department-world.ts'
import { expectPromisesKept, expectSettled } from '../../../support/money.ts'
import { present } from '../../../support/present.ts'

const range = (units: number) => ({ kind: 'range', from: 0, to: units, chunk: 1 })
const SINGLE = { split: range(60), leaseUnitsMax: 1 }

/** Every draw comes out, so every lease is checked and whoever can be tried with a known answer is. */
const ALWAYS = (random: Random): Random => ({ bytes: count => random.bytes(count), uniform: () => 0 })

/** A region of two proven devices that have decided some units of a job alone, and of others that come now. */
function knowing(
  proven: readonly [string, Behaviour][],
  others: readonly [string, Behaviour][],
  budgetMicro = 10n ** 8n,
) {
  const world = new DepartmentWorld()
  const ids = world.join(...proven, ...others)
  for (const id of ids.slice(0, proven.length)) present(world.fleet.member(id)).row.checksPassed = 1_000
  Object.assign(world.desk, { random: ALWAYS(world.random) })
  for (const id of ids.slice(proven.length)) world.disconnect(id)
  const job = world.submit({ ...SINGLE, budgetMicro: `${budgetMicro}` })
  for (let i = 0; i < 8; i++) for (const id of ids.slice(0, proven.length)) world.answer(id)
  for (const id of ids.slice(proven.length)) world.connect(id)
  return { world, job, ids, active: () => present(world.jobs.active(job.id)) }
}

const placed = (world: DepartmentWorld, device: DeviceId) =>
  world.store.leasesOfDevice(device, 1_000).filter(({ placement }) => placement.startsWith('known '))

describe('a device whose word does not suffice', () => {
  it('[VERIFY-3.1] [VERIFY-3.2] is tried with what others agreed on, and paid like a replica when it is right', () => {
    const { world, job, ids, active } = knowing(
      [
        ['ann', honest],
        ['bob', honest],
      ],
      [['eve', honest]],
    )
    const eve = ids[2] as DeviceId
    expect(active().known.length).toBeGreaterThan(0)
    for (let i = 0; i < 12; i++) {
      world.answer(eve)
      expectPromisesKept(world)
    }
    const tried = placed(world, eve)
    expect(tried.length).toBeGreaterThan(0)
    const back = tried.filter(({ state }) => state === 'accepted')
    expect(back.length).toBeGreaterThan(0)
    for (const { id, firstUnit } of back) {
      expect(world.store.transferFor(`pay/${job.id}/${id}/${firstUnit}+1`)).toMatchObject({ amountMicro: 95n })
    }
    expect(world.fleet.member(eve)?.row.checksPassed).toBeGreaterThanOrEqual(back.length)
    world.run(job.id)
    const row = world.store.job(job.id)
    expect(row?.state).toBe('done')
    // Each unit once, and every further answer to one, known or not, as a replica.
    expect((row?.paidMicro ?? 0n) + (row?.feeMicro ?? 0n) - (row?.replicaMicro ?? 0n)).toBe(60n * UNIT_MICRO)
    expectSettled(world, job.id)
    expect(world.audit()).toMatchObject({ ok: true, problems: [] })
  })

  it('[VERIFY-3.1] is not tried twice with the same units, nor with what its own owner said', () => {
    const { world, job, ids } = knowing(
      [
        ['ann', honest],
        ['bob', honest],
      ],
      [['eve', honest]],
    )
    world.run(job.id)
    for (const id of ids) {
      const units = world.store.leasesOfDevice(id, 1_000).map(({ firstUnit }) => firstUnit)
      expect(new Set(units).size).toBe(units.length)
    }
  })

  it('[VERIFY-3.2] is caught for a wrong answer only once enough others have said what was known', () => {
    const crowd = ['cat', 'dan', 'fay', 'gus'].map((owner): [string, Behaviour] => [owner, honest])
    const { world, ids } = knowing(
      [
        ['ann', honest],
        ['bob', honest],
      ],
      [['eve', liar], ...crowd],
    )
    const eve = ids[2] as DeviceId
    while (placed(world, eve).every(({ state }) => state === 'out')) expect(world.answer(eve)).toBe(true)
    expect(world.fleet.member(eve)?.row.standing).toBe('joined')
    const known = present([...world.jobs.allActive()][0]).known.find(({ against }) => against.length > 0)
    expect(known?.voices).toBe(1)
    for (let i = 0; i < 20 && world.fleet.member(eve)?.row.standing === 'joined'; i++) {
      for (const id of ids.slice(3)) world.answer(id)
      expectPromisesKept(world)
    }
    expect(world.fleet.member(eve)?.row).toMatchObject({ standing: 'caught' })
    expect(world.balanceMicro(holdbackAccount(eve))).toBe(0n)
    expect(ids.filter(id => world.fleet.member(id)?.row.standing === 'caught')).toEqual([eve])
    expect(world.audit()).toMatchObject({ ok: true, problems: [] })
  })

  it('[VERIFY-3.2] is not caught when what was known is wrong, however proven those were who agreed on it', () => {
    const crowd = ['cat', 'dan', 'fay', 'gus', 'hal'].map((owner): [string, Behaviour] => [owner, honest])
    const { world, job, ids, active } = knowing(
      [
        ['ann', liar],
        ['bob', liar],
      ],
      crowd,
    )
    expect(active().known.length).toBeGreaterThan(0)
    const before = active().row.expectedWrongUnits
    let most = 0
    for (let i = 0; i < 30 && world.jobs.active(job.id); i++) {
      for (const id of ids.slice(2)) world.answer(id)
      most = Math.max(most, world.jobs.active(job.id)?.row.expectedWrongUnits ?? 0)
    }
    for (const id of ids.slice(2)) expect(world.fleet.member(id)?.row.standing).toBe('joined')
    expect(most).toBeGreaterThan(before + 0.4)
  })
})

it('[VERIFY-3.3] nobody is tried with money that units may need which are not decided yet', () => {
  // Less than four answers at their limit to each unit that is open; what units really burn is far less.
  const { world, ids, active } = knowing(
    [
      ['ann', honest],
      ['bob', honest],
    ],
    [['eve', honest]],
    45n * 4n * 10_000n,
  )
  const eve = ids[2] as DeviceId
  expect(active().known.length).toBeGreaterThan(0)
  world.answer(eve)
  expect(placed(world, eve)).toEqual([])
})

it('[VERIFY-3.2] a restart forgets nothing that a device is being tried with', () => {
  const { world, job, ids } = knowing(
    [
      ['ann', honest],
      ['bob', honest],
    ],
    [['eve', honest]],
  )
  const eve = ids[2] as DeviceId
  for (let i = 0; i < 12 && !placed(world, eve).some(({ state }) => state === 'out'); i++) world.answer(eve)
  const out = placed(world, eve).filter(({ state }) => state === 'out')
  expect(out.length).toBeGreaterThan(0)
  world.restart()
  world.connectAll()
  expectPromisesKept(world)
  for (let i = 0; i < 10; i++) world.answer(eve)
  const states = placed(world, eve).filter(({ id }) => out.some(lease => lease.id === id))
  expect(states.map(({ state }) => state)).toEqual(out.map(() => 'accepted'))
  world.run(job.id)
  expectSettled(world, job.id)
  expect(world.audit()).toMatchObject({ ok: true, problems: [] })
})
