// @ts-nocheck: AssemblyScript, checked by its own compiler.
// What all kernels share: the interface of two functions, a source of numbers, and the mixing of results into one checksum.
// A kernel's input is its size, 32 bits; its output is a checksum, 64 bits; both little-endian, and equal to those of its twin in C.

const output = memory.data(8)
const PRIME: u64 = 0x100000001b3

let state: u32 = 1

export const SEED: u64 = 0xcbf29ce484222325

export function alloc(length: i32): usize {
  return heap.alloc(length)
}

export function sizeAt(input: usize): i32 {
  return load<i32>(input)
}

export function answer(checksum: u64): u64 {
  store<u64>(output, checksum)
  return ((output as u64) << 32) | 8
}

// FNV-1a over whole words.
export function mix(hash: u64, value: u64): u64 {
  return (hash ^ value) * PRIME
}

export function seedRandom(seed: u32): void {
  state = seed
}

// 24 bits, from a linear congruential generator.
export function random(): u32 {
  state = state * 1664525 + 1013904223
  return state >> 8
}
