/** Disputes at any moment, among random crowds, losses, lies and restarts: money is conserved, and every deposit has one end. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Party } from '../../coordinator/disputes/dispute.ts'
import { regionSpentMicro } from '../../coordinator/disputes/region-fund.ts'
import { availableAccount, escrowAccount, holdbackAccount, SLASHED, TREASURY } from '../../coordinator/ledger/ledger.ts'
import type { DisputeRow, LeaseRow } from '../../coordinator/store/index.ts'
import { type DeviceId, encodeOutputs, toHex, type UnitOutcome } from '../../protocol/index.ts'
import { auditStore } from '../support/audit-entries.ts'
import { ALICE, type Behaviour, DepartmentWorld, honest, liar, TIGHT } from '../support/department-world.ts'
import { present } from '../support/present.ts'

type Step =
  | { do: 'answer'; device: number }
  | { do: 'lose'; device: number }
  | { do: 'disconnect'; device: number }
  | { do: 'connect'; device: number }
  | { do: 'wait'; ms: number }
  | { do: 'restart' }
  | { do: 'dispute'; lease: number; by: 'submitter' | 'device' }

const WINDOW_MS = 60_000
const device = fc.nat(12)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('answer' as const), device }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), device }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disconnect' as const), device }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('connect' as const), device }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 20_000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('dispute' as const),
      lease: fc.nat(60),
      by: fc.constantFrom('submitter' as const, 'device' as const),
    }),
  },
)

const sometimes: Behaviour = unit => (unit % 3 === 0 ? liar(unit) : honest(unit))
const OWNERS = ['ann', 'bob', 'cat', 'dan', 'fay', 'gus', 'hal', 'ida']

const setting = {
  seed: fc.string({ minLength: 1, maxLength: 8 }),
  units: fc.integer({ min: 1, max: 24 }),
  leaseUnitsMax: fc.integer({ min: 1, max: 6 }),
  trusts: fc.boolean(),
  disputeDepositMicro: fc.bigInt({ min: 1n, max: 101n }),
  feeBasisPoints: fc.integer({ min: 0, max: 5_000 }),
  /** Of each liar, whether it always lies. */
  liars: fc.array(fc.boolean(), { minLength: 1, maxLength: 2 }),
  steps: fc.array(step, { minLength: 20, maxLength: 120, size: 'max' }),
}

describe('disputes', () => {
  it('[DISP-1.4] [DISP-2.4] [DISP-3.1] [DISP-3.5] conserve money and end once, whenever they come and whatever happens', () => {
    const ends = { upheld: 0, dismissed: 0, undecided: 0, byDevices: 0 }
    fc.assert(
      fc.property(fc.record(setting), ({ seed, units, leaseUnitsMax, trusts, liars, steps, ...money }) => {
        const world = new DepartmentWorld({ seed, policy: { holdbackWindowMs: WINDOW_MS, ...money } })
        const ids = world.join(
          ...OWNERS.map((owner): [string, Behaviour] => [owner, honest]),
          ...liars.map((always, i): [string, Behaviour] => [`eve${i}`, always ? liar : sometimes]),
        )
        earn(world, ids)
        const split = { kind: 'range', from: 0, to: units, chunk: 1 }
        const verify = trusts ? { verify: 'trust' } : {}
        const job = world.submit({ split, leaseUnitsMax, budgetMicro: `${units * 2_000}`, ...TIGHT, ...verify })
        expect(job.ok).toBe(true)
        for (const move of steps) {
          play(world, ids, move)
          expectFunded(world)
        }
        world.connectAll()
        world.run(job.id, 2_000)
        world.decide(3_000)
        expectSettled(world, ends)
      }),
      { numRuns: 150 },
    )
    // Both sides win sometimes, or the disputes above try nothing.
    expect(Math.min(ends.upheld, ends.dismissed)).toBeGreaterThan(0)
  })

  it('[DISP-3.2] [DISP-3.4] set right what a colluding majority has decided, once others are there to look again', () => {
    const ends = { upheld: 0, dismissed: 0, undecided: 0, byDevices: 0 }
    fc.assert(
      fc.property(fc.record(setting), ({ seed, units, leaseUnitsMax, steps, ...money }) => {
        const { disputeDepositMicro, feeBasisPoints } = money
        const policy = { holdbackWindowMs: WINDOW_MS, disputeDepositMicro, feeBasisPoints }
        const world = new DepartmentWorld({ seed, policy })
        const gang = world.join(
          ...['u', 'v', 'w', 'x', 'y', 'z'].map((owner): [string, Behaviour] => [owner, liar]),
          ['ann', honest],
          ['bob', honest],
        )
        earn(world, gang)
        const split = { kind: 'range', from: 0, to: units, chunk: 1 }
        const job = world.submit({ split, leaseUnitsMax, budgetMicro: `${units * 2_000}`, ...TIGHT })
        world.run(job.id, 2_000)
        // Whoever is left of the gang would be asked like anybody else, and be believed: it has a record by now.
        for (const id of gang)
          if (world.devices.has(id)) (world.devices.get(id) as { behaviour: Behaviour }).behaviour = honest
        const fresh = world.join(...OWNERS.slice(2).map((owner): [string, Behaviour] => [owner, honest]))
        for (const move of steps) play(world, [...gang, ...fresh], move)
        world.connectAll()
        world.decide(3_000)
        expectSettled(world, ends)
      }),
      { numRuns: 100 },
    )
    expect(Math.min(ends.upheld, ends.byDevices)).toBeGreaterThan(5)
  })
})

