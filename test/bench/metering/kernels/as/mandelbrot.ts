// @ts-nocheck: AssemblyScript, checked by its own compiler.
// Iterations of each point of a square picture of the Mandelbrot set.
import { answer, mix, SEED, sizeAt } from './reactor'

export { alloc } from './reactor'

const ITERATIONS_MAX = 100

export function run(input: usize, _length: i32): u64 {
  return answer(kernel(sizeAt(input)))
}

function kernel(size: i32): u64 {
  let hash = SEED
  const scale = 3.0 / (size as f64)
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      hash = mix(hash, iterations((column as f64) * scale - 2.0, (row as f64) * scale - 1.5))
    }
  }
  return hash
}

function iterations(cx: f64, cy: f64): i32 {
  let x: f64 = 0
  let y: f64 = 0
  for (let i = 0; i < ITERATIONS_MAX; i++) {
    const x2 = x * x
    const y2 = y * y
    if (x2 + y2 > 4) return i
    y = 2 * x * y + cy
    x = x2 - y2 + cx
  }
  return ITERATIONS_MAX
}
