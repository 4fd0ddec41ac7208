import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { openOutbox } from '../../../../device/store/outbox.ts'
import { prepareSchema } from '../../../../device/store/schema.ts'

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
