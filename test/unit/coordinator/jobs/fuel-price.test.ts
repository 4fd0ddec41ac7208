import { describe, expect, it } from 'vitest'
import type { Job } from '../../../../coordinator/jobs/job.ts'
import { holdbackAccount } from '../../../../coordinator/ledger/ledger.ts'
import { unableReason } from '../../../../coordinator/scheduling/index.ts'
import { type DeviceId, fuelPrice, METERING_VERSION, ownerName, sha256Hex, utf8 } from '../../../../protocol/index.ts'
import { type Behaviour, DepartmentWorld, honest, liar, silent } from '../../../support/department-world.ts'
import { expectPromisesKept, expectSettled } from '../../../support/money.ts'

const range = (units: number) => ({ kind: 'range', from: 0, to: units, chunk: 1 })
const trust = { verify: 'trust' }
/** Each unit burns something else, none of it a whole micro-credit. */
const uneven: Behaviour = unit => ({ fuel: 1 + unit * 7_777_777, kind: 'ok', bytes: utf8(`${unit * 3}`) })
const unevenFuel = (units: number): number => units + (7_777_777 * units * (units - 1)) / 2
const MODULE = sha256Hex('aa'.repeat(32))
const BUDGET = '100000000'
const NANO = 1_000_000_000n
const OWNERS = ['ann', 'bob', 'cat', 'dan'] as const

const crowd = (behaviour: Behaviour): [string, Behaviour][] => OWNERS.map(owner => [owner, behaviour])

describe('what a run is paid', () => {
  it.each([
    ['single results', { split: range(100), ...trust }],
    ['a quorum', { split: range(100), leaseUnitsMax: 7 }],
  ])(
    'is its share of the price of the fuel, what is no whole micro-credit carried, with %s [PAY-3.1] [PAY-10.1]',
    (_, wish) => {
      const world = new DepartmentWorld({ policy: { gigafuelPriceMicro: 12_347n, feeBasisPoints: 730 } })
      world.join(...crowd(uneven))
      const job = world.submit({ ...wish, budgetMicro: BUDGET })
      world.run(job.id)
      expect(world.store.job(job.id)?.state).toBe('done')
      const fuels = new Map(
        world.store.acceptedRuns(job.id).map(run => [`${run.firstUnit}+${run.unitCount}`, run.fuel]),
      )
      const pays = [...world.store.transfers()].filter(({ kind }) => kind === 'pay')
      expect(pays.length).toBeGreaterThanOrEqual(fuels.size)
      let exactNano = 0n
      const carried = new Map<string, bigint>()
      for (const { purpose, amountMicro, credit } of pays) {
        const run = purpose.split('/')[3] as string
        // A price of less than a micro-credit is one, and the device's alone.
        const isLeast = BigInt(fuels.get(run) as number) * 12_347n <= NANO
        const nano = isLeast ? NANO : BigInt(fuels.get(run) as number) * 12_347n
        const dueParts = (isLeast ? NANO * 10_000n : nano * 9_270n) + (carried.get(credit) ?? 0n)
        expect(amountMicro).toBe(dueParts / (NANO * 10_000n))
        carried.set(credit, dueParts % (NANO * 10_000n))
        exactNano += nano
      }
      const row = world.store.job(job.id)
      expect(row?.fuel).toBe(BigInt(unevenFuel(100)))
      // The submitter pays the exact price of all answers, rounded up once.
      expect((row?.paidMicro ?? 0n) + (row?.feeMicro ?? 0n)).toBe((exactNano + NANO - 1n) / NANO)
      expect(row?.replicaMicro === 0n).toBe(pays.length === fuels.size)
      expectSettled(world, job.id)
      expect(world.audit().problems).toEqual([])
    },
  )

  it('keeps the fee with which the job was taken, over a restart too [PAY-3.3]', () => {
    const world = new DepartmentWorld({ policy: { feeBasisPoints: 500 } })
    world.join(...crowd(uneven))
    const job = world.submit({ split: range(40), leaseUnitsMax: 3, budgetMicro: BUDGET })
    world.policy.feeBasisPoints = 4_000
    world.restart()
    world.connectAll()
    world.run(job.id)
    const row = world.store.job(job.id)
    expect(row).toMatchObject({ state: 'done', feeBasisPoints: 500 })
    expect(Number(row?.feeMicro) / Number((row?.feeMicro ?? 0n) + (row?.paidMicro ?? 0n))).toBeCloseTo(0.05, 2)
    expect(world.audit().problems).toEqual([])
  })

  it('stays the same when the region asks for another price afterwards [PAY-3.3]', () => {
    const world = new DepartmentWorld()
    const [ann] = world.join(['ann', honest]) as [DeviceId]
    const job = world.submit({ split: range(1), ...trust })
    world.policy.gigafuelPriceMicro = 1_000_000n
    world.run(job.id)
    expect(world.balanceMicro(holdbackAccount(ann))).toBe(95n)
  })
})