type Catch = Step | { do: 'catch' }

const catching: fc.Arbitrary<Catch> = fc.oneof(
  { weight: 12, arbitrary: step },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('catch' as const) }) },
)

describe('what a caught device has answered alone', () => {
  it('[DISP-5.1] [DISP-5.2] [DISP-5.3] is looked at by the region once, rightly, and for no more than it allows, whatever happens', () => {
    const ends = { upheld: 0, dismissed: 0, undecided: 0, byDevices: 0 }
    const own = { upheld: 0, dismissed: 0, undecided: 0, open: 0 }
    const steps = fc.array(catching, { minLength: 40, maxLength: 160, size: 'max' })
    const recheckMicroMax = fc.bigInt({ min: 0n, max: 20_000n })
    const ours = fc.record({ ...setting, steps, recheckMicroMax })
    fc.assert(
      fc.property(ours, ({ seed, units, leaseUnitsMax, trusts: _, liars, steps, ...money }) => {
        const world = new DepartmentWorld({ seed, policy: { holdbackWindowMs: 10 * WINDOW_MS, ...money } })
        const eves = liars.map((always, i): [string, Behaviour] => [`eve${i}`, always ? liar : sometimes])
        const ids = world.join(...OWNERS.map((owner): [string, Behaviour] => [owner, honest]), ...eves)
        earn(world, ids)
        const proven = ids.slice(OWNERS.length).map(id => present(world.fleet.member(id)))
        for (const { row } of proven) {
          row.checksPassed = 1_000
          world.step((_, batch) => batch.write({ table: 'device', row: { ...row } }))
        }
        for (const id of ids.slice(0, OWNERS.length)) world.disconnect(id)
        const split = { kind: 'range', from: 0, to: units, chunk: 1 }
        const first = world.submit({ split, leaseUnitsMax, budgetMicro: `${units * 2_000}`, ...TIGHT })
        world.run(first.id, 100)
        world.connectAll()
        for (const move of steps) {
          if (move.do !== 'catch') play(world, ids, move)
          else {
            const eve = ids.slice(OWNERS.length).flatMap(id => world.fleet.member(id) ?? [])
            for (const member of eve)
              if (member.row.standing === 'joined')
                world.step((now, batch) => world.jobs.convict(member, 'lied elsewhere', now, batch))
          }
          expectSound(world)
          expectFunded(world)
        }
        world.connectAll()
        world.run(first.id, 2_000)
        for (let round = 0; round < 40; round++) {
          for (const id of ids) world.answer(id)
          world.advance(500)
        }
        world.decide(3_000)
        expectSettled(world, ends)
        let spentMicro = 0n
        for (const { id, state } of world.store.disputes({ account: SLASHED })) {
          own[state]++
          spentMicro += regionSpentMicro(world.ledger, id)
        }
        expect(spentMicro).toBeLessThanOrEqual(money.recheckMicroMax)
      }),
      { numRuns: 100 },
    )
    expect(Math.min(own.upheld, own.dismissed)).toBeGreaterThan(0)
    expect(own.open).toBe(0)
  })
})

