// @ts-nocheck: AssemblyScript, checked by its own compiler.
// Fibonacci numbers by recursion: nothing but calls.
import { answer, sizeAt } from './reactor'

export { alloc } from './reactor'

export function run(input: usize, _length: i32): u64 {
  return answer(fib(sizeAt(input)))
}

function fib(n: i32): i32 {
  return n < 2 ? n : fib(n - 1) + fib(n - 2)
}