describe('what is set aside', () => {
  it('is the limit of every unit while its lease is out, and what it burned once it is back [PAY-3.2] [PAY-3.6]', () => {
    const world = new DepartmentWorld()
    const ids = world.join(...crowd(uneven))
    const task = { unitFuelMax: 900_000_000 }
    const job = world.submit({ split: range(10), leaseUnitsMax: 1, task, budgetMicro: BUDGET })
    const active = world.jobs.active(job.id) as Job
    const out = () => [...active.leases.values()].filter(({ state }) => state === 'out').length
    expect(active.reservedMicro).toBe(BigInt(out()) * 9_000n)
    world.answer(ids[0] as never)
    expect(active.reservedMicro).toBe(BigInt(out()) * 9_000n + 1n)
    expectPromisesKept(world)
    for (let round = 0; round < 500; round++) {
      world.answer(ids[round % ids.length] as never)
      expectPromisesKept(world)
    }
    expect(world.store.job(job.id)?.state).toBe('done')
    expect(active.reservedMicro).toBe(0n)
    expectSettled(world, job.id)
  })

  it('bounds how much is out at a time, shared by the devices that are there', () => {
    const world = new DepartmentWorld()
    const ids = world.join(...crowd(silent))
    world.desk.rates.learn(ids[0] as never, MODULE, 1_000, 10, 3_000)
    const job = world.submit({ split: range(5_000), ...trust, budgetMicro: '200000' })
    const held = ids.map(id => [...world.desk.loads.of(id).leases.values()].reduce((sum, { count }) => sum + count, 0))
    expect(held.reduce((sum, units) => sum + units, 0)).toBe(20)
    expect(Math.min(...held)).toBeGreaterThan(0)
    expect(world.jobs.active(job.id)?.reservedMicro).toBe(200_000n)
  })

  it('is never so much that a job with little fails: runs are cut to what it can carry', () => {
    const world = new DepartmentWorld()
    const ids = world.join(...crowd(honest))
    // Room for four units at their limit at a time; what they burn is a hundredth of it.
    const job = world.submit({ split: range(60), budgetMicro: '40000' })
    expect(job.ok).toBe(true)
    const longest = () => Math.max(...world.store.leasesOfJob(job.id, 1_000).map(({ unitCount }) => unitCount))
    for (let round = 0; round < 2_000 && world.jobs.active(job.id); round++) {
      if (!world.answer(ids[round % ids.length] as never)) world.advance(1)
      expectPromisesKept(world)
    }
    expect(world.store.job(job.id)).toMatchObject({ state: 'done', fuel: 600_000_000n })
    expect(longest()).toBeLessThanOrEqual(4)
    expectSettled(world, job.id)
  })

  it('lets a run be decided in parts where it cannot carry another lease as long [JOB-2.3]', () => {
    const world = new DepartmentWorld()
    const heavy: Behaviour = unit => ({ fuel: 900_000_000, kind: 'ok', bytes: utf8(`${unit * 3}`) })
    const [ann, bob] = world.join(['ann', heavy], ['bob', heavy]) as [DeviceId, DeviceId]
    world.desk.rates.learn(ann, MODULE, 1_000, 1_000, 3_000)
    const credit = (id: DeviceId, creditLeases: number) =>
      world.step((now, batch) => {
        world.fleet.status(id, { session: 1, seq: 1, creditLeases, runningLeases: 0, reason: '' }, now.wallMs)
        world.jobs.wake(now, batch)
      })
    credit(ann, 1)
    credit(bob, 0)
    const wish = { split: range(16), leaseUnitsMax: 8, verify: { theta: 0.98 }, budgetMicro: '150000' }
    const job = world.submit(wish)
    credit(ann, 0)
    world.answer(ann)
    // The answer has set 72 007 aside, and beside that only seven units at 10 000 fit.
    credit(bob, 1)
    world.answer(bob)
    world.answer(bob)
    const leases = world.store.leasesOfJob(job.id, 10).map(({ firstUnit, unitCount }) => [firstUnit, unitCount])
    expect(leases.reverse()).toEqual([
      [0, 8],
      [0, 7],
      [7, 1],
    ])
    // All eight are agreed on, and what is left does not carry another unit.
    const spent = { paidMicro: 136_800n, feeMicro: 7_200n, replicaMicro: 72_000n, fuel: 7_200_000_000n }
    expect(world.store.job(job.id)).toMatchObject({ state: 'failed', ...spent })
    expect(world.store.job(job.id)?.reason).toMatch(/^6000 of its budget of 150000 .* raise budgetMicro/)
    expectSettled(world, job.id)
  })
})

