import { existsSync, utimesSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type BlobStore, openBlobStore } from '../../../coordinator/blobs/index.ts'
import { createMemoryStore, type JobRow, type Store } from '../../../coordinator/store/index.ts'
import { sweepBlobs } from '../../../coordinator/sweep-blobs.ts'
import { fromHex, type Sha256Hex, utf8 } from '../../../protocol/index.ts'
import { acceptedRow, DEVICES, deviceRow, JOBS, jobRow, leaseRow } from '../../support/rows.ts'
import { disputeRow } from '../../support/settlement-rows.ts'
import { tempDirs } from '../../support/temp-dir.ts'

const newFolder = tempDirs()
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const NOW_MS = 1_800_000_000_000

interface World {
  blobs: BlobStore
  store: Store
  folder: string
  /** Puts a blob up so long before now, and opens the folder anew: nobody has asked for it since. */
  old(text: string, ageMs?: number): Sha256Hex
  sweep(): Promise<readonly string[]>
}

function world(): World {
  const folder = newFolder()
  const store = createMemoryStore()
  const names = new Map<Sha256Hex, string>()
  const made = {
    blobs: openBlobStore(folder),
    store,
    folder,
    old(text: string, ageMs = 30 * DAY_MS) {
      const hash = made.blobs.put(utf8(text))
      const atS = (NOW_MS - ageMs) / 1_000
      utimesSync(made.blobs.path(hash), atS, atS)
      names.set(hash, text)
      made.blobs = openBlobStore(folder)
      return hash
    },
    async sweep() {
      await sweepBlobs({ blobs: made.blobs, store }, HOUR_MS, NOW_MS)
      return [...names].filter(([hash]) => existsSync(made.blobs.path(hash))).map(([, text]) => text)
    },
  }
  return made
}

const [job] = JOBS
const [device] = DEVICES
/** A job whose specification names these blobs. */
const jobOf = (named: readonly Sha256Hex[], more: Partial<JobRow> = {}): JobRow => ({
  ...jobRow(job),
  spec: JSON.stringify({ named }),
  ...more,
})
const over = (finishedAtMs: number) => ({ state: 'done', finishedAtMs }) as const

describe('a sweep of the blob store', () => {
  test('deletes what nobody names, once it is old, and gives its room back', async () => {
    const it = world()
    it.old('forgotten')
    it.old('fresh', 20 * HOUR_MS)
    expect(it.blobs.usedBytes()).toBe('forgottenfresh'.length)
    expect(await it.sweep()).toEqual(['fresh'])
    expect(it.blobs.usedBytes()).toBe('fresh'.length)
    expect(openBlobStore(it.folder).usedBytes()).toBe('fresh'.length)
  })

  test('keeps what a job is made of and what its leases returned, until it can be disputed no longer', async () => {
    const it = world()
    const [input, outputs, vote] = [it.old('input'), it.old('outputs'), it.old('vote')]
    const leases = (state: JobRow): void => {
      it.store.commit([
        { table: 'device', row: deviceRow(device) },
        { table: 'job', row: state },
        { table: 'lease', row: { ...leaseRow(1, job, device), state: 'returned', digest: fromHex(vote) } },
        { table: 'accepted', row: { ...acceptedRow(job, 0), digest: fromHex(outputs), outputs: null } },
      ])
    }
    const all = ['input', 'outputs', 'vote']
    leases(jobOf([input]))
    expect(await it.sweep()).toEqual(all)
    it.store.commit([{ table: 'job', row: jobOf([input], over(NOW_MS - DAY_MS - 2 * HOUR_MS)) }])
    expect(await it.sweep()).toEqual(all)
    it.store.commit([{ table: 'job', row: jobOf([input], over(NOW_MS - DAY_MS - 2 * HOUR_MS - 1)) }])
    expect(await it.sweep()).toEqual([])
  })

  test('keeps what an open dispute looks at again, however long ago the job ended', async () => {
    const it = world()
    const input = it.old('input')
    const dispute = { ...disputeRow('d'.repeat(16)), job }
    it.store.commit([
      { table: 'job', row: jobOf([input], over(NOW_MS - 300 * DAY_MS)) },
      { table: 'dispute', row: { ...dispute, state: 'open' } },
    ])
    expect(await it.sweep()).toEqual(['input'])
    it.store.commit([{ table: 'dispute', row: { ...dispute, state: 'dismissed' } }])
    expect(await it.sweep()).toEqual([])
  })

  test('keeps answers and bills for ever', async () => {
    const it = world()
    const [answer, bill, input] = [it.old('answer'), it.old('bill'), it.old('input')]
    const ended = { ...over(NOW_MS - 300 * DAY_MS), resultSha256: answer, billSha256: bill }
    it.store.commit([{ table: 'job', row: jobOf([input], ended) }])
    expect(await it.sweep()).toEqual(['answer', 'bill'])
  })

  test('keeps what somebody asked for since the last one: a job that is being submitted names it next', async () => {
    const it = world()
    const input = it.old('input')
    expect(it.blobs.has(input)).toEqual({ size: 5 })
    expect(await it.sweep()).toEqual(['input'])
    expect(await it.sweep()).toEqual([])
  })

  test('keeps what is asked for while it goes on', async () => {
    const it = world()
    const input = it.old('input')
    const sweeping = it.sweep()
    expect(it.blobs.has(input)).not.toBeNull()
    expect(await sweeping).toEqual(['input'])
  })
})
