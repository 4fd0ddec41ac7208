import { describe, expect, it } from 'vitest'
import { availableAccount, escrowAccount, holdbackAccount } from '../../../../coordinator/ledger/ledger.ts'
import type { DisputeRow, LeaseRow } from '../../../../coordinator/store/index.ts'
import type { DeviceId } from '../../../../protocol/index.ts'
import { DepartmentWorld, honest, liar, silent } from '../../../support/department-world.ts'
import {
  alice,
  asked,
  crowd,
  endOf,
  expectBooks,
  fundOf,
  logOf,
  movedFor,
  opened,
  range,
  trusted,
} from '../../../support/dispute-cases.ts'

describe('a second look', () => {
  it('[DISP-2.1] asks nobody whose owner has answered these units, and wants two answers however proven a device is', () => {
    const { world, device, job, lease, rest } = trusted(honest, [['first', honest], ...crowd('abcde', honest)])
    for (const id of rest) {
      const member = world.fleet.member(id)
      if (member) member.row.checksPassed = 1_000
    }
    const row = opened(world, alice, lease.id)
    world.decide()
    const asked = world.store.leasesOfJob(job, 100).filter(({ id }) => id > lease.id)
    expect(asked.length).toBe(2)
    const owners = asked.map(({ device }) => world.fleet.member(device)?.row.owner)
    expect(owners).not.toContain('first')
    expect(new Set(owners).size).toBe(owners.length)
    expect(asked.map(({ device }) => device)).not.toContain(device)
    expect(endOf(world, row).state).toBe('dismissed')
    expectBooks(world, row)
  })

  it('[DISP-2.2] leaves the job and its accepted results as they are', () => {
    const { world, job, lease } = trusted(liar)
    const before = [world.store.job(job), world.store.acceptedRuns(job), [...world.store.acceptedOutputs(job)]]
    const row = opened(world, alice, lease.id)
    world.decide()
    expect(endOf(world, row).state).toBe('upheld')
    expect([world.store.job(job), world.store.acceptedRuns(job), [...world.store.acceptedOutputs(job)]]).toEqual(before)
    expect(world.jobs.active(job)).toBeUndefined()
    expect(world.jobs.preparedOf(job)).toBeNull()
  })

  it('[DISP-2.2] waits until the job is over', () => {
    const world = new DepartmentWorld()
    const [eve] = world.join(['eve', liar]) as [DeviceId]
    const job = world.submit({ split: range(60), verify: 'trust', leaseUnitsMax: 1 })
    world.answer(eve)
    world.join(...crowd('abcde', honest))
    const lease = world.store.leasesOfJob(job.id, 100).find(({ state }) => state === 'accepted') as LeaseRow
    const row = opened(world, alice, lease.id)
    expect(world.disputes.stageOf(row.id)).toBe('waits_for_job')
    expect(world.effects.some(({ kind }) => kind === 'retry')).toBe(false)
    world.run(job.id)
    expect(world.store.job(job.id)?.state).toBe('done')
    world.decide()
    expect(endOf(world, row).state).toBe('upheld')
    expectBooks(world, row)
  })

  it('[DISP-2.2] is taken at one part of a job after the other', () => {
    const world = new DepartmentWorld()
    world.join(['eve', liar])
    const job = world.submit({ split: range(3), verify: 'trust', leaseUnitsMax: 1 })
    world.run(job.id)
    const rest = world.join(...crowd('abcde', honest))
    const leases = world.store.leasesOfJob(job.id, 10)
    const rows = leases.slice(0, 2).map(({ id }) => opened(world, alice, id))
    expect(rows.map(({ id }) => world.disputes.stageOf(id))).toEqual(['second_look', 'waits_for_dispute'])
    const out = world.store.openLeases(job.id)
    expect(new Set(out.map(({ firstUnit }) => firstUnit))).toEqual(new Set([rows[0] && leases[0]?.firstUnit]))
    for (const id of rest) world.answer(id)
    world.advance(1)
    expect(endOf(world, rows[0] as DisputeRow).state).toBe('upheld')
    world.decide()
    // Its device has been caught by then, so there is nothing left to take from it.
    expect(endOf(world, rows[1] as DisputeRow)).toMatchObject({ state: 'undecided' })
    expectBooks(world, ...rows)
  })

  it('[DISP-2.3] catches whoever lies in it, and pays those who agreed', () => {
    const { world, job, lease, rest } = trusted(honest, [['eve', liar], ...crowd('abcdef', honest)])
    const row = opened(world, alice, lease.id)
    world.decide()
    expect(endOf(world, row).state).toBe('dismissed')
    expect(world.fleet.member(rest[0] as DeviceId)?.row.standing).toBe('caught')
    const paid = movedFor(world, 'pay/').filter(([debit]) => debit === escrowAccount(row.id))
    expect(paid.map(([, credit]) => credit)).not.toContain(holdbackAccount(rest[0] as DeviceId))
    expect(paid.length).toBeGreaterThanOrEqual(4)
    for (const { device, state, id } of world.store.leasesOfJob(job, 100)) {
      if (id > lease.id && device !== rest[0]) expect(['accepted', 'cancelled']).toContain(state)
    }
    expectBooks(world, row)
  })

  it('[DISP-2.4] counts the answers again that it had when the coordinator ended, and lets go of leases that were out', () => {
    const { world, job, lease, rest } = trusted(liar, crowd('abcdef', honest))
    const row = opened(world, alice, lease.id)
    const first = asked(world, rest).slice(0, 2)
    for (const id of first) expect(world.answer(id)).toBe(true)
    const returned = world.store.openLeases(job).filter(({ state }) => state === 'returned')
    expect(returned).toHaveLength(2)
    world.restart()
    world.advance(1)
    const kept = world.store.openLeases(job).filter(({ state }) => state === 'returned')
    expect(kept.map(({ id }) => id)).toEqual(returned.map(({ id }) => id))
    world.connectAll()
    world.decide()
    expect(endOf(world, row).state).toBe('upheld')
    const paid = movedFor(world, 'pay/').filter(([debit]) => debit === escrowAccount(row.id))
    expect(paid).toHaveLength(4)
    for (const id of first) expect(paid.map(([, credit]) => credit)).toContain(holdbackAccount(id))
    expectBooks(world, row)
  })

  it('[DISP-2.4] is decided at once when every answer was in', () => {
    const { world, lease, rest } = trusted(liar, crowd('abcd', honest))
    const row = opened(world, alice, lease.id)
    for (const id of rest) world.answer(id)
    expect(endOf(world, row).state).toBe('open')
    world.restart()
    world.advance(1)
    expect(endOf(world, row).state).toBe('upheld')
    expectBooks(world, row)
  })

  it('[DISP-3.5] comes to nothing when too few other owners come in a window, and everything goes back', () => {
    const { world, device, job, lease } = trusted(liar, crowd('ab', honest))
    const before = fundOf(world)
    const held = world.balanceMicro(holdbackAccount(device))
    const row = opened(world, alice, lease.id)
    for (let hour = 0; hour < 26; hour++) {
      for (const id of world.devices.keys()) world.answer(id)
      world.advance(3_600_000)
    }
    expect(endOf(world, row)).toMatchObject({ state: 'undecided' })
    expect(endOf(world, row).detail).toContain('Not enough devices of owners')
    expect(fundOf(world)).toBe(before)
    expect(world.fleet.member(device)?.row.standing).toBe('joined')
    expect(world.balanceMicro(holdbackAccount(device)) + world.balanceMicro(availableAccount(device))).toBe(held)
    expect(world.store.openLeases(job)).toEqual([])
    expect(world.jobs.retrialOf(job)).toBeUndefined()
    expectBooks(world, row)
  })

  it('[DISP-3.5] ends before its deposit does, whatever it waits for', () => {
    const world = new DepartmentWorld({ policy: { holdbackWindowMs: 86_400_000 } })
    const [eve] = world.join(['eve', liar]) as [DeviceId]
    const job = world.submit({ split: range(60), verify: 'trust', leaseUnitsMax: 1 })
    world.answer(eve)
    const lease = world.store.leasesOfJob(job.id, 100).find(({ state }) => state === 'accepted') as LeaseRow
    const row = opened(world, alice, lease.id)
    world.advance(30 * 86_400_000)
    expect(endOf(world, row)).toMatchObject({ state: 'undecided' })
    expect(world.ledger.holdOf(`deposit/${row.id}`)).toBeUndefined()
    expectBooks(world, row)
  })

  it('survives that somebody cancels the job again, which is over', () => {
    const { world, job, lease } = trusted(liar)
    const row = opened(world, alice, lease.id)
    expect(world.step((now, batch) => world.jobs.stop(job, 'cancelled', 'on request', now, batch))).toBe(false)
    world.decide()
    expect(endOf(world, row).state).toBe('upheld')
  })

  it('[DISP-3.5] ends undecided when its input is gone', () => {
    const { world, job, lease } = trusted(liar, crowd('abcde', silent))
    const row = opened(world, alice, lease.id)
    world.step((now, batch) => world.jobs.fail(job, 'its input is gone', now, batch))
    world.advance(1)
    expect(endOf(world, row)).toMatchObject({
      state: 'undecided',
      detail: 'It could not be decided: its input is gone. The deposit was given back.',
    })
    expectBooks(world, row)
  })
})

describe('what the log says', () => {
  it('[DISP-1.3] tells of a dispute after its deposit, and of its end after all that it moved', () => {
    const { world, job, lease } = trusted(liar)
    const row = opened(world, alice, lease.id)
    world.decide()
    const kinds = logOf(world)
    const begin = kinds.findIndex(entry => entry.type === 'dispute')
    expect(kinds[begin - 1]).toMatchObject({ type: 'transfer', kind: 'deposit', phase: 'pending' })
    expect(kinds[begin]).toMatchObject({ dispute: row.id, subject: `lease/${lease.id}`, account: 'submitter:alice' })
    expect(kinds.at(-1)).toMatchObject({ type: 'dispute-end', dispute: row.id, outcome: 'upheld' })
    expect(job).toBe(row.job)
  })
})
