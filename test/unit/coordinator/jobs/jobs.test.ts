import { describe, expect, it } from 'vitest'
import {
  availableAccount,
  escrowAccount,
  FEE,
  holdbackAccount,
  SLASHED,
  submitterAccount,
} from '../../../../coordinator/ledger/ledger.ts'
import { type DeviceId, decodeOutputs, fromUtf8, type JobId, ownerName, sha256Hex } from '../../../../protocol/index.ts'
import { ALICE, DepartmentWorld, honest, liar, nothing, silent, TIGHT } from '../../../support/department-world.ts'

const range = (units: number) => ({ kind: 'range', from: 0, to: units, chunk: 1 })
const trust = { verify: 'trust' }
/** The module of every job here. */
const MODULE = sha256Hex('aa'.repeat(32))

/** Every unit exactly once, with the honest answer. */
function expectRight(world: DepartmentWorld, id: JobId, units: number): void {
  let next = 0
  for (const { unit, count, outputs } of world.accepted(id)) {
    expect(unit).toBe(next)
    decodeOutputs(outputs, count).forEach((outcome, index) => {
      expect(outcome.kind === 'ok' && fromUtf8(outcome.bytes)).toBe(`${(unit + index) * 3}`)
    })
    next += count
  }
  expect(next).toBe(units)
}