describe('equal outputs with different fuel', () => {
  it('are different answers: whoever overstates its fuel is caught and paid nothing [VERIFY-2.5]', () => {
    const world = new DepartmentWorld()
    const greedy: Behaviour = unit => ({ fuel: 2 * (honest(unit)?.fuel ?? 0), kind: 'ok', bytes: utf8(`${unit * 3}`) })
    const ids = world.join(...crowd(honest), ['eve', greedy])
    const job = world.submit({ split: range(200), leaseUnitsMax: 8 })
    world.run(job.id)
    expect(world.store.job(job.id)).toMatchObject({ state: 'done', fuel: 2_000_000_000n })
    const eve = ids[4] as DeviceId
    expect(world.fleet.member(eve)?.row).toMatchObject({ standing: 'caught', unitsAccepted: 0 })
    expect(world.balanceMicro(holdbackAccount(eve))).toBe(0n)
    for (const id of ids.slice(0, 4)) expect(world.fleet.member(id)?.row.standing).toBe('joined')
    expectSettled(world, job.id)
  })

  it('on one unit of many leave the others agreed [VERIFY-2.2]', () => {
    const world = new DepartmentWorld()
    const sly: Behaviour = unit => (unit === 3 ? { fuel: 1, kind: 'ok', bytes: utf8('9') } : honest(unit))
    const [ann, eve] = world.join(['ann', honest], ['eve', sly], ['bob', honest], ['cat', honest]) as DeviceId[]
    for (const device of [ann, eve]) world.desk.rates.learn(device as never, MODULE, 1_000, 1_000, 3_000)
    // Others have said the same as both, so what the two agree on is enough.
    world.desk.pairs.confirmed([ownerName('ann'), ownerName('eve'), ownerName('bob')])
    const job = world.submit({ split: range(400), leaseUnitsMax: 10, verify: { theta: 0.98 } })
    world.answer(ann as never)
    world.answer(eve as never)
    expect(world.store.acceptedRuns(job.id).map(({ firstUnit, unitCount }) => [firstUnit, unitCount])).toEqual([
      [0, 3],
      [4, 6],
    ])
    expectPromisesKept(world)
    world.run(job.id)
    expect(world.fleet.member(eve as never)?.row.standing).toBe('caught')
  })
})

describe('a unit that runs out of fuel', () => {
  const thirsty: Behaviour = unit => (unit === 7 ? { fuel: 1_000_000_000, kind: 'out_of_fuel' } : honest(unit))

  it('fails its job and says what helps, or is skipped, counted and paid [JOB-3.3]', () => {
    const world = new DepartmentWorld()
    const [ann] = world.join(['ann', thirsty]) as [DeviceId]
    const strict = world.submit({ split: range(20), ...trust })
    world.run(strict.id)
    expect(world.store.job(strict.id)).toMatchObject({
      state: 'failed',
      reason: 'unit 7 ran out of fuel: its limit is 1000000000; raise task.unitFuelMax',
    })
    const before = world.balanceMicro(holdbackAccount(ann))
    const lenient = world.submit({ split: range(20), ...trust, onUnitError: 'skip' })
    world.run(lenient.id)
    expect(world.store.job(lenient.id)).toMatchObject({ state: 'done', fuel: 1_190_000_000n })
    expect(world.balanceMicro(holdbackAccount(ann)) - before).toBe(11_305n)
  })

  it('is agreed on like any other outcome', () => {
    const world = new DepartmentWorld()
    world.join(...crowd(thirsty))
    const job = world.submit({ split: range(20), onUnitError: 'skip' })
    world.run(job.id)
    expect(world.store.job(job.id)?.state).toBe('done')
    for (const { row } of world.fleet.all()) expect(row.standing).toBe('joined')
  })
})

