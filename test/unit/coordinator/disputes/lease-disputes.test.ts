import { describe, expect, it } from 'vitest'
import {
  availableAccount,
  escrowAccount,
  FEE,
  holdbackAccount,
  SLASHED,
  submitterAccount,
} from '../../../../coordinator/ledger/ledger.ts'
import type { DisputeRow, LeaseRow } from '../../../../coordinator/store/index.ts'
import type { DeviceId } from '../../../../protocol/index.ts'
import { auditStore } from '../../../support/audit-entries.ts'
import { ALICE, DepartmentWorld, honest, liar, silent } from '../../../support/department-world.ts'
import {
  ANSWERS,
  alice,
  crowd,
  deviceOf,
  endOf,
  expectBooks,
  fundOf,
  movedFor,
  opened,
  outvoted,
  range,
  refused,
  trusted,
  UNIT_LIMIT_MICRO,
} from '../../../support/dispute-cases.ts'

describe('a submitter that disputes', () => {
  it('[DISP-1.3] has set aside the deposit and the worst price of the second look before anybody is asked', () => {
    const { world, lease } = trusted(honest, crowd('abcde', silent))
    const before = fundOf(world)
    const row = opened(world, alice, lease.id)
    expect(row.depositMicro).toBe(10_000n + UNIT_LIMIT_MICRO * BigInt(lease.unitCount) * ANSWERS)
    expect(world.ledger.holdOf(`deposit/${row.id}`)?.leftMicro).toBe(row.depositMicro)
    expect(world.ledger.availableMicro(submitterAccount(ALICE))).toBe(before - row.depositMicro)
    expect(fundOf(world)).toBe(before)
    expect(world.disputes.stageOf(row.id)).toBe('second_look')
  })

  it('[DISP-3.1] [DISP-3.2] and is right gets its deposit back, and what a wrong device was paid as far as that still holds it', () => {
    const { world, device, job, lease } = trusted(liar, crowd('abcde', honest), 40)
    const paid = world.store.transferFor(`pay/${job}/${lease.id}/${lease.firstUnit}+${lease.unitCount}`)
    const before = fundOf(world)
    const held = world.balanceMicro(holdbackAccount(device))
    const row = opened(world, alice, lease.id)
    world.decide()
    expect(endOf(world, row)).toMatchObject({ state: 'upheld', endedAtMs: world.now.wallMs })
    expect(endOf(world, row).detail).toContain('is wrong')
    const cost = -held + world.balanceMicro(SLASHED)
    expect(cost).toBeLessThan(0n)
    expect(movedFor(world, `award/${row.id}/refund`)).toEqual([
      [holdbackAccount(device), submitterAccount(ALICE), paid?.amountMicro],
    ])
    expect(fundOf(world)).toBe(before + (paid?.amountMicro ?? 0n))
    expect(world.fleet.member(device)?.row).toMatchObject({ standing: 'caught', unitsRejected: lease.unitCount })
    expect(world.fleet.member(device)?.row.standingReason).toContain(`dispute ${row.id}`)
    expect(world.balanceMicro(holdbackAccount(device))).toBe(0n)
    expectBooks(world, row)
  })

  it('[DISP-3.2] lets the loser pay for the second look first, then the slashed pool, then the region, and itself last', () => {
    const { world, device, job, lease } = trusted(liar, crowd('abcde', honest), 1)
    const row = opened(world, alice, lease.id)
    const fee = world.balanceMicro(FEE)
    world.decide()
    // Four answers cost 400, and the one that was wrong had earned 95 of the 100 that the job paid.
    expect(fee).toBe(5n)
    expect(movedFor(world, `award/${row.id}/cost`)).toEqual([
      [holdbackAccount(device), escrowAccount(row.id), 95n],
      [FEE, escrowAccount(row.id), 5n],
    ])
    expect(movedFor(world, `deposit/${row.id}/post`)).toEqual([[submitterAccount(ALICE), escrowAccount(row.id), 300n]])
    expect(endOf(world, row).detail).toContain('0.0003 credits of it from the deposit')
    expect(movedFor(world, `pay/${job}/`)).toHaveLength(5)
    expectBooks(world, row)
  })

  it('[DISP-3.3] and is wrong pays for the second look, and its deposit goes to the device it accused', () => {
    const { world, device, lease } = trusted(honest)
    const before = fundOf(world)
    const held = world.balanceMicro(holdbackAccount(device))
    const row = opened(world, alice, lease.id)
    world.decide()
    expect(endOf(world, row).state).toBe('dismissed')
    expect(world.fleet.member(device)?.row.standing).toBe('joined')
    expect(world.balanceMicro(holdbackAccount(device))).toBe(held + 10_000n)
    const cost = 4n * 100n * BigInt(lease.unitCount)
    expect(fundOf(world)).toBe(before - 10_000n - cost)
    expect(world.ledger.holdOf(`deposit/${row.id}`)).toBeUndefined()
    expectBooks(world, row)
  })

  it('[DISP-3.3] shares its deposit equally among all whom it accused, to the micro-credit', () => {
    const world = new DepartmentWorld({ policy: { disputeDepositMicro: 10_001n } })
    const ids = world.join(...crowd('abcd', honest))
    const job = world.submit({ split: range(1), leaseUnitsMax: 1 })
    world.run(job.id)
    world.join(...crowd('efghi', honest))
    const row = opened(world, alice, (world.store.leasesOfJob(job.id, 10)[0] as LeaseRow).id)
    const before = ids.map(id => world.balanceMicro(holdbackAccount(id)))
    world.decide()
    expect(endOf(world, row).state).toBe('dismissed')
    const parts = ids.map((id, i) => world.balanceMicro(holdbackAccount(id)) - (before[i] ?? 0n))
    expect(parts.map(Number).sort()).toEqual([2_500, 2_500, 2_500, 2_501])
    expectBooks(world, row)
  })
})

