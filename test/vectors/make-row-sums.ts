/** Makes the vectors of the sums that rows of a coordinator's database carry. */
import { fromHex, toHex } from '../../protocol/bytes.ts'
import { nodeSha256 } from '../../protocol/node/index.ts'
import { type RowValue, rowBytes, rowSum } from '../../protocol/row-sum.ts'

/** A text and NULL are themselves. */
type Written = null | string | { readonly integer: string } | { readonly real: number } | { readonly hex: string }

export interface RowSumVector {
  readonly title: string
  readonly table: string
  /** Of every column but the sum, in the order of the table. */
  readonly values: readonly Written[]
  readonly bytesHex: string
  readonly sum: string
}

const integer = (value: bigint | number): Written => ({ integer: `${value}` })

const CASES: readonly Pick<RowSumVector, 'title' | 'table' | 'values'>[] = [
  { title: 'a row of texts', table: 'meta', values: ['region-name', 'home'] },
  { title: 'an empty text and NULL differ', table: 'owner', values: ['ann', null, integer(0)] },
  { title: 'an empty byte string', table: 'owner', values: ['ann', { hex: '' }, integer(0)] },
  { title: 'bytes', table: 'submitter', values: ['ann', { hex: 'ab'.repeat(32) }, integer(1_700_000_000_000)] },
  {
    title: 'the least and the greatest integer, and those next to what a float holds exactly',
    table: 't',
    values: [-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n - 1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n].map(integer),
  },
  { title: 'negative integers', table: 't', values: [-1, -256, -4_294_967_296, -4_294_967_297].map(integer) },
  { title: 'a whole number in a column of reals is an integer', table: 't', values: [{ real: 3 }, integer(3)] },
  { title: 'reals', table: 't', values: [{ real: 0.1 }, { real: -1e-9 }, { real: 2 ** 53 }, { real: 1e300 }] },
  { title: 'a text beyond ASCII and with a NUL', table: 't', values: ['grün \u{1F33F}', 'a\0b', '\ufffd'] },
  { title: 'no value, of a table whose name is longer', table: 'cell_window', values: [] },
]

/** What a vector writes, as the values of a row. */
export function rowValue(value: Written): RowValue {
  if (value === null || typeof value === 'string') return value
  if ('integer' in value) return BigInt(value.integer)
  return 'real' in value ? value.real : fromHex(value.hex)
}

export function rowSumFile(): { vectors: RowSumVector[] } {
  const vectors = CASES.map(made => {
    const values = made.values.map(rowValue)
    const bytesHex = toHex(rowBytes(made.table, values))
    return { ...made, bytesHex, sum: rowSum(nodeSha256, made.table, values) }
  })
  return { vectors }
}
