import { describe, expect, test } from 'vitest'
import { Batch } from '../../../../coordinator/batch.ts'
import { Log, LogReader } from '../../../../coordinator/settlement/index.ts'
import { createMemoryStore } from '../../../../coordinator/store/index.ts'
import {
  decodeBundle,
  decodeEntry,
  deviceId,
  Frontier,
  type LogEntry,
  leafHash,
  tileNodeReader,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from '../../../../protocol/index.ts'
import { nodeSha256 } from '../../../../protocol/node/index.ts'

const DEVICE = deviceId('a'.repeat(26))
const entry = (n: number): LogEntry => ({
  type: 'standing',
  atMs: n,
  device: DEVICE,
  standing: 'joined',
  reason: `${n}`,
})

function growing() {
  const store = createMemoryStore()
  const log = new Log(store, nodeSha256)
  const reader = new LogReader(log, store, nodeSha256)
  const frontier = new Frontier(nodeSha256)
  const roots = [frontier.root()]
  const grow = (count: number) => {
    const batch = new Batch()
    const entries = Array.from({ length: count }, (_, i) => entry(log.size + i))
    log.append(entries, batch)
    store.commit(batch.writes)
    for (let i = roots.length - 1; i < log.size; i++) {
      frontier.append(leafHash(nodeSha256, reader.entry(i)))
      roots.push(frontier.root())
    }
  }
  return { log, reader, roots, grow }
}

describe('what is read of the log', () => {
  test('are the roots of all its states, while it grows', () => {
    const { reader, roots, grow } = growing()
    for (const count of [0, 1, 2, 5, 247, 1, 1, 255, 256, 300]) {
      grow(count)
      expect(reader.rootAt(reader.size)).toEqual(roots[reader.size])
      // States of long ago, after some tiles were read when they were shorter.
      for (let size = reader.size % 7; size < reader.size; size += 7) expect(reader.rootAt(size)).toEqual(roots[size])
    }
    expect(reader.size).toBe(1_068)
    expect(() => reader.rootAt(1_069)).toThrow('the root is of a state that has been')
  })

  test('are proofs that hold', () => {
    const { reader, roots, grow } = growing()
    grow(700)
    for (const size of [1, 2, 255, 256, 257, 511, 512, 513, 700]) {
      const root = roots[size] as Uint8Array
      for (let index = size % 13; index < size; index += 13) {
        const leaf = leafHash(nodeSha256, reader.entry(index))
        verifyInclusion(nodeSha256, { index, size, root, leaf, path: reader.inclusion(index, size) })
      }
      for (let first = 1; first < size; first += 11) {
        const path = reader.consistency(first, size)
        const states = { first: { size: first, root: roots[first] as Uint8Array }, second: { size, root } }
        verifyConsistency(nodeSha256, { ...states, path })
      }
    }
  })

  test('are tiles and bundles of any width that a state covers, and no others', () => {
    const { reader, roots, grow } = growing()
    grow(600)
    for (const size of [1, 256, 257, 600]) {
      const tile = (level: number, index: number, width: number) => reader.tile(level, index, width, size) as Uint8Array
      expect(treeRoot(nodeSha256, tileNodeReader(nodeSha256, tile, size), size)).toEqual(roots[size])
    }
    expect(reader.tile(0, 2, 88, 600)?.length).toBe(88 * 32)
    expect(reader.tile(0, 2, 5, 600)?.length).toBe(5 * 32)
    expect(reader.tile(0, 2, 89, 600)).toBeNull()
    expect(reader.tile(0, 2, 88, 599)).toBeNull()
    expect(reader.tile(0, 3, 1, 600)).toBeNull()
    expect(reader.tile(1, 0, 2, 600)?.length).toBe(64)
    expect(reader.tile(1, 0, 3, 600)).toBeNull()
    expect(reader.tile(2, 0, 1, 600)).toBeNull()
    expect(reader.tile(63, 0, 1, 600)).toBeNull()
    const bundle = decodeBundle(reader.bundle(2, 3, 600) as Uint8Array, 3)
    expect(bundle.map(bytes => decodeEntry(bytes))).toEqual([entry(512), entry(513), entry(514)])
    expect(reader.bundle(2, 89, 600)).toBeNull()
    expect(reader.bundle(1, 256, 511)).toBeNull()
    expect(reader.bundle(10 ** 12, 1, 600)).toBeNull()
  })
})