describe('a job', () => {
  it('[PAY-1.1] pays each unit once when single results are trusted, and gives the rest back', () => {
    const world = new DepartmentWorld()
    const [a, b] = world.join(['ann', honest], ['bob', honest])
    const job = world.submit({ split: range(1_000), ...trust })
    expect(job.ok).toBe(true)
    world.run(job.id)
    expect(world.store.job(job.id)).toMatchObject({ state: 'done', units: 1_000, paidMicro: 95_000n, feeMicro: 5_000n })
    expectRight(world, job.id, 1_000)
    const earned = [a, b].map(id => world.balanceMicro(holdbackAccount(id as never)))
    expect(earned.reduce((sum, micro) => sum + micro, 0n)).toBe(95_000n)
    expect(world.balanceMicro(FEE)).toBe(5_000n)
    expect(world.balanceMicro(escrowAccount(job.id))).toBe(0n)
    expect(world.balanceMicro(submitterAccount(ALICE))).toBe(10n ** 12n - 100_000n)
    expect(world.audit()).toMatchObject({ ok: true, problems: [] })
  })

  it('[PAY-1.1] pays every replica that agrees, the same for each, and no copy that came too late', () => {
    const world = new DepartmentWorld()
    const ids = world.join(['ann', honest], ['bob', honest])
    const job = world.submit({ split: range(40), leaseUnitsMax: 1, verify: { theta: 0.98 } })
    world.run(job.id)
    const all = world.store.leasesOfJob(job.id, 1_000)
    const leases = all.filter(({ state }) => state === 'accepted')
    expect(leases.length).toBeGreaterThan(40)
    expect(all.length).toBeGreaterThan(leases.length)
    const earned = ids.map(id => leases.filter(({ device }) => device === id).length * 95)
    expect(ids.map(id => Number(world.balanceMicro(holdbackAccount(id))))).toEqual(earned)
    const payments = [...world.store.transfers()].filter(({ kind }) => kind === 'pay')
    expect(payments.map(({ amountMicro }) => amountMicro)).toEqual(leases.map(() => 95n))
    expect(world.balanceMicro(submitterAccount(ALICE))).toBe(10n ** 12n - BigInt(leases.length) * 100n)
    expect(world.audit().problems).toEqual([])
  })

  it('[PAY-1.2] has its budget in escrow before the first lease, and never promises more', () => {
    const world = new DepartmentWorld()
    world.join(['ann', silent], ['bob', silent])
    const job = world.submit({ split: range(3), ...trust, ...TIGHT, budgetMicro: '500' })
    expect(world.balanceMicro(escrowAccount(job.id))).toBe(500n)
    const written = world.effects.map(effect => effect.kind)
    expect(written).toContain('grant')
    const transfers = [...world.store.transfers()].map(({ kind, debit, credit }) => [kind, debit, credit])
    expect(transfers.at(-1)).toEqual(['escrow', submitterAccount(ALICE), escrowAccount(job.id)])
    expect(world.jobs.active(job.id)?.reservedMicro).toBe(300n)
  })

  it('[PAY-1.2] leases no more than its escrow can pay for', () => {
    const world = new DepartmentWorld()
    world.join(['ann', silent], ['bob', silent], ['cat', silent], ['dan', silent])
    const job = world.submit({ split: range(3), leaseUnitsMax: 1, ...TIGHT, budgetMicro: '500' })
    expect(world.store.job(job.id)?.leases).toBe(5)
    expect(world.jobs.active(job.id)?.reservedMicro).toBe(500n)
  })

  it('[LEASE-2.1] grows leases to the device, so that rows are per lease and not per unit', () => {
    const world = new DepartmentWorld()
    world.join(['ann', honest], ['bob', honest])
    const job = world.submit({ split: range(200_000), ...trust })
    world.run(job.id)
    expect(world.store.job(job.id)?.state).toBe('done')
    expect(world.store.job(job.id)?.leases).toBeLessThan(400)
  })

  it('[VERIFY-1.1] accepts a result only once enough owners agree', () => {
    const world = new DepartmentWorld()
    world.join(['ann', honest], ['bob', honest], ['cat', honest], ['dan', honest])
    const job = world.submit({ split: range(400), leaseUnitsMax: 10 })
    world.run(job.id)
    expect(world.store.job(job.id)?.state).toBe('done')
    expectRight(world, job.id, 400)
    const leases = world.store.leasesOfJob(job.id, 10_000)
    const first = leases.filter(lease => lease.firstUnit === 0)
    expect(new Set(first.map(lease => lease.device)).size).toBe(4)
    // Proven devices need fewer copies than new ones.
    expect(leases.reduce((sum, lease) => sum + lease.unitCount, 0)).toBeLessThan(4 * 400)
    expect(world.audit().problems).toEqual([])
  })

  it('[LEASE-2.2] gives unproven devices few leases at a time, so that later runs need fewer replicas', () => {
    const held = (specification: Record<string, unknown>) => {
      const world = new DepartmentWorld()
      const ids = world.join(['ann', honest], ['bob', honest], ['cat', honest], ['dan', honest])
      world.submit({ split: range(400), leaseUnitsMax: 1, ...specification })
      for (const id of ids) for (let i = 0; i < 2; i++) world.answer(id)
      return Math.max(...ids.map(id => world.desk.loads.of(id).leases.size))
    }
    expect(held({})).toBe(4)
    expect(held(trust)).toBe(8)
  })

  it('[VERIFY-1.2] never asks two devices of one owner about the same run', () => {
    const world = new DepartmentWorld()
    const ids = world.join(['ann', honest], ['ann', honest], ['bob', honest], ['bob', honest], ['cat', honest])
    const job = world.submit({ split: range(60), leaseUnitsMax: 5, verify: { theta: 0.99 } })
    world.run(job.id)
    const owners = new Map(ids.map((id, index) => [id, ['ann', 'ann', 'bob', 'bob', 'cat'][index]]))
    const byRun = new Map<number, string[]>()
    for (const lease of world.store.leasesOfJob(job.id, 10_000)) {
      byRun.set(lease.firstUnit, [...(byRun.get(lease.firstUnit) ?? []), owners.get(lease.device) as string])
    }
    for (const speakers of byRun.values()) expect(new Set(speakers).size).toBe(speakers.length)
  })

  it('[VERIFY-2.1] catches a liar, pays it nothing and redoes its work', () => {
    const world = new DepartmentWorld()
    const ids = world.join(['ann', honest], ['bob', honest], ['cat', honest], ['dan', honest], ['eve', liar])
    const job = world.submit({ split: range(200), leaseUnitsMax: 8 })
    world.run(job.id)
    expect(world.store.job(job.id)?.state).toBe('done')
    expectRight(world, job.id, 200)
    const eve = ids[4] as never
    expect(world.fleet.member(eve)?.row).toMatchObject({ standing: 'caught', checksPassed: 0 })
    expect(world.balanceMicro(holdbackAccount(eve)) + world.balanceMicro(availableAccount(eve))).toBe(0n)
    expect(world.effects).toContainEqual(expect.objectContaining({ kind: 'notice', device: eve, standing: 'caught' }))
    expect(world.audit().problems).toEqual([])
  })

  it('[VERIFY-2.4] is not held up by one liar where every owner has spoken', () => {
    const world = new DepartmentWorld()
    const ids = world.join(['eve', liar], ['ann', honest], ['bob', honest], ['cat', honest], ['dan', honest])
    const job = world.submit({ split: range(1) })
    // With the liar among the first four asked, the honest four together still fall short of 0.999.
    world.run(job.id)
    expect(world.store.job(job.id)?.state).toBe('done')
    expectRight(world, job.id, 1)
    expect(world.fleet.member(ids[0] as never)?.row.standing).toBe('caught')
    for (const id of ids.slice(1)) expect(world.fleet.member(id)?.row.standing).toBe('joined')
  })

  it('[VERIFY-2.4] convicts nobody on the word of one device, however proven', () => {
    const world = new DepartmentWorld()
    const ids = world.join(['eve', liar], ['ann', honest])
    for (const id of ids) {
      const member = world.fleet.member(id)
      if (member) member.row.checksPassed = id === ids[0] ? 100_000 : 5
    }
    const job = world.submit({ split: range(1), verify: { theta: 0.9999 } })
    expect(job.ok).toBe(true)
    world.run(job.id, 50)
    expect(world.fleet.member(ids[1] as never)?.row.standing).toBe('joined')
  })

  it('[VERIFY-2.2] redoes only the units on which answers differ', () => {
    const world = new DepartmentWorld()
    const sly = (unit: number) => (unit === 3 || unit === 7 ? liar(unit) : honest(unit))
    const [ann, eve, bob, cat] = world.join(['ann', honest], ['eve', sly], ['bob', honest], ['cat', honest])
    // The module has come back before, so the first lease is not a single unit; these two have it, so they are asked first.
    for (const device of [ann, eve]) world.desk.rates.learn(device as never, MODULE, 1_000, 1_000, 3_000)
    // Others have said the same as both, so what the two agree on is enough.
    world.desk.pairs.confirmed([ownerName('ann'), ownerName('eve'), ownerName('bob')])
    const job = world.submit({ split: range(400), leaseUnitsMax: 10, verify: { theta: 0.98 } })
    const leasesBelow10 = () =>
      world.store
        .leasesOfJob(job.id, 1_000)
        .filter(lease => lease.firstUnit < 10)
        .map(({ device, firstUnit, unitCount }) => ({ device, firstUnit, unitCount }))
        .reverse()
    const whole = [
      { device: ann, firstUnit: 0, unitCount: 10 },
      { device: eve, firstUnit: 0, unitCount: 10 },
    ]
    expect(leasesBelow10()).toEqual(whole)

    world.answer(ann as never)
    expect(world.store.acceptedRuns(job.id)).toEqual([])
    world.answer(eve as never)
    const agreed = world.store.acceptedRuns(job.id).map(({ firstUnit, unitCount }) => [firstUnit, unitCount])
    expect(agreed).toEqual([
      [0, 3],
      [4, 3],
      [8, 2],
    ])

    world.run(job.id)
    const again = leasesBelow10().slice(2)
    // Against eve's word two more owners are needed, for each of the two units.
    expect(again.map(({ firstUnit, unitCount }) => [firstUnit, unitCount]).sort()).toEqual([
      [3, 1],
      [3, 1],
      [7, 1],
      [7, 1],
    ])
    expect(new Set(again.map(({ device }) => device))).toEqual(new Set([bob, cat]))
    expectRight(world, job.id, 400)
    expect(world.fleet.member(eve as never)?.row.standing).toBe('caught')
    expect(world.audit().problems).toEqual([])
  })

  it('[VERIFY-2.3] looks again at what rested on the word of a device that is caught later', () => {
    const world = new DepartmentWorld()
    let turned = false
    const turncoat = (unit: number) => (turned ? liar(unit) : honest(unit))
    const ids = world.join(['ann', honest], ['bob', honest], ['cat', honest], ['dan', honest], ['eve', turncoat])
    const eve = world.fleet.member(ids[4] as never)
    if (!eve) throw new Error('eve joined')
    eve.row.checksPassed = 1_000
    const job = world.submit({ split: range(3_000), leaseUnitsMax: 4 })
    for (let i = 0; i < 12; i++) world.answer(ids[4] as never)
    const alone = world.jobs.active(job.id)?.solo.get(ids[4] as never)?.units.units ?? 0
    expect(alone).toBeGreaterThan(0)
    turned = true
    world.run(job.id)
    expect(eve.row.standing).toBe('caught')
    expectRight(world, job.id, 3_000)
    expect(world.balanceMicro(holdbackAccount(eve.row.id))).toBe(0n)
    // What it was paid for units that were done again went back to their escrow, so the price stayed the same.
    expect(world.balanceMicro(SLASHED)).toBeLessThan(100n)
    expect(world.audit().problems).toEqual([])
  })

  it('[LEASE-2.2] gives a device no more leases at once than its last credit', () => {
    const world = new DepartmentWorld()
    const [ann] = world.join(['ann', honest])
    const held = () => world.desk.loads.of(ann as never).leases.size
    const credit = (creditLeases: number) =>
      world.step((now, batch) => {
        world.fleet.status(ann as never, { session: 1, seq: 1, creditLeases, runningLeases: 0, reason: '' }, now.wallMs)
        world.jobs.wake(now, batch)
      })
    world.desk.rates.learn(ann as never, MODULE, 1_000, 1, 3_000)
    credit(0)
    world.submit({ split: range(500), leaseUnitsMax: 5, ...trust })
    expect(held()).toBe(0)
    credit(3)
    expect(held()).toBe(3)
    world.answer(ann as never)
    expect(held()).toBe(3)
    credit(1)
    world.answer(ann as never)
    world.answer(ann as never)
    expect(held()).toBe(1)
    credit(8)
    expect(held()).toBe(8)
  })

  it('[LEASE-2.3] gives a lease that was not answered in time to another device', () => {
    const world = new DepartmentWorld({ policy: { leaseTimeoutMinMs: 5_000 } })
    const [bob] = world.join(['bob', silent])
    const job = world.submit({ split: range(1), ...trust, task: { unitTimeoutMs: 1 } })
    const [first] = world.store.leasesOfJob(job.id, 10)
    world.fleet.status(
      bob as never,
      { session: 1, seq: 1, creditLeases: 0, runningLeases: 1, reason: '' },
      world.now.wallMs,
    )
    world.advance(first?.leaseMs as number)
    expect(world.store.leasesOfJob(job.id, 10)[0]?.state).toBe('out')
    world.advance(1)
    expect(world.store.leasesOfJob(job.id, 10)[0]?.state).toBe('expired')
    expect(world.effects.at(-1)).toEqual({ kind: 'cancel', device: bob, leaseId: first?.id })
    expect(world.fleet.member(bob as never)?.row.leasesExpired).toBe(1)
    const late = nothing(first?.id as number)
    const returned = { result: late, outputs: null, failedUnits: 0, fuel: 0, isBlob: false }
    expect(world.step((now, batch) => world.jobs.results(bob as never, [returned], now, batch))).toEqual(['late'])
    const [ann] = world.join(['ann', honest])
    world.run(job.id)
    expect(world.store.job(job.id)?.state).toBe('done')
    expect(world.balanceMicro(holdbackAccount(ann as never))).toBe(95n)
    expect(world.balanceMicro(holdbackAccount(bob as never))).toBe(0n)
  })

  it('[JOB-2.5] does not count what a device gives back while it takes no work', () => {
    const world = new DepartmentWorld()
    const [bob] = world.join(['bob', honest]) as [DeviceId]
    const job = world.submit({ split: range(40), leaseUnitsMax: 1, ...trust })
    const credit = (creditLeases: number, seq: number) => {
      const status = { session: 1, seq, creditLeases, runningLeases: 0, reason: '' }
      world.fleet.status(bob, status, world.now.wallMs)
    }
    for (let round = 1; round <= 60; round += 2) {
      credit(0, round)
      for (let i = 0; i < 12; i++) world.giveBack(bob)
      credit(8, round + 1)
      world.advance(20_000)
    }
    expect(world.store.leasesOfJob(job.id, 1_000).length).toBeGreaterThan(30)
    world.run(job.id)
    expect(world.store.job(job.id)?.state).toBe('done')
  })

  it('lets a device rest after leases that came to nothing, so that they go to others', () => {
    const world = new DepartmentWorld()
    const [bob, ann] = world.join(['bob', silent], ['ann', honest]) as [DeviceId, DeviceId]
    const rests = () => (world.fleet.member(bob)?.restsUntilMs ?? 0) - world.now.monotonicMs
    const job = world.submit({ split: range(1), ...trust })
    expect(world.store.leasesOfJob(job.id, 10).map(lease => lease.device)).toEqual([bob])
    world.giveBack(bob)
    expect(world.store.leasesOfJob(job.id, 10).map(lease => lease.device)).toEqual([ann, bob])
    expect(rests()).toBe(100)
    world.run(job.id)
    for (const expectedMs of [200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]) {
      world.advance(20_000)
      world.disconnect(ann)
      world.submit({ split: range(1), ...trust })
      world.giveBack(bob)
      expect(rests()).toBe(expectedMs)
      world.connect(ann)
      while (world.answer(ann));
    }
  })

  it('[JOB-2.5] fails when every device gives its units back again and again', () => {
    const world = new DepartmentWorld()
    const ids = world.join(['ann', honest], ['bob', honest])
    const job = world.submit({ split: range(2), ...trust })
    const tries = () => world.store.leasesOfJob(job.id, 1_000).length
    for (let round = 0; round < 1_000 && world.jobs.active(job.id); round++) {
      for (const id of ids) world.giveBack(id)
      world.advance(500)
    }
    expect(world.store.job(job.id)).toMatchObject({ state: 'failed', paidMicro: 0n })
    expect(world.store.job(job.id)?.reason).toContain('task.unitTimeoutMs')
    expect(tries()).toBeLessThan(100)
    expect(world.balanceMicro(submitterAccount(ALICE))).toBe(10n ** 12n)
  })

  it('[JOB-2.5] waits for a device that may do better, and for one that did', () => {
    const world = new DepartmentWorld()
    const [bob] = world.join(['bob', honest]) as [DeviceId]
    const job = world.submit({ split: range(30), leaseUnitsMax: 1, ...trust })
    for (let round = 0; round < 30; round++) {
      for (let i = 0; i < 9; i++) {
        world.giveBack(bob)
        world.advance(10_000)
      }
      world.answer(bob)
      world.advance(10_000)
    }
    expect(world.store.job(job.id)?.state).toBe('done')
    const other = world.submit({ split: range(1), ...trust })
    world.giveBack(bob)
    world.disconnect(bob)
    world.advance(60_000)
    expect(world.store.job(other.id)?.state).toBe('running')
  })

  it('[LEASE-3.1] gives the leases of a vanished device to others after its grace period', () => {
    const world = new DepartmentWorld()
    const [bob] = world.join(['bob', silent])
    const job = world.submit({ split: range(50), leaseUnitsMax: 5, ...trust })
    world.disconnect(bob as never)
    world.advance(9_000)
    expect(world.fleet.member(bob as never)?.row.leasesExpired).toBe(0)
    world.advance(2_000)
    expect(world.fleet.member(bob as never)?.row.leasesExpired).toBe(2)
    world.join(['ann', honest])
    world.disconnect(bob as never)
    world.advance(11_000)
    world.run(job.id)
    expect(world.store.job(job.id)?.state).toBe('done')
    expectRight(world, job.id, 50)
    expect(world.audit().problems).toEqual([])
  })

  it('[LEASE-3.2] hedges a straggler near the end of a job and pays the copy that came first', () => {
    const world = new DepartmentWorld({ policy: { leaseTimeoutMinMs: 3_600_000 } })
    world.join(['ann', honest], ['bob', silent])
    const job = world.submit({ split: range(100), leaseUnitsMax: 5, ...trust })
    world.run(job.id, 500)
    expect(world.store.job(job.id)).toMatchObject({ state: 'done' })
    expect(world.store.job(job.id)?.speculativeLeases).toBeGreaterThan(0)
    expect(world.store.job(job.id)?.paidMicro).toBe(9_500n)
  })

  it('[JOB-2.1] [PAY-3.3] refuses what cannot run, with the reason, and takes no money', () => {
    const world = new DepartmentWorld({ fundMicro: 1_000n })
    expect(world.submit({ split: range(1) })).toMatchObject({ ok: false, code: 'no_device' })
    world.join(['ann', honest])
    expect(world.submit({ split: range(1) })).toMatchObject({ ok: false, code: 'no_quorum' })
    expect(world.submit({ split: range(1_000), ...trust })).toMatchObject({ ok: false, code: 'insufficient' })
    const one = { split: range(1), ...trust }
    expect(world.submit({ ...one, ...TIGHT, budgetMicro: '99' })).toMatchObject({ ok: false, code: 'budget_too_small' })
    const cheap = { ...one, gigafuelPriceMaxMicro: '9999' }
    expect(world.submit(cheap)).toMatchObject({ ok: false, code: 'price_too_low' })
    expect(world.submit({ ...cheap, ...TIGHT, gigafuelPriceMaxMicro: '10000' }).ok).toBe(true)
    expect(world.submit({ ...one, task: { ...TIGHT.task, memoryMiB: 512 }, budgetMicro: '200' }).ok).toBe(true)
    expect(world.audit().problems).toEqual([])
  })

  it('[JOB-2.2] fails with the first failing unit unless failing units are skipped', () => {
    const world = new DepartmentWorld()
    world.join(['ann', unit => (unit === 7 ? { fuel: 9, kind: 'exit', code: 3 } : honest(unit))])
    const strict = world.submit({ split: range(20), ...trust })
    world.run(strict.id)
    expect(world.store.job(strict.id)).toMatchObject({ state: 'failed', reason: 'unit 7 exited with code 3' })
    const lenient = world.submit({ split: range(20), ...trust, onUnitError: 'skip' })
    world.run(lenient.id)
    expect(world.store.job(lenient.id)?.state).toBe('done')
    expect(world.audit().problems).toEqual([])
  })

  it('[JOB-2.3] ends when its budget is used up, and says so', () => {
    const world = new DepartmentWorld()
    world.join(['ann', honest], ['bob', honest], ['cat', honest], ['dan', honest])
    const job = world.submit({ split: range(10), ...TIGHT, budgetMicro: '1000', leaseUnitsMax: 1 })
    world.run(job.id)
    expect(world.store.job(job.id)).toMatchObject({ state: 'failed' })
    expect(world.store.job(job.id)?.reason).toMatch(
      /^0 of its budget of 1000 .* 10000000 fuel, which costs 100; raise budgetMicro or lower task.unitFuelMax$/,
    )
    expect(world.audit().problems).toEqual([])
  })

  it('[JOB-2.4] can be cancelled and has a deadline', () => {
    const world = new DepartmentWorld()
    const ids = world.join(['ann', honest])
    const cancelled = world.submit({ split: range(50), leaseUnitsMax: 2, ...trust })
    world.answer(ids[0] as never)
    expect(world.step((now, batch) => world.jobs.stop(cancelled.id, 'cancelled', 'enough', now, batch))).toBe(true)
    expect(world.store.job(cancelled.id)).toMatchObject({ state: 'cancelled', reason: 'enough' })
    const late = world.submit({ split: range(50), leaseUnitsMax: 2, ...trust, deadlineMs: 1_000 })
    world.disconnect(ids[0] as never)
    world.run(late.id, 100)
    expect(world.store.job(late.id)).toMatchObject({ state: 'failed' })
    expect(world.balanceMicro(escrowAccount(late.id))).toBe(0n)
    expect(world.audit().problems).toEqual([])
  })

  it('[PAY-2.1] releases what was held through a whole window', () => {
    const world = new DepartmentWorld({ policy: { holdbackWindowMs: 60_000 } })
    const ids = world.join(['ann', honest])
    const job = world.submit({ split: range(10), ...trust })
    world.run(job.id)
    const ann = ids[0] as never
    expect(world.balanceMicro(holdbackAccount(ann))).toBe(950n)
    world.advance(60_000)
    expect(world.balanceMicro(availableAccount(ann))).toBe(0n)
    world.advance(60_000)
    expect(world.balanceMicro(availableAccount(ann))).toBe(950n)
    expect(world.balanceMicro(holdbackAccount(ann))).toBe(0n)
    expect(world.audit().problems).toEqual([])
  })

  it('[PAY-2.1] holds back what is earned right after windows in which nothing ran', () => {
    const world = new DepartmentWorld({ policy: { holdbackWindowMs: 60_000 } })
    const ann = world.join(['ann', honest])[0] as never
    world.run(world.submit({ split: range(10), ...trust }).id)
    // The coordinator was away: no tick has seen these windows end.
    world.now = { wallMs: world.now.wallMs + 600_000, monotonicMs: world.now.monotonicMs }
    world.submit({ split: range(1), ...trust })
    world.answer(ann)
    world.advance(1)
    expect(world.balanceMicro(availableAccount(ann))).toBe(950n)
    expect(world.balanceMicro(holdbackAccount(ann))).toBe(95n)
    world.advance(60_000)
    expect(world.balanceMicro(holdbackAccount(ann))).toBe(95n)
    world.advance(60_000)
    expect(world.balanceMicro(availableAccount(ann))).toBe(1_045n)
    expect(world.audit().problems).toEqual([])
  })
})

describe('a restart', () => {
  it('[STORE-1.1] resumes every job from its rows and finishes it right', () => {
    const world = new DepartmentWorld()
    const ids = world.join(['ann', honest], ['bob', honest], ['cat', honest], ['dan', honest], ['eve', liar])
    const job = world.submit({ split: range(300), leaseUnitsMax: 7 })
    for (let i = 0; i < 60; i++) {
      world.answer(ids[i % ids.length] as never)
      if (i % 9 === 8) {
        world.restart()
        world.connectAll()
      }
    }
    world.run(job.id)
    expect(world.store.job(job.id)?.state).toBe('done')
    expectRight(world, job.id, 300)
    expect(world.audit().problems).toEqual([])
    expect(world.balanceMicro(escrowAccount(job.id))).toBe(0n)
  })
})
