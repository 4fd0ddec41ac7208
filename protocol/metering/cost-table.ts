/**
 * What each instruction costs in fuel: about what it takes a Raspberry Pi's core, an addition being 1 (orders of magnitude from Arm's Cortex-A72
 * Software Optimisation Guide and A. Fog's instruction tables). The table belongs to the metering version: changing a number makes a new version.
 * @see spec/metering.md [FUEL-2.1]
 */

/** Inclusive ranges of opcodes and their cost. Those of the 0xfc prefix are `0xfc00 + number`. */
export const COSTS: readonly (readonly [first: number, last: number, cost: number])[] = [
  [0x00, 0x00, 1], // unreachable
  [0x01, 0x03, 0], // nop, block, loop
  [0x04, 0x04, 1], // if
  [0x05, 0x05, 0], // else
  [0x0b, 0x0b, 0], // end
  [0x0c, 0x0d, 1], // br, br_if
  [0x0e, 0x0e, 4], // br_table
  [0x0f, 0x0f, 1], // return
  [0x10, 0x10, 5], // call
  [0x11, 0x11, 10], // call_indirect
  [0x1a, 0x1a, 1], // drop
  [0x1b, 0x1c, 2], // select
  [0x20, 0x22, 1], // local.get, local.set, local.tee
  [0x23, 0x24, 2], // global.get, global.set
  [0x25, 0x26, 4], // table.get, table.set
  [0x28, 0x3f, 2], // loads, stores, memory.size
  [0x40, 0x40, 500], // memory.grow
  [0x41, 0x44, 1], // constants
  [0x45, 0x5a, 1], // integer comparisons
  [0x5b, 0x66, 2], // float comparisons
  [0x67, 0x68, 1], // i32.clz, i32.ctz
  [0x69, 0x69, 4], // i32.popcnt
  [0x6a, 0x6b, 1], // i32.add, i32.sub
  [0x6c, 0x6c, 2], // i32.mul
  [0x6d, 0x70, 10], // i32.div, i32.rem
  [0x71, 0x78, 1], // i32.and … i32.rotr
  [0x79, 0x7a, 1], // i64.clz, i64.ctz
  [0x7b, 0x7b, 4], // i64.popcnt
  [0x7c, 0x7d, 1], // i64.add, i64.sub
  [0x7e, 0x7e, 2], // i64.mul
  [0x7f, 0x82, 16], // i64.div, i64.rem
  [0x83, 0x8a, 1], // i64.and … i64.rotr
  [0x8b, 0x8c, 2], // f32.abs, f32.neg
  [0x8d, 0x90, 3], // f32.ceil, f32.floor, f32.trunc, f32.nearest
  [0x91, 0x91, 10], // f32.sqrt
  [0x92, 0x94, 2], // f32.add, f32.sub, f32.mul
  [0x95, 0x95, 8], // f32.div
  [0x96, 0x98, 3], // f32.min, f32.max, f32.copysign
  [0x99, 0x9a, 2], // f64.abs, f64.neg
  [0x9b, 0x9e, 3], // f64.ceil, f64.floor, f64.trunc, f64.nearest
  [0x9f, 0x9f, 16], // f64.sqrt
  [0xa0, 0xa2, 2], // f64.add, f64.sub, f64.mul
  [0xa3, 0xa3, 12], // f64.div
  [0xa4, 0xa6, 3], // f64.min, f64.max, f64.copysign
  [0xa7, 0xa7, 1], // i32.wrap_i64
  [0xa8, 0xab, 4], // i32.trunc_f32_s … i32.trunc_f64_u
  [0xac, 0xad, 1], // i64.extend_i32_s, i64.extend_i32_u
  [0xae, 0xb1, 4], // i64.trunc_f32_s … i64.trunc_f64_u
  [0xb2, 0xbb, 3], // f32.convert … f64.promote_f32
  [0xbc, 0xbf, 2], // reinterpretations
  [0xc0, 0xc4, 1], // sign extensions
  [0xd0, 0xd2, 1], // ref.null, ref.is_null, ref.func
  [0xfc00, 0xfc07, 4], // saturating conversions
  [0xfc08, 0xfc08, 20], // memory.init
  [0xfc09, 0xfc09, 5], // data.drop
  [0xfc0a, 0xfc0b, 20], // memory.copy, memory.fill
  [0xfc0c, 0xfc0c, 20], // table.init
  [0xfc0d, 0xfc0d, 5], // elem.drop
  [0xfc0e, 0xfc0f, 20], // table.copy, table.grow
  [0xfc10, 0xfc10, 2], // table.size
  [0xfc11, 0xfc11, 20], // table.fill
]
