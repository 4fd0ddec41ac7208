// @ts-nocheck: AssemblyScript, checked by its own compiler.
// Counts and adds up the primes below a limit with the sieve of Eratosthenes.
import { answer, mix, SEED, sizeAt } from './reactor'

export { alloc } from './reactor'

export function run(input: usize, _length: i32): u64 {
  return answer(kernel(sizeAt(input)))
}

function kernel(limit: i32): u64 {
  const composite = new Uint8Array(limit)
  let count: u64 = 0
  let sum: u64 = 0
  for (let i = 2; i < limit; i++) {
    if (composite[i]) continue
    count++
    sum += i
    if ((i as i64) * i >= limit) continue
    for (let multiple = i * i; multiple < limit; multiple += i) composite[multiple] = 1
  }
  return mix(mix(SEED, count), sum)
}
