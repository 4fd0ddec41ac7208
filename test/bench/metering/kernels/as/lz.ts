// @ts-nocheck: AssemblyScript, checked by its own compiler.
// Packs generated text into the LZ4 block format, unpacks it, and compares. Greedy matching through a hash table of one entry per slot.
import { answer, mix, random, SEED, seedRandom, sizeAt } from './reactor'

export { alloc } from './reactor'

const MATCH_MIN = 4
// The format ends every block with literals.
const TAIL_BYTES = 12
const DISTANCE_MAX = 65535
const HASH_BITS = 12

const table = new StaticArray<i32>(1 << HASH_BITS)

export function run(input: usize, _length: i32): u64 {
  return answer(kernel(sizeAt(input)))
}

function kernel(length: i32): u64 {
  const plain = heap.alloc(length)
  const packed = heap.alloc(length + length / 255 + 16)
  const unpacked = heap.alloc(length)
  writeText(plain, length)
  const packedLength = pack(plain, length, packed)
  const unpackedLength = unpack(packed, packedLength, unpacked)
  if (unpackedLength != length) unreachable()
  for (let i = 0; i < length; i++) if (load<u8>(plain + i) != load<u8>(unpacked + i)) unreachable()
  let hash = mix(SEED, packedLength)
  for (let i = 0; i < packedLength; i++) hash = mix(hash, load<u8>(packed + i))
  heap.free(plain)
  heap.free(packed)
  heap.free(unpacked)
  return hash
}

// Words of few letters, some of them often.
function writeText(to: usize, length: i32): void {
  seedRandom(3)
  for (let i = 0; i < length; i++) {
    if (i >= 64 && random() % 8 == 0) {
      const run = min<i32>(4 + random() % 24, length - i)
      const from = to + i - 1 - (random() % min<i32>(i - 32, 4096))
      for (let k = 0; k < run; k++) store<u8>(to + i + k, load<u8>(from + k))
      i += run - 1
    } else {
      store<u8>(to + i, (97 + (random() % 16)) as u8)
    }
  }
}

function slot(word: u32): i32 {
  return ((word * 2654435761) >> (32 - HASH_BITS)) as i32
}

function pack(from: usize, length: i32, to: usize): i32 {
  for (let i = 0; i < table.length; i++) table[i] = -1
  let out = to
  let at = 0
  let anchor = 0
  const last = length - TAIL_BYTES
  while (at < last) {
    const word = load<u32>(from + at)
    const key = slot(word)
    const candidate = table[key]
    table[key] = at
    if (candidate < 0 || at - candidate > DISTANCE_MAX || load<u32>(from + candidate) != word) {
      at++
      continue
    }
    let matched = MATCH_MIN
    while (at + matched < last && load<u8>(from + candidate + matched) == load<u8>(from + at + matched)) matched++
    out = writeSequence(out, from + anchor, at - anchor, at - candidate, matched)
    at += matched
    anchor = at
  }
  return (writeSequence(out, from + anchor, length - anchor, 0, 0) - to) as i32
}

// A distance of 0 stands for the end of the block.
function writeSequence(to: usize, literals: usize, count: i32, distance: i32, matched: i32): usize {
  let out = to + 1
  const extra = distance == 0 ? 0 : matched - MATCH_MIN
  store<u8>(to, ((min(count, 15) << 4) | min(extra, 15)) as u8)
  if (count >= 15) out = writeLength(out, count - 15)
  for (let i = 0; i < count; i++) store<u8>(out + i, load<u8>(literals + i))
  out += count
  if (distance == 0) return out
  store<u16>(out, distance as u16)
  out += 2
  return extra >= 15 ? writeLength(out, extra - 15) : out
}

function writeLength(to: usize, length: i32): usize {
  let out = to
  let rest = length
  for (; rest >= 255; rest -= 255) store<u8>(out++, 255)
  store<u8>(out++, rest as u8)
  return out
}

let cursor: usize = 0

function readLength(start: i32): i32 {
  let length = start
  if (start < 15) return length
  let byte: i32
  do {
    byte = load<u8>(cursor++)
    length += byte
  } while (byte == 255)
  return length
}

function unpack(from: usize, length: i32, to: usize): i32 {
  const end = from + length
  let out = to
  cursor = from
  while (cursor < end) {
    const token: i32 = load<u8>(cursor++)
    const count = readLength(token >> 4)
    for (let i = 0; i < count; i++) store<u8>(out++, load<u8>(cursor++))
    if (cursor >= end) break
    const distance: i32 = load<u16>(cursor)
    cursor += 2
    const matched = readLength(token & 15) + MATCH_MIN
    for (let i = 0; i < matched; i++) {
      store<u8>(out, load<u8>(out - distance))
      out++
    }
  }
  return (out - to) as i32
}