type Business = Step | { do: 'submit'; units: number } | { do: 'cancel'; job: number }

const business: fc.Arbitrary<Business> = fc.oneof(
  { weight: 8, arbitrary: step },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('submit' as const), units: fc.integer({ min: 1, max: 20 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), job: fc.nat(5) }) },
)

describe('jobs that come, go and are disputed', () => {
  it('[PAY-1.2] [PAY-1.3] [PAY-4.1] never create, lose or overdraw money, after any step, and end paid or refunded', () => {
    const ends = { upheld: 0, dismissed: 0, undecided: 0, byDevices: 0 }
    const states = new Set<string>()
    const steps = fc.array(business, { minLength: 20, maxLength: 120, size: 'max' })
    fc.assert(
      fc.property(fc.record({ ...setting, steps }), ({ seed, leaseUnitsMax, trusts, liars, steps, ...money }) => {
        const world = new DepartmentWorld({ seed, policy: { holdbackWindowMs: WINDOW_MS, ...money } })
        const ids = world.join(
          ...OWNERS.map((owner): [string, Behaviour] => [owner, honest]),
          ...liars.map((always, i): [string, Behaviour] => [`eve${i}`, always ? liar : sometimes]),
        )
        earn(world, ids)
        const verify = trusts ? { verify: 'trust' } : {}
        for (const move of steps) {
          if (move.do === 'submit') {
            const split = { kind: 'range', from: 0, to: move.units, chunk: 1 }
            world.submit({ split, leaseUnitsMax, budgetMicro: `${move.units * 2_000}`, ...TIGHT, ...verify })
          } else if (move.do === 'cancel') {
            const running = [...world.jobs.allActive()]
            const id = running[move.job % Math.max(1, running.length)]?.row.id
            if (id) world.step((now, batch) => world.jobs.stop(id, 'cancelled', 'on request', now, batch))
          } else play(world, ids, move)
          expectSound(world)
        }
        world.connectAll()
        for (const { row } of [...world.jobs.allActive()]) world.run(row.id, 2_000)
        world.decide(3_000)
        expectSettled(world, ends)
        for (const { id, state } of world.store.jobs()) {
          states.add(state)
          expect(world.balanceMicro(escrowAccount(id))).toBe(0n)
        }
      }),
      { numRuns: 100 },
    )
    expect([...states]).toEqual(expect.arrayContaining(['done', 'cancelled']))
    expect(ends.upheld + ends.dismissed).toBeGreaterThan(0)
  })
})

/** What must hold at every moment. */
function expectSound(world: DepartmentWorld): void {
  const accounts = world.store.accounts()
  expect(accounts.reduce((sum, { debitsMicro, creditsMicro }) => sum + creditsMicro - debitsMicro, 0n)).toBe(0n)
  for (const { id } of accounts)
    if (id !== TREASURY) expect(world.ledger.availableMicro(id), id).toBeGreaterThanOrEqual(0n)
}

/** What must hold when every dispute has ended. Counts how they did. */
function expectSettled(world: DepartmentWorld, ends: Record<string, number>): void {
  expect(world.disputes.size).toBe(0)
  expect(world.audit().problems).toEqual([])
  expect(auditStore(world.store)).toEqual([])
  for (const row of world.store.disputes()) {
    expectResolvedOnce(world, row)
    expectTrue(world, row)
    ends[row.state] = (ends[row.state] ?? 0) + 1
    if (row.account.startsWith('available:') && row.state !== 'undecided') ends.byDevices = (ends.byDevices ?? 0) + 1
  }
  for (const { row } of world.fleet.all()) {
    expect(row.heldYoungMicro + row.heldOldMicro).toBe(world.balanceMicro(holdbackAccount(row.id)))
    expect(row.unitsRejected).toBeGreaterThanOrEqual(0)
  }
}

