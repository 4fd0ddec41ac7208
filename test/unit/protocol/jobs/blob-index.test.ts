import { describe, expect, test } from 'vitest'
import { utf8 } from '../../../../protocol/bytes.ts'
import { ConfigError } from '../../../../protocol/errors.ts'
import { type BlobCut, BlobIndexer } from '../../../../protocol/jobs/index.ts'
import { LIMITS } from '../../../../protocol/limits.ts'

function indexed(cut: BlobCut, ...chunks: Uint8Array[]) {
  const indexer = new BlobIndexer(cut)
  for (const chunk of chunks) indexer.push(chunk)
  return indexer.finish()
}

function refusal(act: () => unknown) {
  try {
    act()
  } catch (error) {
    if (error instanceof ConfigError) return error.info
    throw error
  }
  throw new Error('nothing was refused')
}

const megabyte = new Uint8Array(1_048_576)

test('offsets are those of the units, and at last the length of the blob', () => {
  const index = indexed({ kind: 'lines', lines: 2 }, utf8('a\nb\nc\nd'))
  expect(index).toMatchObject({ units: 2, bytes: 7 })
  expect([0, 1, 2].map(unit => index.offset(unit))).toEqual([0, 4, 7])
})

test('pieces may be cut anywhere, also inside a delimiter', () => {
  const cut: BlobCut = { kind: 'records', delimiter: utf8('abab'), records: 1 }
  const blob = utf8('xababababyabab')
  const whole = indexed(cut, blob)
  const bytes = indexed(cut, ...Array.from(blob, byte => Uint8Array.of(byte)), new Uint8Array())
  for (const index of [whole, bytes]) {
    expect(index.units).toBe(3)
    expect([1, 2, 3].map(unit => index.offset(unit))).toEqual([5, 9, 14])
  }
})

test('an index of many units keeps every offset', () => {
  const lines = utf8('\n'.repeat(50_000))
  const index = indexed({ kind: 'lines', lines: 1 }, lines, lines)
  expect(index.units).toBe(100_000)
  for (const unit of [0, 1, 16_383, 16_384, 16_385, 65_536, 99_999, 100_000]) expect(index.offset(unit)).toBe(unit)
})

test('a cut by bytes follows from the length alone', () => {
  const index = indexed({ kind: 'bytes', bytes: 1_000_000 }, megabyte, megabyte)
  expect(index.units).toBe(3)
  expect([0, 1, 2, 3].map(unit => index.offset(unit))).toEqual([0, 1_000_000, 2_000_000, 2_097_152])
})

describe('refuses', () => {
  test.each<[string, BlobCut]>([
    ['bytes', { kind: 'bytes', bytes: 1 }],
    ['lines', { kind: 'lines', lines: 1 }],
    ['records', { kind: 'records', delimiter: utf8(';'), records: 1 }],
  ])('an empty blob by %s', (_, cut) => {
    expect(refusal(() => indexed(cut))).toMatchObject({
      code: 'bad_job',
      path: 'split.source',
      reason: expect.stringContaining('is empty'),
    })
  })

  test('more units than a job may have, while they come', () => {
    const indexer = new BlobIndexer({ kind: 'lines', lines: 1 })
    const lines = utf8('\n'.repeat(1_000_000))
    for (let i = 0; i < 10; i++) indexer.push(lines)
    expect(refusal(() => indexer.push(utf8('\n')))).toMatchObject({
      path: 'split.size',
      reason: expect.stringContaining('choose a larger size'),
    })
  })

  test('more pieces than a job may have units', () => {
    const indexer = new BlobIndexer({ kind: 'bytes', bytes: 1 })
    for (let i = 0; i < 10; i++) indexer.push(megabyte)
    expect(refusal(() => indexer.finish())).toMatchObject({ path: 'split.size' })
  })

  test('a unit that is too long for a device, at its end or at the end of the blob', () => {
    for (const end of ['\n', '']) {
      const indexer = new BlobIndexer({ kind: 'lines', lines: 1 })
      for (let i = 0; i < LIMITS.unitInputBytesMax / megabyte.length; i++) indexer.push(megabyte)
      const reason = expect.stringContaining('makes unit 0 67108865 bytes long')
      const finish = () => {
        indexer.push(utf8(end === '' ? 'x' : end))
        indexer.finish()
      }
      expect(refusal(finish)).toMatchObject({ path: 'split.size', reason })
    }
  })

  test('a blob that is too long', () => {
    const indexer = new BlobIndexer({ kind: 'bytes', bytes: 1_048_576 })
    for (let i = 0; i < LIMITS.blobBytesMax / megabyte.length; i++) indexer.push(megabyte)
    expect(refusal(() => indexer.push(Uint8Array.of(0)))).toMatchObject({
      path: 'split.source',
      reason: expect.stringContaining('is longer'),
    })
  })
})
