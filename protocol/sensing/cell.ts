/** Reads H3 cell indexes without the H3 library, which a browser that only states a campaign has no use for. */

const BASE_CELLS = 122
/** Base cells that are pentagons: nothing of them lies in direction 1. */
const PENTAGONS: readonly number[] = [4, 14, 24, 38, 49, 58, 63, 72, 83, 97, 107, 117]
const RESOLUTION_MAX = 15
const BITS_PER_DIGIT = 3n
/** A digit that is not used. */
const UNUSED = 7

/**
 * The resolution of an H3 cell, 0..15, or null when the text is no cell: 15 lower-case hexadecimal digits of a 64-bit index whose mode
 * is 1 and whose reserved bits are 0.
 * @see https://h3geo.org/docs/core-library/h3Indexing "Cell Index"
 */
export function cellResolution(text: string): number | null {
  if (!/^8[0-9a-f]{14}$/.test(text)) return null
  const index = BigInt(`0x${text}`)
  const resolution = Number((index >> 52n) & 15n)
  const baseCell = Number((index >> 45n) & 127n)
  if (baseCell >= BASE_CELLS) return null
  let first = 0
  for (let at = 1; at <= RESOLUTION_MAX; at++) {
    const digit = Number((index >> (BITS_PER_DIGIT * BigInt(RESOLUTION_MAX - at))) & 7n)
    if ((digit === UNUSED) !== at > resolution) return null
    if (first === 0) first = digit
  }
  return first === 1 && PENTAGONS.includes(baseCell) ? null : resolution
}
