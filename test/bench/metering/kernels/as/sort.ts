// @ts-nocheck: AssemblyScript, checked by its own compiler.
// Quicksort of random numbers: median of three, short runs by insertion.
import { answer, mix, random, SEED, seedRandom, sizeAt } from './reactor'

export { alloc } from './reactor'

const SHORT = 16

export function run(input: usize, _length: i32): u64 {
  return answer(kernel(sizeAt(input)))
}

function kernel(count: i32): u64 {
  const values = new Int32Array(count)
  seedRandom(5)
  for (let i = 0; i < count; i++) values[i] = (random() as i32) - 8388608
  quicksort(values, 0, count - 1)
  let hash = SEED
  for (let i = 0; i < count; i++) {
    if (i > 0 && values[i - 1] > values[i]) unreachable()
    hash = mix(hash, values[i] as u32)
  }
  return hash
}

function quicksort(values: Int32Array, first: i32, last: i32): void {
  let low = first
  let high = last
  while (high - low > SHORT) {
    const cut = partition(values, low, high)
    if (cut - low < high - cut) {
      quicksort(values, low, cut)
      low = cut + 1
    } else {
      quicksort(values, cut + 1, high)
      high = cut
    }
  }
  insert(values, low, high)
}

function partition(values: Int32Array, low: i32, high: i32): i32 {
  const pivot = median(values[low], values[(low + high) >>> 1], values[high])
  let left = low - 1
  let right = high + 1
  while (true) {
    do left++
    while (values[left] < pivot)
    do right--
    while (values[right] > pivot)
    if (left >= right) break
    const value = values[left]
    values[left] = values[right]
    values[right] = value
  }
  return right
}

function median(a: i32, b: i32, c: i32): i32 {
  return max(min(a, b), min(max(a, b), c))
}

function insert(values: Int32Array, low: i32, high: i32): void {
  for (let i = low + 1; i <= high; i++) {
    const value = values[i]
    let at = i - 1
    while (at >= low && values[at] > value) {
      values[at + 1] = values[at]
      at--
    }
    values[at + 1] = value
  }
}
