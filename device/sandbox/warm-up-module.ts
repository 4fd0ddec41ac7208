import type { Abi } from '../../protocol/messages/index.ts'

const I32 = 0x7f
const I64 = 0x7e
const F64 = 0x7c
const VOID = 0x40
const END = 0x0b
const EMPTY = 0

type Bytes = readonly number[]

/** All counts and lengths here are below 128, one byte each, but those of the code section. */
const vector = (...items: readonly Bytes[]): number[] => [items.length, ...items.flat()]
const text = (value: string): number[] => [value.length, ...new TextEncoder().encode(value)]
const section = (id: number, contents: Bytes): number[] => [
  id,
  (contents.length & 127) | 128,
  contents.length >> 7,
  ...contents,
]
const wasi = (field: string, type: number): number[] => [...text('wasi_snapshot_preview1'), ...text(field), 0, type]
const body = (locals: Bytes, code: Bytes): number[] => [locals.length + code.length + 1, ...locals, ...code, END]

const i32 = (value: number): number[] => [0x41, value]
const get = (local: number): number[] => [0x20, local]
const set = (local: number): number[] => [0x21, local]
const call = (index: number): number[] => [0x10, index]
const store = [0x36, 2, 0]
const load = [0x28, 2, 0]
const drop = 0x1a

/** Functions by index, the imported ones first. */
const [READ, WRITE, START, SUM, MEAN, ALLOC, RUN] = [0, 1, 2, 3, 4, 5, 6] as const

/** Where the one vector stands, and the number of bytes it took. */
const VECTOR = 0
const COUNT = 8

const START_BODY: Bytes = [
  ...[...i32(VECTOR), ...i32(16), ...store, ...i32(4), ...i32(32), ...store],
  ...[...i32(0), ...i32(VECTOR), ...i32(1), ...i32(COUNT), ...call(READ), drop],
  ...[...i32(4), ...i32(COUNT), ...load, ...store],
  ...[...i32(9), ...i32(0), 0x11, 3, 0, drop], // call_indirect
  ...[0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, ...call(MEAN), drop],
  ...[...i32(48), ...i32(0), ...i32(16), 0xfc, 11, 0], // memory.fill
  ...[...i32(1), 0x40, 0, drop], // memory.grow
  ...[0x23, 0, ...i32(1), 0x6a, 0x24, 0], // global.get, global.set
  ...[...i32(1), ...i32(VECTOR), ...i32(1), ...i32(COUNT), ...call(WRITE), drop],
]

/** Adds up the numbers below its parameter, in a loop with a way out and a switch. */
const SUM_BODY: Bytes = [
  ...[0x02, VOID, 0x03, VOID],
  ...[...get(0), 0x45, 0x0d, 1], // br_if out
  ...[...get(0), ...get(1), 0x6a, ...set(1)],
  ...[...get(0), ...i32(1), 0x6b, ...set(0)],
  ...[0x02, VOID, 0x02, VOID, ...get(0), 0x0e, 1, 0, 1, END, END], // br_table
  ...[...get(0), ...i32(3), 0x71, 0x04, VOID, ...get(1), ...i32(1), 0x6a, ...set(1), 0x05, ...get(1), ...set(1), END],
  ...[0x0c, 0, END, END],
  ...get(1),
]

/** Stores a float, and gives half of it as an integer. */
const MEAN_BODY: Bytes = [
  ...[...i32(40), ...get(0), ...get(0), 0xa0, 0x39, 3, 0], // f64.add, f64.store
  ...[...get(0), 0x44, 0, 0, 0, 0, 0, 0, 0, 0x40, 0xa3, 0xfc, 6], // f64.div, i64.trunc_sat_f64_s
  ...[0x42, 2, 0x7e], // i64.mul
]

/** Does all of it for a reactor, which gives back 8 bytes of what it was given. */
const RUN_BODY: Bytes = [...call(START), ...get(0), 0xad, 0x42, 32, 0x86, 0x42, 8, 0x84] // pointer << 32 | 8

const EXPORTS: Readonly<Record<Abi, Bytes>> = {
  wasi: vector([...text('memory'), 2, 0], [...text('_start'), 0, START]),
  reactor: vector([...text('memory'), 2, 0], [...text('alloc'), 0, ALLOC], [...text('run'), 0, RUN]),
}

/**
 * A module with one of most things that a toolchain's have, for a sandbox to warm up with: it reads its input, calls directly and through a
 * table, loops, branches, computes with integers and floats, grows its memory, and writes its input back.
 */
export function warmUpModule(abi: Abi): Uint8Array {
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      vector(
        [0x60, 4, I32, I32, I32, I32, 1, I32],
        [0x60, 0, 0],
        [0x60, 1, F64, 1, I64],
        [0x60, 1, I32, 1, I32],
        [0x60, 2, I32, I32, 1, I64],
      ),
    ),
    ...section(2, vector(wasi('fd_read', 0), wasi('fd_write', 0))),
    ...section(3, vector([1], [3], [2], [3], [4])),
    ...section(4, vector([0x70, 1, 1, 1])),
    ...section(5, vector([0, 1])),
    ...section(6, vector([I32, 1, ...i32(7), END])),
    ...section(7, EXPORTS[abi]),
    ...section(9, vector([0, ...i32(0), END, ...vector([SUM])])),
    ...section(
      10,
      vector(
        body([EMPTY], START_BODY),
        body([1, 1, I32], SUM_BODY),
        body([EMPTY], MEAN_BODY),
        body([EMPTY], [...i32(60)]),
        body([EMPTY], RUN_BODY),
      ),
    ),
    ...section(11, vector([0, ...i32(56), END, ...text('warm')])),
  ])
}
