import { describe, expect, it } from 'vitest'
import { createDisputeAdmin } from '../../../../coordinator/admin/dispute-admin.ts'
import { ApiError } from '../../../../coordinator/http/admin-api.ts'
import type { LeaseRow } from '../../../../coordinator/store/index.ts'
import { ALICE, DepartmentWorld, honest, liar } from '../../../support/department-world.ts'

/** A job whose only result is a lie, and devices that can look again. */
function lied() {
  const world = new DepartmentWorld()
  world.join(['eve', liar])
  const job = world.submit({ split: { kind: 'range', from: 0, to: 4, chunk: 1 }, verify: 'trust', leaseUnitsMax: 2 })
  world.run(job.id)
  world.join(['a', honest], ['b', honest], ['c', honest], ['d', honest], ['e', honest])
  const api = createDisputeAdmin({
    region: { committed: async () => {} },
    disputes: world.disputes,
    disputeIntake: world.dispute,
    store: world.store,
  })
  const leases = world.store.leasesOfJob(job.id, 10)
  return { world, job: job.id, api, leases, lease: leases[0] as LeaseRow }
}

describe('the administration of disputes', () => {
  it('opens a dispute for whoever paid, shows it, and says in words how it ended', async () => {
    const { world, job, api, lease } = lied()
    const opened = await api.disputeOpen(null, { lease: lease.id }, 'the sum is odd')
    expect(opened).toMatchObject({
      state: 'open',
      stage: 'second_look',
      submitter: 'alice',
      account: 'submitter:alice',
    })
    expect(opened).toMatchObject({ lease: lease.id, job, reason: 'the sum is odd', detail: '', endedAtMs: null })
    const explained = await api.disputeExplain(opened.id)
    expect(explained.summary).toBe(`Dispute ${opened.id} is open.`)
    expect(explained.reasons.join(' ')).toContain(
      `submitter:alice disputes lease ${lease.id} of job ${job}: the sum is odd.`,
    )
    world.decide()
    expect(await api.dispute(opened.id)).toMatchObject({ state: 'upheld', stage: null })
    const ended = await api.disputeExplain(opened.id)
    expect(ended.summary).toBe(`Dispute ${opened.id} was upheld: whoever disputed was right.`)
    expect(ended.reasons.some(reason => reason.includes('credits went from holdback:'))).toBe(true)
    expect((await api.disputeList({})).map(({ id }) => id)).toEqual([opened.id])
    expect(await api.disputeList({ submitter: 'bob' })).toEqual([])
    expect(JSON.parse(JSON.stringify(opened))).toEqual(opened)
  })

  it('finds a lease by a unit of the job', async () => {
    const { api, job, leases } = lied()
    const wanted = leases.find(({ firstUnit, unitCount }) => firstUnit <= 3 && 3 < firstUnit + unitCount)
    const opened = await api.disputeOpen(ALICE, { job, unit: 3 }, '')
    expect(opened.lease).toBe(wanted?.id)
    await expect(api.disputeOpen(ALICE, { job, unit: 4 }, '')).rejects.toThrow('No device was paid for unit 4')
  })

  it('refuses with a code that a program understands and a sentence', async () => {
    const { api, lease } = lied()
    const failure = async (act: Promise<unknown>) => {
      const error = await act.then(
        () => null,
        (thrown: unknown) => thrown,
      )
      return error instanceof ApiError ? [error.code, error.status] : error
    }
    expect(await failure(api.disputeOpen('bob', { lease: lease.id }, ''))).toEqual(['not_allowed', 403])
    expect(await failure(api.disputeOpen(null, { lease: 999 }, ''))).toEqual(['not_found', 404])
    expect(await failure(api.disputeOpen('alice', { lease: 999 }, ''))).toEqual(['not_found', 404])
    expect(await failure(api.dispute('nothing'))).toEqual(['not_found', 404])
    await api.disputeOpen('alice', { lease: lease.id }, '')
    expect(await failure(api.disputeOpen('alice', { lease: lease.id }, ''))).toEqual(['conflict', 409])
  })
})