/** Everybody has earned enough for a deposit, and has it available. */
function earn(world: DepartmentWorld, ids: readonly DeviceId[]): void {
  const split = { kind: 'range', from: 0, to: 60 * ids.length, chunk: 1 }
  const job = world.submit({ split, verify: 'trust', leaseUnitsMax: 10, ...TIGHT })
  world.run(job.id)
  world.advance(3 * WINDOW_MS)
}

function play(world: DepartmentWorld, ids: readonly DeviceId[], move: Step): void {
  switch (move.do) {
    case 'wait':
      world.advance(move.ms)
      return
    case 'restart':
      world.restart()
      world.connectAll()
      return
    case 'dispute':
      dispute(world, move)
      return
    default: {
      const id = ids[move.device % ids.length] as DeviceId
      if (move.do === 'answer') world.answer(id)
      else if (move.do === 'lose') world.devices.get(id)?.inbox.shift()
      else if (move.do === 'disconnect') world.disconnect(id)
      else world.connect(id)
    }
  }
}

/** One of the newest leases that the party has something to say about is disputed, if that is taken. */
function dispute(world: DepartmentWorld, { lease: at, by }: Extract<Step, { do: 'dispute' }>): void {
  const [job] = world.store.jobs()
  if (!job) return
  const state = by === 'submitter' ? 'accepted' : 'rejected'
  const leases = world.store.leasesOfJob(job.id, 100).filter(lease => lease.state === state)
  const lease = leases[at % Math.max(1, leases.length)]
  if (!lease) return
  const party: Party = by === 'submitter' ? { kind: by, name: ALICE } : { kind: by, device: lease.device }
  const available = world.ledger.availableMicro(availableAccount(lease.device))
  const outcome = world.dispute.lease(party, lease.id, 'wrong')
  if (outcome.ok && by === 'device') expect(outcome.row.depositMicro).toBeLessThanOrEqual(available)
}

/** Money is in the account of a dispute only while the region looks again by itself, and then all that this may cost. */
function expectFunded(world: DepartmentWorld): void {
  for (const { id, account, state } of world.store.disputes()) {
    const isFunded = account === SLASHED && state === 'open'
    const balance = world.balanceMicro(escrowAccount(id))
    expect(balance > 0n, id).toBe(isFunded)
  }
  const own = world.store.disputes({ account: SLASHED, states: ['open'] })
  expect(own.length).toBeLessThanOrEqual(4)
  expect(new Set(own.map(({ job }) => job)).size).toBe(own.length)
}

/** What was set aside was posted and given back, together exactly, and the log tells of one end. */
function expectResolvedOnce(world: DepartmentWorld, { id, depositMicro }: DisputeRow): void {
  expect(world.balanceMicro(escrowAccount(id))).toBe(0n)
  expect(world.ledger.holdOf(`deposit/${id}`)).toBeUndefined()
  const resolved = [...world.store.transfers()].filter(({ pending }) => pending === `deposit/${id}`)
  expect(resolved.reduce((sum, { amountMicro }) => sum + amountMicro, 0n)).toBe(depositMicro)
  expect(resolved.filter(({ phase }) => phase === 'void').length).toBeLessThanOrEqual(1)
  expect(resolved.some(({ phase }) => phase === 'expire')).toBe(false)
}

/** Two liars at most cannot make a second look wrong, so whoever disputes is right exactly when the honest answer says so. */
function expectTrue(world: DepartmentWorld, { state, lease, account }: DisputeRow): void {
  if (state === 'undecided' || lease === null) return
  const row = world.store.lease(lease) as LeaseRow
  const isRight = digestOf(row) === toHex(row.digest ?? new Uint8Array())
  expect(state).toBe(isRight === account.startsWith('available:') ? 'upheld' : 'dismissed')
}

function digestOf({ firstUnit, unitCount }: LeaseRow): string {
  const outcomes = Array.from({ length: unitCount }, (_, i) => honest(firstUnit + i) as UnitOutcome)
  return createHash('sha256').update(encodeOutputs(outcomes)).digest('hex')
}
