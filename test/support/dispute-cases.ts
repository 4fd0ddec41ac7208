/** Jobs decided rightly and wrongly in a world of departments, for tests of disputes about them. */
import { expect } from 'vitest'
import type { RegionPolicy } from '../../coordinator/config.ts'
import type { Party } from '../../coordinator/disputes/dispute.ts'
import { escrowAccount, holdbackAccount, SLASHED, submitterAccount } from '../../coordinator/ledger/ledger.ts'
import type { DisputeRow, LeaseRow } from '../../coordinator/store/index.ts'
import { type DeviceId, decodeEntry } from '../../protocol/index.ts'
import { auditStore } from './audit-entries.ts'
import { ALICE, type Behaviour, DepartmentWorld, honest, liar, TIGHT } from './department-world.ts'
import { present } from './present.ts'

/** So many units. */
export const range = (units: number) => ({ kind: 'range', from: 0, to: units, chunk: 1 })
/** The submitter of every job here. */
export const alice: Party = { kind: 'submitter', name: ALICE }
/** A device, or its owner by it. */
export const deviceOf = (device: DeviceId): Party => ({ kind: 'device', device })

/** Of everybody's answer to a unit at its limit: 10^9 fuel cost 10 000 micro-credits. */
export const UNIT_LIMIT_MICRO = 10_000n
/** Four new devices agree to 0.999, and one answer more may be wrong. */
export const ANSWERS = 5n

/** A crowd of owners that all behave alike. */
export const crowd = (names: string, behaviour: Behaviour): [string, Behaviour][] =>
  [...names].map(name => [name, behaviour])

/** A job that one device answered alone, and a region of others who have not. */
export function trusted(first: Behaviour, others: [string, Behaviour][] = crowd('abcde', honest), units = 4) {
  const world = new DepartmentWorld()
  const [device] = world.join(['first', first]) as [DeviceId]
  const job = world.submit({ split: range(units), verify: 'trust', leaseUnitsMax: units })
  world.run(job.id)
  const rest = world.join(...others)
  const [lease] = world.store.leasesOfJob(job.id, 10).filter(({ state }) => state === 'accepted') as [LeaseRow]
  return { world, device, job: job.id, lease, rest }
}

/**
 * A job of two units that a proven device answered alone, in a region of others who have not, with money to look again. The device is caught
 * for something else by {@link convict}.
 * @param lies - whether the first was answered wrongly
 * @param earned - units that the device was paid for before, and that the region has its fee of
 */
export function alone(
  lies: boolean,
  others: [string, Behaviour][] = crowd('abcde', honest),
  policy: Partial<RegionPolicy> = {},
  earned = 100,
) {
  const world = new DepartmentWorld({ policy: { feeBasisPoints: 5_000, ...policy } })
  const [device] = world.join(['eve', unit => (lies && unit === 0 ? liar(unit) : honest(unit))]) as [DeviceId]
  // At its limit of fuel a second look at a lease of these costs more than the device can lose.
  const before = world.submit({ split: range(earned), verify: 'trust', leaseUnitsMax: 10 })
  world.run(before.id)
  present(world.fleet.member(device)).row.checksPassed = 1_000
  const job = world.submit({ split: range(2), leaseUnitsMax: 1, ...TIGHT })
  world.run(job.id)
  const rest = world.join(...others)
  const leases = world.store.leasesOfJob(job.id, 10).reverse() as [LeaseRow, LeaseRow]
  return { world, device, job: job.id, leases, rest }
}

/**
 * A job of two units on which four new owners agreed, in a region of others who have not been asked, with money to look again.
 * @param lies - whether they answered the first wrongly, all alike
 */
export function agreed(lies: boolean) {
  const world = new DepartmentWorld({ policy: { feeBasisPoints: 5_000 } })
  const behaviour: Behaviour = unit => (lies && unit === 0 ? liar(unit) : honest(unit))
  const ring = world.join(...crowd('wxyz', behaviour))
  const before = world.submit({ split: range(100), verify: 'trust', leaseUnitsMax: 10 })
  world.run(before.id)
  const job = world.submit({ split: range(2), leaseUnitsMax: 1, ...TIGHT })
  world.run(job.id)
  world.join(...crowd('abcde', honest))
  return { world, ring, job: job.id }
}

