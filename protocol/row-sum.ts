/** Sums by which a coordinator's database shows that a row is as it was written. */
import { toHex } from './bytes.ts'
import type { Hash } from './merkle/index.ts'

/**
 * Tables of which every row carries a sum of itself in a column `sum`: those that have a column of which neither the log nor another
 * row says what it must be.
 */
export const SUMMED_TABLES: readonly string[] = [
  'accepted',
  'campaign',
  'checkpoint',
  'claim',
  'device',
  'dispute',
  'epoch',
  'exclusion',
  'floor',
  'frame',
  'hold',
  'job',
  'judgement',
  'lease',
  'meta',
  'owner',
  'passed_over',
  'peer',
  'place',
  'sensor',
  'submitter',
]

/** The column, which is not part of what is summed. */
export const SUM_COLUMN = 'sum'

/** Hexadecimal digits of a sum: 64 bits, so that damage goes unseen once in 10^19 times. */
export const SUM_DIGITS = 16

/** A value of a column. A whole `number` and the same `bigint` are one value. */
export type RowValue = null | number | bigint | string | Uint8Array

const NULL = 0
const INTEGER = 1
const REAL = 2
const TEXT = 3
const BLOB = 4

/** Bytes before a text or blob: what it is, and how long. */
const HEAD_BYTES = 5
/** A number takes a byte for what it is and eight for itself. */
const NUMBER_BYTES = 9
/** UTF-8 takes three bytes at most for each UTF-16 unit. */
const UTF8_BYTES_MAX = 3
const TWO_32 = 0x1_0000_0000

const encoder = new TextEncoder()
let target = new Uint8Array(4_096)
let view = new DataView(target.buffer)

/**
 * The bytes of which the sum of a row is made: the table's name and every value, each with its kind.
 * @param values - of all columns but the sum, in the order of the table; integers between -2^63 and 2^63 - 1
 * @returns a view of memory that the next call writes over
 * @see spec/clauses.md [LOG-9.7]
 */
export function rowBytes(table: string, values: readonly RowValue[]): Uint8Array {
  let at = writeText(0, table)
  for (const value of values) at = writeValue(at, value)
  return target.subarray(0, at)
}

/** The sum of a row: the first digits of the SHA-256 of its {@link rowBytes}. */
export function rowSum(hash: Hash, table: string, values: readonly RowValue[]): string {
  return toHex(hash(rowBytes(table, values))).slice(0, SUM_DIGITS)
}

function writeValue(at: number, value: RowValue): number {
  if (typeof value === 'string') return writeText(at, value)
  if (typeof value === 'number') return writeNumber(at, value)
  if (value === null) return writeNull(at)
  if (typeof value === 'bigint') return writeBigInt(at, value)
  return writeBlob(at, value)
}

function writeNull(at: number): number {
  reserve(at, 1)
  target[at] = NULL
  return at + 1
}

/** Whole numbers are integers whatever column they are in; minus zero is zero, as it is to SQLite. */
function writeNumber(at: number, value: number): number {
  reserve(at, NUMBER_BYTES)
  if (Number.isSafeInteger(value)) {
    target[at] = INTEGER
    view.setInt32(at + 1, Math.floor(value / TWO_32))
    view.setUint32(at + 5, value >>> 0)
  } else {
    target[at] = REAL
    view.setFloat64(at + 1, value)
  }
  return at + NUMBER_BYTES
}

function writeBigInt(at: number, value: bigint): number {
  reserve(at, NUMBER_BYTES)
  target[at] = INTEGER
  view.setBigInt64(at + 1, value)
  return at + NUMBER_BYTES
}

function writeText(at: number, text: string): number {
  const { length } = text
  const start = at + HEAD_BYTES
  reserve(at, HEAD_BYTES + UTF8_BYTES_MAX * length)
  let bytes = 0
  for (; bytes < length; bytes++) {
    const code = text.charCodeAt(bytes)
    if (code > 0x7f) break
    target[start + bytes] = code
  }
  if (bytes < length) bytes = encoder.encodeInto(text, target.subarray(start)).written
  target[at] = TEXT
  view.setUint32(at + 1, bytes)
  return start + bytes
}

function writeBlob(at: number, blob: Uint8Array): number {
  reserve(at, HEAD_BYTES + blob.length)
  target[at] = BLOB
  view.setUint32(at + 1, blob.length)
  target.set(blob, at + HEAD_BYTES)
  return at + HEAD_BYTES + blob.length
}

/** Makes room for so many bytes, and keeps what is there. */
function reserve(at: number, bytes: number): void {
  if (at + bytes <= target.length) return
  const larger = new Uint8Array(2 * (at + bytes))
  larger.set(target.subarray(0, at))
  target = larger
  view = new DataView(larger.buffer)
}
