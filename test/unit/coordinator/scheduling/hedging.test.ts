import { describe, expect, it } from 'vitest'
import type { Job } from '../../../../coordinator/jobs/job.ts'
import { hedgeStragglers, noteTurnaround } from '../../../../coordinator/scheduling/hedging.ts'
import { DepartmentWorld, silent } from '../../../support/department-world.ts'

/** A trusting job of which every unit is out at time 0, a lease for each. */
function setUp(turnaroundsMs: readonly number[]): Job {
  const world = new DepartmentWorld()
  world.join(['ann', silent], ['bob', silent])
  const split = { kind: 'range', from: 0, to: 4, chunk: 1 }
  const { id } = world.submit({ split, leaseUnitsMax: 1, verify: 'trust' })
  const job = world.jobs.active(id) as Job
  expect(job.pending.isEmpty).toBe(true)
  for (const elapsedMs of turnaroundsMs) noteTurnaround(job, elapsedMs)
  return job
}

const hedgedAt = (job: Job, nowMs: number): number => {
  hedgeStragglers(job, nowMs)
  return job.hedges.size
}

describe('hedging', () => {
  it.each<[what: string, turnaroundsMs: number[], lateMs: number]>([
    ['one and a half times the median', [1_000, 2_000, 90_000], 3_000],
    ['half a second at least', [1, 2, 3], 500],
  ])('begins at %s', (_what, turnaroundsMs, lateMs) => {
    const job = setUp(turnaroundsMs)
    expect(hedgedAt(job, lateMs - 1)).toBe(0)
    expect(hedgedAt(job, lateMs)).toBe(4)
  })

  it('waits longer for a lease of which more was expected', () => {
    const job = setUp([100])
    const [long] = job.leases.values()
    Object.assign(long ?? {}, { queuedMs: 1_000, estimateMs: 3_000 })
    expect(hedgedAt(job, 5_999)).toBe(3)
    expect(hedgedAt(job, 6_000)).toBe(4)
  })

  it('waits until something has come back at all', () => {
    expect(hedgedAt(setUp([]), 3_600_000)).toBe(0)
  })

  it('waits until nothing else is left to hand out', () => {
    const job = setUp([100])
    job.pending.add(100, 1)
    expect(hedgedAt(job, 3_600_000)).toBe(0)
    job.pending.take(1)
    const [run] = job.runs
    if (run) job.needy.add(run)
    expect(hedgedAt(job, 3_600_000)).toBe(0)
  })

  it('gives a run one copy, not one each time it looks', () => {
    const job = setUp([100])
    expect(hedgedAt(job, 10_000)).toBe(4)
    job.hedges.clear()
    expect(hedgedAt(job, 20_000)).toBe(0)
  })

  it('remembers the last 64 turnarounds', () => {
    const job = setUp([...Array(64).fill(90_000), ...Array(64).fill(1_000)])
    expect(job.turnaroundsMs).toHaveLength(64)
    expect(hedgedAt(job, 1_500)).toBe(4)
  })
})
