/** Hostile variations of valid bytes, reproducible from their seed. */
import type { Random } from '../../protocol/random.ts'

/** Values that parsers get wrong: heads of every CBOR type, with lengths at the edges of their forms. */
const HEADS: readonly (readonly number[])[] = [
  [0x17],
  [0x18, 0x17],
  [0x18, 0x18],
  [0x19, 0x00, 0xff],
  [0x1a, 0xff, 0xff, 0xff, 0xff],
  [0x1b, 0x00, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x1b, 0x00, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00],
  [0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x40],
  [0x5a, 0x7f, 0xff, 0xff, 0xff],
  [0x5f],
  [0x63, 0xed, 0xa0, 0x80],
  [0x63, 0xef, 0xbb, 0xbf],
  [0x80],
  [0x9a, 0x7f, 0xff, 0xff, 0xff],
  [0x9b, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00],
  [0x9f],
  [0xa1, 0x69, 0x5f, 0x5f, 0x70, 0x72, 0x6f, 0x74, 0x6f, 0x5f, 0x5f, 0x00],
  [0xc2, 0x41, 0x01],
  [0xd9, 0xdf, 0xff],
  [0xf4],
  [0xf6],
  [0xf7],
  [0xf8, 0x20],
  [0xf9, 0x7e, 0x00],
  [0xfb, 0x40, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18],
  [0xff],
]

/** Valid bytes changed in one to four places: bits, bytes, heads, cuts, repeats, and parts of `other` spliced in. */
export function mutate(valid: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let bytes = valid
  const changes = 1 + pick(random, 4)
  for (let i = 0; i < changes; i++) bytes = change(bytes, other, random)
  return bytes
}

function change(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const at = pick(random, bytes.length + 1)
  switch (pick(random, 8)) {
    case 0:
      return replaced(bytes, at, 1, [(bytes[at] ?? 0) ^ (1 << pick(random, 8))])
    case 1:
      return replaced(bytes, at, 1, [pick(random, 256)])
    case 2:
      return replaced(bytes, at, pick(random, 4), HEADS[pick(random, HEADS.length)] ?? [])
    case 3:
      return bytes.slice(0, at)
    case 4:
      return replaced(bytes, at, 1 + pick(random, 8), [])
    case 5:
      return replaced(bytes, at, 0, bytes.subarray(at, at + 1 + pick(random, 40)))
    case 6: {
      const from = pick(random, other.length + 1)
      return replaced(bytes, at, pick(random, 40), other.subarray(from, from + pick(random, 40)))
    }
    // An integer one up or down: lengths that no longer fit, bounds just passed.
    default:
      return replaced(bytes, at, 1, [((bytes[at] ?? 0) + (pick(random, 2) === 0 ? 1 : 255)) & 255])
  }
}

/** `bytes` with `count` bytes from `at` exchanged for others. */
function replaced(bytes: Uint8Array, at: number, count: number, by: ArrayLike<number>): Uint8Array {
  const end = Math.min(bytes.length, at + count)
  const result = new Uint8Array(at + by.length + bytes.length - end)
  result.set(bytes.subarray(0, at))
  result.set(by, at)
  result.set(bytes.subarray(end), at + by.length)
  return result
}

/** An integer in 0..count-1. */
export function pick(random: Random, count: number): number {
  return Math.floor(random.uniform() * count)
}
