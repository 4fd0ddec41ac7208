// @ts-nocheck: AssemblyScript, checked by its own compiler.
// SipHash-2-4 of many short messages: 64-bit arithmetic in small functions.
import { answer, mix, SEED, sizeAt } from './reactor'

export { alloc } from './reactor'

const MESSAGE_BYTES = 64

const message = memory.data(64)
let v0: u64 = 0
let v1: u64 = 0
let v2: u64 = 0
let v3: u64 = 0

export function run(input: usize, _length: i32): u64 {
  return answer(kernel(sizeAt(input)))
}

function kernel(count: i32): u64 {
  for (let i = 0; i < MESSAGE_BYTES; i++) store<u8>(message + i, i as u8)
  let hash = SEED
  for (let i = 0; i < count; i++) {
    store<u32>(message, i)
    hash = mix(hash, siphash(0x0706050403020100, 0x0f0e0d0c0b0a0908, message, i % MESSAGE_BYTES))
  }
  return hash
}

function round(): void {
  v0 += v1
  v1 = rotl<u64>(v1, 13) ^ v0
  v0 = rotl<u64>(v0, 32)
  v2 += v3
  v3 = rotl<u64>(v3, 16) ^ v2
  v0 += v3
  v3 = rotl<u64>(v3, 21) ^ v0
  v2 += v1
  v1 = rotl<u64>(v1, 17) ^ v2
  v2 = rotl<u64>(v2, 32)
}

function absorb(word: u64): void {
  v3 ^= word
  round()
  round()
  v0 ^= word
}

function siphash(k0: u64, k1: u64, bytes: usize, length: i32): u64 {
  v0 = k0 ^ 0x736f6d6570736575
  v1 = k1 ^ 0x646f72616e646f6d
  v2 = k0 ^ 0x6c7967656e657261
  v3 = k1 ^ 0x7465646279746573
  const whole = length & ~7
  for (let i = 0; i < whole; i += 8) absorb(load<u64>(bytes + i))
  let tail = (length as u64) << 56
  for (let i = whole; i < length; i++) tail |= (load<u8>(bytes + i) as u64) << ((i & 7) * 8)
  absorb(tail)
  v2 ^= 0xff
  for (let i = 0; i < 4; i++) round()
  return v0 ^ v1 ^ v2 ^ v3
}
