/** Recomputes what the jobs department keeps about money, from the leases and the transfers alone. */
import { expect } from 'vitest'
import type { Job, Lease, Run } from '../../coordinator/jobs/job.ts'
import { DUST, escrowAccount } from '../../coordinator/ledger/ledger.ts'
import { fuelPrice, type JobId } from '../../protocol/index.ts'
import type { DepartmentWorld } from './department-world.ts'

/** What must hold after every step: what is promised is what leases may still earn, and an escrow always has it. */
export function expectPromisesKept(world: DepartmentWorld): void {
  for (const job of world.jobs.allActive()) {
    const { row } = job
    expect(job.reservedMicro, 'reserved').toBe(promisedMicro(job))
    const escrowMicro = world.balanceMicro(escrowAccount(row.id))
    expect(escrowMicro, 'escrow').toBe(row.budgetMicro - row.paidMicro)
    expect(escrowMicro - row.feeMicro - job.reservedMicro, 'unreserved').toBeGreaterThanOrEqual(0n)
    expect(row.fuel, 'fuel so far').toBe(acceptedFuel(world, row.id))
  }
}

function promisedMicro(job: Job): bigint {
  let sum = 0n
  for (const lease of job.leases.values()) for (const run of lease.runs) sum += mayCostMicro(job, lease, run)
  return sum
}

/** A lease that is out may burn its units' limit; one that is back what it burned, rounded up for each of its units at worst. */
function mayCostMicro(job: Job, lease: Lease, run: Run): bigint {
  const price = job.row.gigafuelPriceMicro
  const most = BigInt(run.count) * fuelPrice(job.prepared.spec.task.unitFuelMax, price)
  if (lease.state === 'out') return most
  const fuel = run.votes.find(vote => vote.lease === lease)?.fuel ?? Number.NaN
  const cost = fuelPrice(fuel, price) + BigInt(run.count) - 1n
  return cost < most ? cost : most
}

/** What must hold of a job that is over: its budget went to devices, the region and back, and to nobody else. */
export function expectSettled(world: DepartmentWorld, id: JobId): void {
  const row = world.store.job(id)
  if (!row) throw new Error(`job ${id} has no row`)
  const transfers = [...world.store.transfers()].filter(({ purpose }) => purpose.includes(id))
  const sumOf = (kind: string, into?: string) =>
    transfers
      .filter(transfer => transfer.kind === kind && (into === undefined || transfer.credit === into))
      .reduce((sum, { amountMicro }) => sum + amountMicro, 0n)
  expect(world.balanceMicro(escrowAccount(id))).toBe(0n)
  expect(sumOf('escrow')).toBe(row.budgetMicro)
  expect(sumOf('pay') - sumOf('slash')).toBe(row.paidMicro)
  const regionMicro = sumOf('fee') + sumOf('dust', DUST)
  expect(regionMicro).toBe(row.feeMicro)
  expect(sumOf('pay') - sumOf('slash') + regionMicro + sumOf('refund')).toBe(row.budgetMicro)
  expect(row.paidMicro + row.feeMicro).toBeLessThanOrEqual(row.budgetMicro)
  expect(row.fuel).toBe(acceptedFuel(world, id))
}

function acceptedFuel(world: DepartmentWorld, id: JobId): bigint {
  return world.store.acceptedRuns(id).reduce((sum, { fuel }) => sum + BigInt(fuel), 0n)
}