describe('a device that works by other metering rules', () => {
  it('gets no lease, and the reason is told in words [JOB-3.1]', () => {
    const world = new DepartmentWorld()
    const [ann, bob] = world.join(['ann', honest], ['bob', honest]) as [DeviceId, DeviceId]
    const meters = (id: DeviceId, ...versions: number[]) => {
      const presence = world.fleet.member(id)?.presence
      if (presence) presence.metering = versions
    }
    meters(ann, METERING_VERSION + 1, METERING_VERSION + 2)
    const job = world.submit({ split: range(50), leaseUnitsMax: 1, ...trust })
    expect(new Set(world.store.leasesOfJob(job.id, 100).map(({ device }) => device))).toEqual(new Set([bob]))
    const member = world.fleet.member(ann)
    if (!member) throw new Error('ann joined')
    const reason = unableReason(world.jobs.active(job.id) as Job, member)
    expect(reason).toBe(
      'its software meters work by versions 2, 3 of the rules and this region by version 1: update the older of the two',
    )
    meters(bob, METERING_VERSION + 1)
    const refused = world.submit({ split: range(1), ...trust })
    expect(refused).toMatchObject({
      ok: false,
      code: 'no_device',
      reason: expect.stringContaining('version 1 of the metering rules'),
    })
    meters(ann, METERING_VERSION, METERING_VERSION + 1)
    expect(world.submit({ split: range(1), ...trust }).ok).toBe(true)
  })
})

describe('work that is done again because its device was caught', () => {
  it.each([false, true])('is taken back by the fuel that it was paid for (after a restart: %s)', restarts => {
    const world = new DepartmentWorld({ policy: { feeBasisPoints: 333 } })
    let turned = false
    const turncoat: Behaviour = unit => (turned ? liar(unit) : uneven(unit))
    const ids = world.join(...crowd(uneven), ['eve', turncoat])
    const eve = () => {
      const member = world.fleet.member(ids[4] as never)
      if (!member) throw new Error('eve joined')
      return member
    }
    eve().row.checksPassed = 1_000
    world.store.commit([{ table: 'device', row: eve().row }])
    const job = world.submit({
      split: range(3_000),
      leaseUnitsMax: 4,
      task: { unitFuelMax: 100_000_000_000 },
      budgetMicro: `${10n ** 11n}`,
    })
    for (let i = 0; i < 12; i++) world.answer(eve().row.id)
    const solo = world.jobs.active(job.id)?.solo.get(eve().row.id)
    expect(solo?.units.units).toBeGreaterThan(0)
    const paid = [...world.store.transfers()].filter(
      ({ kind, credit }) => kind === 'pay' && credit.endsWith(eve().row.id),
    )
    const alone = paid.filter(({ purpose }) => {
      const first = Number(purpose.split('/')[3]?.split('+')[0])
      return world.store.acceptedRun(job.id, first)?.solo !== null
    })
    const aloneMicro = alone.reduce((sum, { amountMicro }) => sum + amountMicro, 0n)
    expect(Math.abs(Number(aloneMicro) - Number(solo?.deviceParts) / 10 ** 13)).toBeLessThan(1)
    if (restarts) {
      world.restart()
      world.connectAll()
      expect(world.jobs.active(job.id)?.solo.get(eve().row.id)).toEqual(solo)
    }
    turned = true
    for (let round = 0; round < 20_000 && world.jobs.active(job.id); round++) {
      if (!world.answer(ids[round % ids.length] as never)) world.advance(1)
      if (round % 50 === 0) expectPromisesKept(world)
    }
    expect(eve().row.standing).toBe('caught')
    const row = world.store.job(job.id)
    expect(row).toMatchObject({ state: 'done', fuel: BigInt(unevenFuel(3_000)) })
    // The submitter pays for each unit as if eve had never been there, the region's part included, less what rounding had added.
    const runs = world.store.acceptedRuns(job.id)
    const onceMicro = runs.reduce((sum, { fuel }) => sum + fuelPrice(fuel, 10_000n), 0n)
    const { paidMicro = 0n, feeMicro = 0n, replicaMicro = 0n, roundedNano = 0n } = row ?? {}
    expect(roundedNano / NANO).toBeGreaterThan(100n)
    expect(paidMicro + feeMicro + roundedNano / NANO).toBe(onceMicro + replicaMicro)
    expectSettled(world, job.id)
    expect(world.audit().problems).toEqual([])
  })
})
