// @ts-nocheck: AssemblyScript, checked by its own compiler.
// Copies and fills ranges of a buffer with the instructions made for it; the ranges may overlap.
import { answer, mix, random, SEED, seedRandom, sizeAt } from './reactor'

export { alloc } from './reactor'

const BUFFER_BYTES = 262144
const RANGE_BYTES_MAX = 8192

export function run(input: usize, _length: i32): u64 {
  return answer(kernel(sizeAt(input)))
}

function kernel(count: i32): u64 {
  const buffer = heap.alloc(BUFFER_BYTES)
  seedRandom(8)
  for (let i = 0; i < BUFFER_BYTES; i++) store<u8>(buffer + i, random() as u8)
  for (let i = 0; i < count; i++) {
    const length = random() % RANGE_BYTES_MAX
    const to = random() % (BUFFER_BYTES - RANGE_BYTES_MAX)
    const from = random() % (BUFFER_BYTES - RANGE_BYTES_MAX)
    if (i % 64 == 0) memory.fill(buffer + to, i as u8, length >> 3)
    else memory.copy(buffer + to, buffer + from, length)
  }
  let hash = SEED
  for (let i = 0; i < BUFFER_BYTES; i += 8) hash = mix(hash, load<u64>(buffer + i))
  heap.free(buffer)
  return hash
}
