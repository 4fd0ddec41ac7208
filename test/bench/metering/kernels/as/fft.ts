// @ts-nocheck: AssemblyScript, checked by its own compiler.
// Fast Fourier transforms of 1024 complex numbers, there and back, again and again. The roots of unity come from half-angle formulas, so no library function is used.
import { answer, mix, random, SEED, seedRandom, sizeAt } from './reactor'

export { alloc } from './reactor'

const BITS = 10

export function run(input: usize, _length: i32): u64 {
  return answer(kernel(sizeAt(input)))
}

function kernel(times: i32): u64 {
  const n = 1 << BITS
  const re = new Float64Array(n)
  const im = new Float64Array(n)
  let hash = SEED
  seedRandom(4)
  for (let time = 0; time < times; time++) {
    for (let i = 0; i < n; i++) {
      re[i] = (random() as f64) / 16777216
      im[i] = (random() as f64) / 16777216
    }
    transform(re, im, BITS, 1)
    for (let i = 0; i < n; i++) hash = mix(mix(hash, reinterpret<u64>(re[i])), reinterpret<u64>(im[i]))
    transform(re, im, BITS, -1)
    for (let i = 0; i < n; i++) hash = mix(hash, Math.round((re[i] / n) * 65536) as i64)
  }
  return hash
}

function transform(re: Float64Array, im: Float64Array, bits: i32, sign: f64): void {
  const n = 1 << bits
  permute(re, im, bits)
  // cos and sin of the angle between neighbouring roots: a half turn first.
  let cosine: f64 = -1
  let sine: f64 = 0
  for (let half = 1; half < n; half <<= 1) {
    let wr: f64 = 1
    let wi: f64 = 0
    for (let k = 0; k < half; k++) {
      for (let even = k; even < n; even += half * 2) {
        const odd = even + half
        const tr = re[odd] * wr - im[odd] * wi
        const ti = re[odd] * wi + im[odd] * wr
        re[odd] = re[even] - tr
        im[odd] = im[even] - ti
        re[even] += tr
        im[even] += ti
      }
      const next = wr * cosine - wi * sine
      wi = wr * sine + wi * cosine
      wr = next
    }
    const halfCosine = Math.sqrt((1 + cosine) / 2)
    sine = sign * Math.sqrt((1 - cosine) / 2)
    cosine = halfCosine
  }
}

function permute(re: Float64Array, im: Float64Array, bits: i32): void {
  const n = 1 << bits
  for (let i = 0; i < n; i++) {
    let reversed = 0
    for (let bit = 0; bit < bits; bit++) reversed |= ((i >> bit) & 1) << (bits - 1 - bit)
    if (reversed <= i) continue
    const r = re[i]
    re[i] = re[reversed]
    re[reversed] = r
    const m = im[i]
    im[i] = im[reversed]
    im[reversed] = m
  }
}
