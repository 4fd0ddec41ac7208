import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex } from '../../protocol/bytes.ts'
import { portableSha256 } from '../../protocol/merkle/index.ts'
import { nodeSha256 } from '../../protocol/node/index.ts'
import { type RowValue, rowBytes, rowSum } from '../../protocol/row-sum.ts'
import { readVectors } from './files.ts'
import { type RowSumVector, rowSumFile, rowValue } from './make-row-sums.ts'

const { vectors } = readVectors<{ vectors: RowSumVector[] }>('row-sum')

describe('[LOG-9.7] the sum of a row', () => {
  test('is in vectors, which are up to date', () => {
    expect(vectors).toEqual(JSON.parse(JSON.stringify(rowSumFile().vectors)))
    expect(vectors.length).toBeGreaterThan(9)
  })

  test.each(vectors)('of $title', ({ table, values, bytesHex, sum }) => {
    const row = values.map(rowValue)
    expect(toHex(rowBytes(table, row))).toBe(bytesHex)
    expect(createHash('sha256').update(Buffer.from(bytesHex, 'hex')).digest('hex').slice(0, 16)).toBe(sum)
    for (const hash of [nodeSha256, portableSha256]) expect(rowSum(hash, table, row)).toBe(sum)
  })

  test('of other values or another table is of other bytes', () => {
    const value: fc.Arbitrary<RowValue> = fc.oneof(
      fc.constant(null),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.double({ noNaN: true }),
      fc.string({ unit: 'binary' }),
      fc.uint8Array(),
    )
    const row = fc.tuple(fc.constantFrom('job', 'lease', 'jobl'), fc.array(value, { maxLength: 4 }))
    const bytesOf = ([table, values]: [string, RowValue[]]) => toHex(rowBytes(table, values))
    fc.assert(
      fc.property(row, row, (one, other) => {
        expect(bytesOf(one) === bytesOf(other)).toBe(nameOf(one) === nameOf(other))
      }),
    )
  })

  test('is the same of values that went through a database, and of a row larger than those before', () => {
    const db = new DatabaseSync(':memory:')
    db.exec('CREATE TABLE t (i INTEGER, r REAL, t TEXT, b BLOB) STRICT')
    const insert = db.prepare('INSERT INTO t VALUES (?, ?, ?, ?)')
    const read = db.prepare('SELECT * FROM t')
    read.setReadBigInts(true)
    read.setReturnArrays(true)
    const integer = fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('\ud800 alone'), fc.constant('ü'.repeat(5_000)))
    const blob = fc.oneof(fc.uint8Array(), fc.constant(new Uint8Array(70_000).fill(7)))
    const row = fc.tuple(integer, fc.double({ noNaN: true }), text, fc.option(blob))
    fc.assert(
      fc.property(row, values => {
        db.exec('DELETE FROM t')
        insert.run(...values)
        expect(rowSum(nodeSha256, 't', read.get() as unknown as RowValue[])).toBe(rowSum(nodeSha256, 't', values))
      }),
    )
    db.close()
  })
})

/** What a row is, as no two rows that differ are. */
function nameOf([table, values]: [string, RowValue[]]): string {
  return JSON.stringify([
    table,
    ...values.map(value => {
      if (value instanceof Uint8Array) return ['bytes', toHex(value)]
      if (typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value)))
        return ['whole', `${BigInt(value)}`]
      return typeof value === 'number' ? ['real', value.toString()] : value
    }),
  ])
}
