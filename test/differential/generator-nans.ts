/** Generated code for the one thing that random code seldom meets: NaNs, and how their bits travel. */
import type { Choices } from './choices.ts'
import type { BodyBuilder } from './generator-body.ts'
import { type FloatLetter, floatConstant, sleb64 } from './generator-constants.ts'

/** Instructions that compute a NaN, whose bits are the processor's to choose. */
export function computedNan(choices: Choices, type: FloatLetter): number[] {
  const zero = floatConstant(type, 0, 0n)
  const infinity = floatConstant(type, 0x7f80_0000, 0x7ff0_0000_0000_0000n)
  const payload = floatConstant(type, 0xffc0_1234, 0xfff8_0000_1234_0000n)
  const arithmetic = type === 'f' ? 0x92 : 0xa0
  const negate = type === 'f' ? 0x8c : 0x9a
  const [subtract, divide] = [arithmetic + 1, arithmetic + 3]
  const quotient = [...zero, ...zero, divide]
  return choices.pick([
    quotient,
    [...quotient, negate],
    [...infinity, ...infinity, subtract],
    [...payload, ...zero, arithmetic],
    // It has its bits everywhere, but no longer right behind the constant.
    [...payload, 0x01],
  ])
}

/** Bits of NaNs with payloads, an i32 and an i64. */
const BITS: Readonly<Record<FloatLetter, readonly number[]>> = {
  f: [0x41, ...sleb64(BigInt.asIntN(32, 0xffa0_4321n))],
  F: [0x42, ...sleb64(BigInt.asIntN(64, 0xfff4_0000_0000_4321n))],
}
const [LOAD, STORE, STORE_BITS, TO_FLOAT, TO_BITS] = [
  { f: 0x2a, F: 0x2b },
  { f: 0x38, F: 0x39 },
  { f: 0x36, F: 0x37 },
  { f: 0xbe, F: 0xbf },
  { f: 0xbc, F: 0xbd },
] as const
const [NAN_ADDRESS, COPY_ADDRESS] = [12_200, 12_216] as const

/** Takes a NaN's bits through a float and back into memory: with nothing in between, so that they stay, or with something. */
export function copyNan(body: BodyBuilder): void {
  const { choices } = body
  const type = choices.pick(['f', 'F'] as const)
  body.int(NAN_ADDRESS)
  body.out.push(...BITS[type])
  body.op(STORE_BITS[type], 0, 0)
  // A block of its own, for the way that branches.
  body.out.push(0x02, 0x40)
  body.int(COPY_ADDRESS)
  if (choices.chance(50)) {
    body.int(NAN_ADDRESS)
    body.op(LOAD[type], 0, 0)
  } else {
    body.out.push(...BITS[type])
    body.op(TO_FLOAT[type])
  }
  const behind = choices.pick(WAYS)(body, type)
  if (choices.chance(50)) {
    body.op(STORE[type], 0, 0)
  } else {
    body.op(TO_BITS[type])
    body.op(STORE_BITS[type], 0, 0)
  }
  body.out.push(...behind, 0x0b)
}

/** What stands between a float and what shows its bits; each returns what has to come behind that. */
const WAYS: readonly ((body: BodyBuilder, type: FloatLetter) => readonly number[])[] = [
  () => [],
  () => [],
  body => {
    body.op(0x01)
    return []
  },
  body => {
    body.int(0)
    body.op(0x0d, 0)
    return []
  },
  (body, type) => {
    body.op(body.choices.pick([0x02, 0x03]))
    body.blockType({ params: ['i', type], results: [] })
    return [0x0b]
  },
  // The first branch ends with a float that would keep its bits; the second begins with what shows those of another.
  (body, type) => {
    body.int(0)
    body.op(0x04)
    body.blockType({ params: ['i', type], results: [type] })
    body.out.push(0x1a, 0x1a, ...BITS[type])
    body.op(TO_FLOAT[type])
    body.op(0x05)
    return [...floatConstant(type, 0, 0n), 0x0b, 0x1a]
  },
]
