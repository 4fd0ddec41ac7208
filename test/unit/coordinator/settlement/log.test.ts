import { describe, expect, it } from 'vitest'
import { Batch } from '../../../../coordinator/batch.ts'
import { Log } from '../../../../coordinator/settlement/log.ts'
import { createMemoryStore } from '../../../../coordinator/store/index.ts'
import { deviceId, encodeEntry, Frontier, type LogEntry, leafHash, toHex } from '../../../../protocol/index.ts'
import { nodeSha256 } from '../../../../protocol/node/index.ts'

const DEVICE = deviceId('a'.repeat(26))
const entryOf = (index: number): LogEntry => ({
  type: 'standing',
  atMs: index,
  device: DEVICE,
  standing: 'joined',
  reason: `${index}`,
})

/** A log over a store, grown to a size in commits of the given number of entries. */
function grow(size: number, step = 100) {
  const store = createMemoryStore()
  let log = new Log(store, nodeSha256)
  for (let at = 0; at < size; at += step) {
    const batch = new Batch()
    const count = Math.min(step, size - at)
    log.append(
      Array.from({ length: count }, (_, i) => entryOf(at + i)),
      batch,
    )
    store.commit(batch.writes)
    // As often as not by a log that has just started.
    if ((at / step) % 2 === 1) log = new Log(store, nodeSha256)
  }
  return { store, log }
}

function rootByTheBook(size: number): string {
  const frontier = new Frontier(nodeSha256)
  for (let index = 0; index < size; index++) frontier.append(leafHash(nodeSha256, encodeEntry(entryOf(index))))
  return toHex(frontier.root())
}

describe('the public log', () => {
  it.each([0, 1, 2, 255, 256, 257, 300, 511, 512, 513, 1_000])(
    '[LOG-1.1] of %i entries has the root of RFC 9162, restarted or not',
    size => {
      const { store, log } = grow(size)
      expect(log.size).toBe(size)
      expect(toHex(log.head().root)).toBe(rootByTheBook(size))
      expect(toHex(new Log(store, nodeSha256).head().root)).toBe(rootByTheBook(size))
    },
  )

  it('has tiles of two levels, and roots across them', () => {
    const size = 66_000
    const { store, log } = grow(size, 5_000)
    expect(toHex(log.head().root)).toBe(rootByTheBook(size))
    expect(toHex(new Log(store, nodeSha256).head().root)).toBe(rootByTheBook(size))
    expect([log.tile(0, 0, 256)?.length, log.tile(1, 0, 256)?.length]).toEqual([8_192, 8_192])
    expect([log.tile(1, 1, 1)?.length, log.tile(2, 0, 1)?.length]).toEqual([32, 32])
    expect([log.tile(1, 1, 2), log.tile(2, 0, 2), log.tile(3, 0, 1), log.tile(0, 258, 256)]).toEqual([
      null,
      null,
      null,
      null,
    ])
  })

  it('serves the first hashes of a tile at every width there is', () => {
    const { log } = grow(258)
    const hash = (index: number) => toHex(leafHash(nodeSha256, encodeEntry(entryOf(index))))
    expect(toHex(log.tile(0, 1, 2) as Uint8Array)).toBe(hash(256) + hash(257))
    expect(toHex(log.tile(0, 1, 1) as Uint8Array)).toBe(hash(256))
    expect(log.tile(0, 1, 3)).toBeNull()
    expect(toHex((log.tile(0, 0, 3) as Uint8Array).subarray(64))).toBe(hash(2))
  })

  it('writes an entry with its index, and a tile when it is full', () => {
    const log = new Log(createMemoryStore(), nodeSha256)
    const batch = new Batch()
    log.append(
      Array.from({ length: 256 }, (_, i) => entryOf(i)),
      batch,
    )
    const indices = batch.writes.flatMap(write => (write.table === 'entry' ? [write.row.index] : []))
    expect(indices).toEqual(Array.from({ length: 256 }, (_, i) => i))
    expect(batch.writes.filter(({ table }) => table === 'tile')).toHaveLength(1)
  })
})
