import { describe, expect, it } from 'vitest'
import type { Party } from '../../../../coordinator/disputes/dispute.ts'
import { holdbackAccount } from '../../../../coordinator/ledger/ledger.ts'
import type { LeaseRow } from '../../../../coordinator/store/index.ts'
import { type DeviceId, submitterName } from '../../../../protocol/index.ts'
import { type Behaviour, DepartmentWorld, honest, liar, silent } from '../../../support/department-world.ts'
import {
  alice,
  crowd,
  deviceOf,
  endOf,
  expectBooks,
  opened,
  outvoted,
  paidAtMs,
  range,
  refused,
  trusted,
} from '../../../support/dispute-cases.ts'

describe('a dispute is refused', () => {
  it('[DISP-1.1] to whom the lease does not concern', () => {
    const { world, device, lease, rest } = trusted(honest)
    const bob: Party = { kind: 'submitter', name: submitterName('bob') }
    expect(refused(world, bob, lease.id)?.code).toBe('not_yours')
    expect(refused(world, deviceOf(rest[0] as DeviceId), lease.id)?.code).toBe('not_yours')
    // Its result was accepted, so its owner has lost nothing.
    expect(refused(world, deviceOf(device), lease.id)?.code).toBe('not_disputable')
    expect(refused(world, alice, 999)?.code).toBe('not_found')
  })

  it('[DISP-1.1] about a lease that came to nothing, or is not decided yet', () => {
    const world = new DepartmentWorld()
    const [device] = world.join(['ann', silent]) as [DeviceId]
    const job = world.submit({ split: range(1), verify: 'trust' })
    const [lease] = world.store.leasesOfJob(job.id, 1) as [LeaseRow]
    expect(refused(world, alice, lease.id)?.reason).toContain('has not been decided yet')
    world.giveBack(device)
    expect(refused(world, alice, lease.id)?.reason).toContain('Nothing that lease')
    expect(refused(world, deviceOf(device), lease.id)?.reason).toContain('it was failed')
  })

  it('[DISP-1.1] about a lease that was taken back for another one', () => {
    const { world, victim, lease } = outvoted()
    world.store.commit([{ table: 'lease-state', id: lease.id, state: 'rejected', digest: null, outputs: null }])
    expect(refused(world, deviceOf(victim), lease.id)?.reason).toContain('dispute the lease that it was caught for')
  })

  it('[DISP-1.2] a window after the units were decided, and not a moment before', () => {
    const { world, lease } = trusted(honest, crowd('abcde', silent))
    const { holdbackWindowMs } = world.policy
    world.advance(paidAtMs(world, lease) + holdbackWindowMs + 1 - world.now.wallMs)
    expect(refused(world, alice, lease.id)?.code).toBe('too_late')
    world.now = { ...world.now, wallMs: world.now.wallMs - 1 }
    expect(refused(world, alice, lease.id)).toBeNull()
  })

  it('[DISP-1.2] never while the money has left the holdback', () => {
    const { world, device, lease } = trusted(honest, crowd('abcde', silent))
    const held = world.balanceMicro(holdbackAccount(device))
    world.advance(paidAtMs(world, lease) + world.policy.holdbackWindowMs - world.now.wallMs)
    expect(refused(world, alice, lease.id)).toBeNull()
    expect(world.balanceMicro(holdbackAccount(device))).toBe(held)
  })

  it('[DISP-1.3] when the account does not cover the deposit', () => {
    const world = new DepartmentWorld({ fundMicro: 20_000n })
    world.join(['ann', honest])
    const job = world.submit({ split: range(1), verify: 'trust', budgetMicro: '10000' })
    world.run(job.id)
    const [lease] = world.store.leasesOfJob(job.id, 1) as [LeaseRow]
    expect(refused(world, alice, lease.id)).toMatchObject({ code: 'insufficient' })
    expect(world.ledger.holdOf('deposit')).toBeUndefined()
  })

  it('[DISP-1.4] about units that are disputed or were looked at again', () => {
    const { world, device, lease } = trusted(honest)
    const row = opened(world, alice, lease.id)
    expect(refused(world, alice, lease.id)).toMatchObject({ code: 'twice' })
    world.restart()
    expect(refused(world, alice, lease.id)).toMatchObject({ code: 'twice' })
    world.connectAll()
    world.decide()
    expect(endOf(world, row).state).toBe('dismissed')
    expect(refused(world, alice, lease.id)?.reason).toContain(`dispute ${row.id} stands`)
    expect(world.fleet.member(device)?.row.standing).toBe('joined')
  })

  it('[DISP-1.4] a second time about the same lease, though the first could not be decided', () => {
    const { world, job, lease } = trusted(liar, crowd('abcde', silent))
    opened(world, alice, lease.id)
    world.step((now, batch) => world.jobs.fail(job, 'its input is gone', now, batch))
    world.advance(1)
    expect(refused(world, alice, lease.id)?.reason).toContain('has been disputed before')
  })

  it('[DISP-1.5] to an account that has many open', () => {
    const world = new DepartmentWorld()
    world.join(['ann', honest])
    const job = world.submit({ split: range(17), verify: 'trust', leaseUnitsMax: 1 })
    world.run(job.id)
    const leases = world.store.leasesOfJob(job.id, 100)
    for (const { id } of leases.slice(0, 16)) opened(world, alice, id)
    expect(refused(world, alice, leases[16]?.id as number)).toMatchObject({ code: 'too_many' })
  })

  it('[DISP-1.1] to a submitter whose device has been caught already', () => {
    const { world, device, lease } = trusted(liar)
    world.step((now, batch) => {
      const member = world.fleet.member(device)
      if (member) world.jobs.convict(member, 'lied elsewhere', now, batch)
    })
    expect(refused(world, alice, lease.id)?.reason).toContain('has been caught already')
  })
})

describe('a lease whose device was caught while the job ran', () => {
  it('[DISP-1.1] cannot be disputed once its units were done again, since that has set it right', () => {
    const world = new DepartmentWorld()
    const sometimes: Behaviour = unit => (unit < 2 ? honest(unit) : liar(unit))
    const [eve] = world.join(['eve', sometimes], ...crowd('abcd', honest)) as DeviceId[]
    const member = world.fleet.member(eve as DeviceId)
    if (!member) throw new Error('eve has joined')
    member.row.checksPassed = 1_000
    world.random.uniform = () => 1
    const job = world.submit({ split: range(40), leaseUnitsMax: 1 })
    world.answer(eve as DeviceId)
    const [solo] = world.store.acceptedRuns(job.id).filter(run => run.solo === eve)
    expect(solo).toBeDefined()
    const lease = world.store.leasesOfJob(job.id, 100).find(({ state }) => state === 'accepted') as LeaseRow
    expect(refused(world, deviceOf(eve as DeviceId), lease.id)?.code).toBe('not_disputable')
    world.step((now, batch) => world.jobs.convict(member, 'lied elsewhere', now, batch))
    world.run(job.id)
    expect(world.store.job(job.id)?.state).toBe('done')
    expect(world.store.lease(lease.id)?.state).toBe('accepted')
    expect(refused(world, alice, lease.id)?.reason).toContain('Nothing that lease')
    expectBooks(world)
  })
})
