/** Unit inputs that travel as a CBOR sequence of byte strings, one a unit: items and combinations of a grid. */
import { utf8 } from '../bytes.ts'
import { byteStringBytes } from '../cbor/index.ts'
import { assert } from '../errors.ts'
import { LIMITS } from '../limits.ts'

/** Longest item, so that a lease of one unit fits an inline input with the head of its byte string. */
export const ITEM_BYTES_MAX = LIMITS.inlineBytesMax - 3

assert(byteStringBytes(ITEM_BYTES_MAX) === LIMITS.inlineBytesMax, 'the longest item fills an inline input')

/** Where each item's byte string begins in the sequence of all items, and at last where the sequence ends. */
export function itemOffsets(items: readonly string[]): Float64Array {
  const offsets = new Float64Array(items.length + 1)
  let offset = 0
  items.forEach((item, index) => {
    offset += byteStringBytes(utf8(item).length)
    offsets[index + 1] = offset
  })
  return offsets
}