/** A device is caught, for whatever it was. */
export function convict(world: DepartmentWorld, device: DeviceId): void {
  const member = present(world.fleet.member(device))
  world.step((now, batch) => world.jobs.convict(member, 'returned a wrong result elsewhere', now, batch))
}

/** What the region looks at again by itself, the newest first. */
export const ownDisputes = (world: DepartmentWorld): DisputeRow[] => world.store.disputes({ account: SLASHED })

/** Lets devices work and time pass until the region has looked at what it can. */
export function lookAgain(world: DepartmentWorld, rounds = 40): void {
  for (let round = 0; round < rounds; round++) {
    for (const device of [...world.devices.keys()]) world.answer(device)
    world.advance(500)
  }
}

/** Four owners agree on a wrong answer and outvote an honest one, which is caught for it. */
export function outvoted() {
  const world = new DepartmentWorld()
  const [victim, ...gang] = world.join(['ann', honest], ...crowd('wxyz', liar)) as DeviceId[]
  // Something to lose.
  const before = world.submit({ split: range(5), verify: 'trust', leaseUnitsMax: 1 })
  world.run(before.id)
  const job = world.submit({ split: range(1), leaseUnitsMax: 1 })
  world.run(job.id)
  const held = world.balanceMicro(holdbackAccount(victim as DeviceId))
  const lost = world.store.leasesOfJob(job.id, 100).find(({ state }) => state === 'rejected')
  return { world, victim: victim as DeviceId, gang, job: job.id, lease: lost as LeaseRow, held }
}

const open = (world: DepartmentWorld, party: Party, lease: number) => world.dispute.lease(party, lease, 'it is wrong')

/** Devices that hold a lease which they have not answered. */
export const asked = (world: DepartmentWorld, devices: readonly DeviceId[]): DeviceId[] =>
  devices.filter(id => (world.devices.get(id)?.inbox.length ?? 0) > 0)

/** A dispute that is taken. */
export function opened(world: DepartmentWorld, party: Party, lease: number): DisputeRow {
  const outcome = open(world, party, lease)
  if (!outcome.ok) throw new Error(outcome.reason)
  return outcome.row
}

/** Why a dispute is not taken; null when it is. */
export const refused = (world: DepartmentWorld, party: Party, lease: number) => {
  const outcome = open(world, party, lease)
  return outcome.ok ? null : { code: outcome.code, reason: outcome.reason }
}

/** A dispute as it is kept now. */
export const endOf = (world: DepartmentWorld, { id }: DisputeRow): DisputeRow => world.store.dispute(id) as DisputeRow

/** What the log says of itself, the rows and this dispute's account. */
export function expectBooks(world: DepartmentWorld, ...disputes: DisputeRow[]): void {
  expect(world.audit().problems).toEqual([])
  expect(auditStore(world.store)).toEqual([])
  for (const { id } of disputes) expect(world.balanceMicro(escrowAccount(id))).toBe(0n)
  for (const { row } of world.fleet.all()) {
    expect(row.heldYoungMicro + row.heldOldMicro, row.owner).toBe(world.balanceMicro(holdbackAccount(row.id)))
  }
}

/** What was moved for purposes that begin so: from, to, how much. */
export const movedFor = (world: DepartmentWorld, purpose: string) =>
  [...world.store.transfers()]
    .filter(transfer => transfer.purpose.startsWith(purpose) && transfer.phase !== 'pending')
    .map(({ debit, credit, amountMicro }) => [debit, credit, amountMicro])

/** When a lease was paid. */
export const paidAtMs = (world: DepartmentWorld, { id, job, firstUnit, unitCount }: LeaseRow) =>
  world.store.transferFor(`pay/${job}/${id}/${firstUnit}+${unitCount}`)?.atMs ?? Number.NaN

/** What the submitter has. */
export const fundOf = (world: DepartmentWorld) => world.balanceMicro(submitterAccount(ALICE))

/** The entries of the log. */
export function logOf(world: DepartmentWorld) {
  return world.store.entries(0, world.store.entryCount()).map(bytes => decodeEntry(bytes))
}
