import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store, Write } from '../../coordinator/store/index.ts'
import { AssertionError, type DeviceId, sha256Hex } from '../../protocol/index.ts'
import {
  acceptedRow,
  claimRow,
  DEVICES,
  deviceRow,
  fund,
  JOBS,
  jobRow,
  leaseRow,
  NAMES,
  ownerRow,
  submitterRow,
} from '../support/rows.ts'

/** One implementation to prove. */
export interface StoreUnderTest {
  /** A new, empty store. */
  open(): Store
  /** The same store after its process died and started again. */
  reopen(store: Store): Store
}

/** What every {@link Store} must do. */
export function describeStore(name: string, subject: StoreUnderTest): void {
  describe(`the ${name} store`, () => {
    const [job, otherJob] = JOBS
    const [device, otherDevice] = DEVICES
    let store: Store

    beforeEach(() => {
      store = subject.open()
    })

    afterEach(() => {
      store.close()
    })

    const members: Write[] = [
      { table: 'device', row: deviceRow(device) },
      { table: 'device', row: deviceRow(otherDevice) },
      { table: 'job', row: jobRow(job) },
      { table: 'job', row: jobRow(otherJob) },
    ]

    test('starts empty', () => {
      expect(store.meta('region')).toBeNull()
      expect([store.owners(), store.jobsDone()]).toEqual([[], { jobs: 0, units: 0 }])
      expect([store.claims(), store.devices(), store.submitters(), store.jobs(), store.accounts()]).toEqual([
        [],
        [],
        [],
        [],
        [],
      ])
      expect(store.job(job)).toBeNull()
      expect(store.leaseIdMax()).toBe(0)
      expect(store.leaseOutputs(1)).toBeNull()
      expect([store.openLeases(job), store.acceptedRuns(job), [...store.acceptedOutputs(job)]]).toEqual([[], [], []])
      expect([[...store.transfers()], store.transfer('00'), store.transferCount()]).toEqual([[], null, 0])
    })

    test('returns every row as it was written, and the newest of each key', () => {
      const claim = { ...claimRow('01'), usedBy: device }
      const changed = {
        ...deviceRow(device),
        standing: 'caught' as const,
        standingReason: 'It returned a wrong result.',
        counter: 2 ** 52,
        heldYoungMicro: 2n ** 62n,
        heldOldMicro: 3n,
        heldWindow: 9,
      }
      const done = {
        ...jobRow(job),
        state: 'done' as const,
        finishedAtMs: 5,
        paidMicro: 9_007_199_254_740_993n,
        replicaMicro: 9_007_199_254_740_995n,
        roundedNano: 9_007_199_254_740_996n,
        fuel: 999_999_999_999_999_999n,
        resultSha256: NAMES.sha256,
        resultBytes: 12,
        unitFuelLeast: 0,
        unitFuelGreatest: 100_000_000_000,
        billSha256: NAMES.sha256,
        billBytes: 30,
      }
      store.commit([
        { table: 'meta', key: 'region', value: 'old' },
        { table: 'claim', row: claimRow('01') },
        { table: 'claim', row: claimRow('00') },
        ...members,
        { table: 'submitter', row: submitterRow() },
        { table: 'owner', row: ownerRow() },
        { table: 'owner', row: { ...ownerRow(), name: NAMES.otherOwner } },
      ])
      store.commit([
        { table: 'meta', key: 'region', value: 'hagley' },
        { table: 'claim', row: claim },
        { table: 'device', row: changed },
        { table: 'job', row: jobRow(job) },
        { table: 'job', row: done },
        { table: 'owner', row: { ...ownerRow(), tokenHash: null } },
      ])
      expect(store.meta('region')).toBe('hagley')
      expect(store.claims()).toEqual([claimRow('00'), claim])
      expect(store.devices()).toEqual([changed, deviceRow(otherDevice)])
      expect(store.submitters()).toEqual([submitterRow()])
      const owners = [
        { ...ownerRow(), name: NAMES.otherOwner },
        { ...ownerRow(), tokenHash: null },
      ]
      expect(store.owners()).toEqual(owners.sort((a, b) => (a.name < b.name ? -1 : 1)))
      expect(store.job(job)).toEqual(done)
      expect(store.jobsDone()).toEqual({ jobs: 1, units: done.units })
      expect(store.jobs()).toEqual([jobRow(otherJob), done])
    })

    test('keeps a copy: a row changed after the commit, or after reading, changes nothing', () => {
      const row = jobRow(job)
      store.commit([{ table: 'job', row }])
      row.state = 'failed'
      const read = store.job(job)
      if (read) read.reason = 'changed'
      expect(store.job(job)).toEqual(jobRow(job))
    })

    test('lists jobs newest first by state, submitter and number', () => {
      store.commit([
        { table: 'job', row: jobRow(job) },
        { table: 'job', row: { ...jobRow(otherJob), submitter: NAMES.otherSubmitter, state: 'done' } },
      ])
      const ids = (rows: { id: string }[]) => rows.map(row => row.id)
      expect(ids(store.jobs({ limit: 1 }))).toEqual([otherJob])
      expect(ids(store.jobs({ states: ['done', 'failed'] }))).toEqual([otherJob])
      expect(ids(store.jobs({ states: [] }))).toEqual([])
      expect(ids(store.jobs({ submitter: NAMES.submitter }))).toEqual([job])
      expect(ids(store.jobs({ submitter: NAMES.submitter, states: ['done'] }))).toEqual([])
    })

    test('lists jobs that are not over or ended lately, and names the answers and bills of all', () => {
      const [answer, bill] = [sha256Hex('a1'.repeat(32)), sha256Hex('b2'.repeat(32))]
      const over = { ...jobRow(otherJob), state: 'done', finishedAtMs: 5_000, resultSha256: answer } as const
      store.commit([
        { table: 'job', row: { ...jobRow(job), finishedAtMs: null } },
        { table: 'job', row: { ...over, billSha256: bill } },
      ])
      const since = (endedSinceMs: number) => store.jobs({ endedSinceMs }).map(({ id }) => id)
      expect([since(5_000), since(5_001)]).toEqual([[otherJob, job], [job]])
      expect(store.answerBlobs()).toEqual([answer, bill])
      store.commit([{ table: 'job', row: { ...over, billSha256: null } }])
      expect(store.answerBlobs()).toEqual([answer])
    })

    test('follows leases from out to decided', () => {
      const outputs = Uint8Array.of(1, 2, 3)
      store.commit([
        ...members,
        { table: 'lease', row: leaseRow(1, job, device) },
        { table: 'lease', row: leaseRow(3, job, otherDevice) },
        { table: 'lease', row: { ...leaseRow(2, job, device), speculative: true } },
        { table: 'lease', row: leaseRow(7, otherJob, device) },
        { table: 'lease-state', id: 1, state: 'returned', digest: NAMES.digest, outputs },
      ])
      const returned = { ...leaseRow(1, job, device), state: 'returned' as const, digest: NAMES.digest, outputs }
      expect(store.openLeases(job)).toEqual([
        returned,
        { ...leaseRow(2, job, device), speculative: true },
        leaseRow(3, job, otherDevice),
      ])
      expect(store.leaseOutputs(1)).toEqual(outputs)
      expect(store.leaseOutputs(2)).toBeNull()
      expect(store.leasesOfJob(job, 2).map(row => row.id)).toEqual([3, 2])
      const over = (first: number, count: number) => store.leasesOver(job, first, count)
      for (const row of store.leasesOfJob(job, 9)) {
        const { firstUnit, unitCount } = row
        expect(over(firstUnit, 1)).toContainEqual(row)
        expect(over(firstUnit + unitCount - 1, 5)).toContainEqual(row)
        expect(over(firstUnit + unitCount, 5)).not.toContainEqual(row)
      }
      expect(over(0, 1_000_000)).toEqual(store.leasesOfJob(job, 9))
      const held = (...devices: DeviceId[]) => store.leasesHeld(job, devices).map(row => row.id)
      expect([held(device), held(otherDevice), held(otherDevice, device), held()]).toEqual([[2, 1], [3], [3, 2, 1], []])
      expect(store.leasesOfDevice(device, 10).map(row => row.id)).toEqual([7, 2, 1])
      expect(store.leasesOfJob(job, 10).at(-1)).toEqual({ ...returned, outputs: null })
      expect(store.leaseIdMax()).toBe(7)
      store.commit([
        { table: 'lease-state', id: 1, state: 'accepted', digest: NAMES.digest, outputs: null },
        { table: 'lease-state', id: 2, state: 'cancelled', digest: null, outputs: null },
        { table: 'lease', row: { ...leaseRow(3, job, otherDevice), state: 'expired' } },
      ])
      expect(store.openLeases(job)).toEqual([])
      expect(store.leaseOutputs(1)).toBeNull()
      expect(store.leasesOfJob(job, 9).map(row => row.state)).toEqual(['expired', 'cancelled', 'accepted'])
    })

    test('keeps why somebody was passed over by scope and kind, the most frequent first', () => {
      const row = { scope: `job/${job}`, kind: 'price', reason: 'a', times: 2, firstAtMs: 1, lastAtMs: 5, untilMs: 5 }
      const rarer = { ...row, kind: 'memory', times: 1, untilMs: null }
      const other = { ...row, scope: `device/${device}` }
      store.commit([row, rarer, other].map(row => ({ table: 'passed-over', row })))
      expect(store.passedOver(row.scope)).toEqual([row, rarer])
      const later = { ...rarer, reason: 'b', times: 7, lastAtMs: 2 ** 41, untilMs: 2 ** 41 }
      store.commit([{ table: 'passed-over', row: later }])
      store = subject.reopen(store)
      expect([store.passedOver(row.scope), store.passedOver(other.scope)]).toEqual([[later, row], [other]])
      expect(store.passedOver('job/nobody')).toEqual([])
    })

    test('returns accepted runs in the order of their units', () => {
      const runs = [128, 0, 64].map(first => acceptedRow(job, first))
      const solo = { ...acceptedRow(job, 192), outputs: null, solo: device, fuel: 65_536 * 10 ** 11 }
      store.commit([...members, ...[...runs, solo].map(row => ({ table: 'accepted', row }) as const)])
      store.commit([{ table: 'accepted', row: acceptedRow(otherJob, 5) }])
      expect([...store.acceptedOutputs(job)]).toEqual([
        acceptedRow(job, 0),
        acceptedRow(job, 64),
        acceptedRow(job, 128),
        solo,
      ])
      expect([...store.acceptedOutputs(job, 65)]).toEqual([acceptedRow(job, 128), solo])
      const { outputs: _, ...bare } = solo
      expect(store.acceptedRuns(job).at(-1)).toEqual(bare)
      expect(store.acceptedRuns(job)[0]).not.toHaveProperty('outputs')
      expect(store.acceptedRunsOver(job, 192, 1)).toEqual([bare])
      expect(store.acceptedRunsOver(job, 0, 192)).not.toContainEqual(bare)
      expect(store.acceptedRunsOver(job, 0, 1_000_000)).toEqual(store.acceptedRuns(job))
      expect(store.acceptedRun(job, 192)).toEqual(bare)
      expect([store.acceptedRun(job, 193), store.acceptedRun(otherJob, 192)]).toEqual([null, null])
    })

    test('reads more accepted runs than it holds at once', () => {
      const firsts = Array.from({ length: 200 }, (_, index) => index * 64)
      store.commit([...members, ...firsts.map(first => ({ table: 'accepted', row: acceptedRow(job, first) }) as const)])
      expect([...store.acceptedOutputs(job)].map(row => row.firstUnit)).toEqual(firsts)
      for (const row of store.acceptedOutputs(job)) {
        if (row.firstUnit === 64) break
        store.commit([{ table: 'accepted', row: { ...row, solo: device } }])
      }
      expect(store.acceptedRuns(job)[0]?.solo).toBe(device)
    })

    test('takes back the accepted runs that lie in a range, and no others', () => {
      const runs = [0, 64, 128, 192].map(first => ({ table: 'accepted', row: acceptedRow(job, first) }) as const)
      store.commit([...members, ...runs, { table: 'accepted', row: acceptedRow(otherJob, 64) }])
      store.commit([
        { table: 'accepted-delete', job, firstUnit: 64, unitCount: 150 },
        { table: 'accepted-delete', job, firstUnit: 1, unitCount: 10 },
      ])
      expect(store.acceptedRuns(job).map(row => row.firstUnit)).toEqual([0, 192])
      expect(store.acceptedRuns(otherJob)).toHaveLength(1)
    })

    test('books transfers in order and finds them by account and id', () => {
      store.commit([...fund('submitter:ada', 5n, 1), ...fund('submitter:bob', 2n ** 62n, 2)])
      store.commit(fund('submitter:ada', 7n, 3))
      const all = [...store.transfers()]
      expect(all.map(row => row.amountMicro)).toEqual([5n, 2n ** 62n, 7n])
      expect(store.transferCount()).toBe(3)
      expect(store.transfersFor('submitter:ada', 9).map(row => row.atMs)).toEqual([3, 1])
      expect(store.transfersFor('treasury', 2).map(row => row.atMs)).toEqual([3, 2])
      expect(store.transfersFor('submitter:eve', 9)).toEqual([])
      expect(store.transfer(all[1]?.id ?? '')).toEqual(all[1])
      expect(store.accounts().map(row => row.id)).toEqual(['submitter:ada', 'submitter:bob', 'treasury'])
    })

    test('reads more transfers than it holds at once', () => {
      const writes = Array.from({ length: 2_500 }, (_, index) => fund('submitter:ada', 1n, index)).flat()
      store.commit(writes)
      expect(Array.from(store.transfers(), row => row.atMs)).toEqual(Array.from({ length: 2_500 }, (_, index) => index))
    })

    test('takes the rows of a batch in any order between tables', () => {
      store.commit([
        ...fund('submitter:ada', 5n, 1).reverse(),
        { table: 'accepted', row: acceptedRow(job, 0) },
        { table: 'lease', row: leaseRow(1, job, device) },
        ...members,
      ])
      expect([store.transferCount(), store.openLeases(job).length, store.acceptedRuns(job).length]).toEqual([1, 1, 1])
    })

    test.each<[string, Write[]]>([
      ['a transfer that is there already', fund('submitter:ada', 5n, 1)],
      ['a transfer twice in one batch', [...fund('submitter:eve', 5n, 2), ...fund('submitter:eve', 5n, 2)]],
      [
        'a transfer of an account without a row',
        fund('submitter:eve', 5n, 2).filter(write => write.table === 'transfer'),
      ],
      ['a lease of an unknown job', [{ table: 'lease', row: leaseRow(9, JOBS[2], device) }]],
      ['a lease of an unknown device', [{ table: 'lease', row: leaseRow(9, job, DEVICES[2]) }]],
      [
        'a new state of an unknown lease',
        [{ table: 'lease-state', id: 99, state: 'out', digest: null, outputs: null }],
      ],
      ['an accepted run of an unknown job', [{ table: 'accepted', row: acceptedRow(JOBS[2], 0) }]],
      ['a deletion in an unknown job', [{ table: 'accepted-delete', job: JOBS[2], firstUnit: 0, unitCount: 1 }]],
    ])('stops at %s and applies nothing of its batch', (_, writes) => {
      store.commit([...members, ...fund('submitter:ada', 5n, 1), { table: 'lease', row: leaseRow(1, job, device) }])
      const before = contents(store)
      const mixed: Write[] = [
        { table: 'meta', key: 'region', value: 'other' },
        { table: 'job', row: { ...jobRow(job), state: 'failed' } },
        { table: 'lease', row: leaseRow(8, job, device) },
        { table: 'lease-state', id: 1, state: 'expired', digest: null, outputs: null },
        { table: 'accepted', row: acceptedRow(job, 640) },
        ...fund('submitter:zoe', 1n, 77),
      ]
      expect(() => store.commit([...mixed, ...writes])).toThrow(AssertionError)
      expect(contents(store)).toEqual(before)
      store.commit(mixed)
      expect(store.transferCount()).toBe(2)
    })

    test('has everything committed after a crash', () => {
      store.commit([...members, ...fund('submitter:ada', 5n, 1), { table: 'lease', row: leaseRow(1, job, device) }])
      store.commit([{ table: 'accepted', row: acceptedRow(job, 0) }])
      store.commit([])
      const before = contents(store)
      store = subject.reopen(store)
      expect(contents(store)).toEqual(before)
      store.commit([{ table: 'lease-state', id: 1, state: 'accepted', digest: NAMES.digest, outputs: null }])
      expect(store.openLeases(job)).toEqual([])
    })
  })
}

/** Everything a store holds that the tests above write. */
function contents(store: Store): unknown {
  const jobs = store.jobs()
  return {
    region: store.meta('region'),
    claims: store.claims(),
    devices: store.devices(),
    submitters: store.submitters(),
    owners: store.owners(),
    jobs,
    leases: jobs.map(row => store.leasesOfJob(row.id, 1_000)),
    accepted: jobs.map(row => [...store.acceptedOutputs(row.id)]),
    accounts: store.accounts(),
    transfers: [...store.transfers()],
  }
}
