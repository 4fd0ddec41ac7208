// @ts-nocheck: AssemblyScript, checked by its own compiler.
// Multiplies two square matrices of 32-bit floats.
import { answer, mix, random, SEED, seedRandom, sizeAt } from './reactor'

export { alloc } from './reactor'

export function run(input: usize, _length: i32): u64 {
  return answer(kernel(sizeAt(input)))
}

function kernel(n: i32): u64 {
  seedRandom(1)
  const a = filled(n * n)
  const b = filled(n * n)
  const c = new StaticArray<f32>(n * n)
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      let sum: f32 = 0
      for (let k = 0; k < n; k++) sum += a[row * n + k] * b[k * n + column]
      c[row * n + column] = sum
    }
  }
  let hash = SEED
  for (let i = 0; i < n * n; i++) hash = mix(hash, reinterpret<u32>(c[i]))
  return hash
}

function filled(length: i32): StaticArray<f32> {
  const values = new StaticArray<f32>(length)
  for (let i = 0; i < length; i++) values[i] = (random() as f32) / 16777216
  return values
}
