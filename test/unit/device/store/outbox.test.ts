import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { openOutbox } from '../../../../device/store/outbox.ts'
import { prepareSchema } from '../../../../device/store/schema.ts'
import { profileId } from '../../../../protocol/index.ts'

/** An outbox on a disk of so many pages of 4 KiB. */
function smallDisk(pages: number) {
  const db = new DatabaseSync(':memory:')
  prepareSchema(db, ':memory:')
  db.exec(`PRAGMA max_page_count = ${pages}`)
  let reserved = 0
  const raiseCounter = (_: string, by: number) => {
    reserved += by
    return reserved
  }
  return openOutbox(db, { quotaBytes: 1e9, reserveBytes: 1, raiseCounter, guard: act => act() })
}

it('says full when the disk is, and has room again after an ack', () => {
  const outbox = smallDisk(30)
  const kept: number[] = []
  let seq = outbox.nextSeq()
  while (outbox.put(seq, new Uint8Array(8_000)) === 'stored') {
    kept.push(seq)
    seq = outbox.nextSeq()
  }
  expect(kept.length).toBeGreaterThan(3)
  expect(outbox).toMatchObject({ frames: kept.length, bytes: kept.length * 8_000 })
  expect(outbox.forget(kept.slice(0, 2))).toBe(2)
  expect(outbox.put(seq, new Uint8Array(8_000))).toBe('stored')
  expect(outbox.after(0, 99).map(row => row.seq)).toEqual([...kept.slice(2), seq])
})

it('keeps readings in the same row of numbers, beside the quota of results', () => {
  const outbox = smallDisk(100)
  const profile = profileId('00112233445566ff')
  const first = outbox.nextSeq()
  outbox.putReading(first, new Uint8Array(30), profile)
  const second = outbox.nextSeq()
  outbox.put(second, new Uint8Array(20))
  expect(outbox).toMatchObject({ frames: 2, bytes: 20, readingFrames: 1, readingBytes: 30 })
  expect(outbox.after(0, 9)).toMatchObject([
    { seq: first, profile },
    { seq: second, profile: null },
  ])
  outbox.recount()
  expect(outbox).toMatchObject({ frames: 2, bytes: 20, readingFrames: 1, readingBytes: 30 })
  expect(outbox.forget([first, second])).toBe(2)
  expect(outbox).toMatchObject({ frames: 0, bytes: 0, readingFrames: 0, readingBytes: 0 })
})

it('gives numbers that were reserved without another write', () => {
  const db = new DatabaseSync(':memory:')
  prepareSchema(db, ':memory:')
  let raised = 0
  const raiseCounter = (_: string, by: number) => {
    raised += 1
    return raised * by
  }
  const outbox = openOutbox(db, { quotaBytes: 1e9, reserveBytes: 1, raiseCounter, guard: act => act() })
  outbox.reserve(3)
  expect([outbox.nextSeq(), outbox.nextSeq(), outbox.nextSeq()]).toEqual([1, 2, 3])
  expect(raised).toBe(1)
  // What is left of a block is not enough, and is left unused.
  outbox.reserve(65_536)
  expect([outbox.nextSeq(), raised]).toEqual([65_537, 2])
})