describe('a device that disputes', () => {
  /** The operator pays out what devices have earned before, so that a deposit can be made of it. */
  function enrich(world: DepartmentWorld, device: DeviceId, amountMicro = 1_000_000n): void {
    world.step((now, batch) => {
      const back = { kind: 'fund', debit: 'treasury', amountMicro } as const
      world.ledger.transfer(
        { ...back, credit: availableAccount(device), purpose: `fund/${device}/0` },
        now.wallMs,
        batch,
      )
    })
  }

  it('[DISP-3.4] and is right is reinstated, gets back what was taken, and is paid', () => {
    const { world, victim, gang, job, lease, held } = outvoted()
    expect(lease.device).toBe(victim)
    expect(held).toBe(0n)
    const taken = movedFor(world, `slash/${victim}/`).reduce((sum, [, , micro]) => sum + (micro as bigint), 0n)
    expect(taken).toBeGreaterThan(0n)
    enrich(world, victim)
    world.join(...crowd('abcde', honest))
    expect(world.fleet.member(victim)?.row.standingReason).toContain(`in lease ${lease.id}`)
    const fee = world.balanceMicro(FEE)
    const row = opened(world, deviceOf(victim), lease.id)
    world.decide()
    expect(endOf(world, row).state).toBe('upheld')
    expect(world.fleet.member(victim)?.row).toMatchObject({ standing: 'joined', unitsRejected: 0 })
    expect(world.balanceMicro(holdbackAccount(victim))).toBe(taken + 95n)
    expect(world.balanceMicro(availableAccount(victim))).toBe(1_000_000n)
    for (const liar of gang) expect(world.fleet.member(liar)?.row.standing).toBe('caught')
    expect(world.store.lease(lease.id)?.state).toBe('accepted')
    expect(movedFor(world, `award/${row.id}/refund`).every(([, to]) => to === submitterAccount(ALICE))).toBe(true)
    expect(world.balanceMicro(FEE)).toBeGreaterThanOrEqual(fee)
    expect(world.store.job(job)?.state).toBe('done')
    expectDevicePaidBack(world, row)
  })

  it('[DISP-3.3] and is wrong loses its deposit to those who were right', () => {
    const world = new DepartmentWorld()
    const [eve, ...right] = world.join(['eve', liar], ...crowd('abcd', honest)) as DeviceId[]
    const job = world.submit({ split: range(1), leaseUnitsMax: 1 })
    world.run(job.id)
    enrich(world, eve as DeviceId)
    world.join(...crowd('fghij', honest))
    const lost = world.store.leasesOfJob(job.id, 10).find(({ state }) => state === 'rejected') as LeaseRow
    const held = right.map(id => world.balanceMicro(holdbackAccount(id)))
    const row = opened(world, deviceOf(eve as DeviceId), lost.id)
    world.decide()
    expect(endOf(world, row).state).toBe('dismissed')
    expect(world.fleet.member(eve as DeviceId)?.row.standing).toBe('caught')
    expect(right.map((id, i) => world.balanceMicro(holdbackAccount(id)) - (held[i] ?? 0n))).toEqual([
      2_500n,
      2_500n,
      2_500n,
      2_500n,
    ])
    expect(world.balanceMicro(availableAccount(eve as DeviceId))).toBe(1_000_000n - 10_000n - 400n)
    expectDevicePaidBack(world, row)
  })

  it('[DISP-3.4] sets right what others lost with the same answer, without a dispute of theirs', () => {
    const world = new DepartmentWorld()
    const ids = world.join(['ann', honest], ['bob', honest], ...crowd('tuvwxyz', liar)) as DeviceId[]
    // Both are asked before anybody is outvoted.
    const job = world.submit({ split: range(1), leaseUnitsMax: 1, verify: { theta: 0.999_999 } })
    world.run(job.id)
    expect(world.store.job(job.id)?.state).toBe('done')
    const lost = world.store.leasesOfJob(job.id, 100).filter(({ state, digest }) => state === 'rejected' && digest)
    expect(lost.map(({ device }) => device).sort()).toEqual([ids[0], ids[1]].sort())
    world.join(...crowd('abcdefghi', honest))
    enrich(world, ids[0] as DeviceId)
    const mine = lost.find(({ device }) => device === ids[0]) as LeaseRow
    const row = opened(world, deviceOf(ids[0] as DeviceId), mine.id)
    world.decide()
    expect(endOf(world, row).state).toBe('upheld')
    for (const id of ids.slice(0, 2)) expect(world.fleet.member(id)?.row.standing).toBe('joined')
    for (const { id } of lost) expect(world.store.lease(id)?.state).toBe('accepted')
    expectDevicePaidBack(world, row)
  })

  it('[DISP-1.3] is refused when what is available to it does not cover the deposit', () => {
    const { world, victim, lease } = outvoted()
    expect(refused(world, deviceOf(victim), lease.id)).toEqual({
      code: 'insufficient',
      reason: `The deposit is 0.06 credits and available:${victim} has 0 credits.`,
    })
    expect(world.store.disputes()).toEqual([])
  })

  /** The books, but for the credits that {@link enrich} made of nothing. */
  function expectDevicePaidBack(world: DepartmentWorld, row: DisputeRow): void {
    expect(world.audit('transfer.route').problems).toEqual([])
    const enriched = ['transfer.route', 'receipt.totals', 'transfer.purpose'] as const
    expect(auditStore(world.store, ['genesis.key', 'device.key', ...enriched])).toEqual([])
    expect(world.balanceMicro(escrowAccount(row.id))).toBe(0n)
  }
})
