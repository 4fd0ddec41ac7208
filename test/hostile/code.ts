/** Instructions and module parts that only hostile modules need; see also `test/support/wasm-module.ts`. */
import { ins as common, VOID } from '../support/wasm-code.ts'
import { END, leb, op, rawModule, section, sleb, vector } from '../support/wasm-module.ts'

type Bytes = readonly number[]

export { VOID }

const prefixed = (number: number, ...immediates: readonly number[]) => [
  0xfc,
  ...leb(number),
  ...immediates.flatMap(leb),
]

/** Instructions by their names, those that every test has among them; here they may name tables that are not there. */
export const ins = {
  ...common,
  end: [END],
  else: [0x05],
  tableGet: (table = 0) => [0x25, ...leb(table)],
  tableSet: (table = 0) => [0x26, ...leb(table)],
  tableGrow: (table = 0) => prefixed(15, table),
  tableSize: (table = 0) => prefixed(16, table),
  tableFill: (table = 0) => prefixed(17, table),
  load8: (offset = 0) => [0x2d, 0, ...leb(offset)],
  store8: (offset = 0) => [0x3a, 0, ...leb(offset)],
  load64: (offset = 0) => [0x29, 3, ...leb(offset)],
  store64: (offset = 0) => [0x37, 3, ...leb(offset)],
  equal: [0x46],
  ne: [0x47],
  lessUnsigned: [0x49],
  and: [0x71],
  or: [0x72],
  shiftLeft: [0x74],
  i64EqualsZero: [0x50],
  i64Or: [0x84],
  i64Shl: [0x86],
  i64Sub: [0x7d],
  extend: [0xad],
} as const

/** `instruction` so many times. */
export function repeat(count: number, instruction: Bytes): number[] {
  const bytes: number[] = []
  for (let i = 0; i < count; i++) for (const byte of instruction) bytes.push(byte)
  return bytes
}

/** `f32.const` of a bit pattern. */
export function f32Bits(bits: number): number[] {
  return [0x43, bits & 255, (bits >>> 8) & 255, (bits >>> 16) & 255, bits >>> 24]
}

/** `f64.const` of a bit pattern, high word first. */
export function f64Bits(high: number, low = 0): number[] {
  return [0x44, ...f32Bits(low).slice(1), ...f32Bits(high).slice(1)]
}

/** Adds `step` to a local and leaves the sum. */
export function count(local: number, step = 1): number[] {
  return [...op.local(local), ...op.i32(step), ...op.add, ...ins.tee(local)]
}

/** Runs the case that `selector` numbers; none may go on into the next. */
export function choose(selector: Bytes, cases: readonly Bytes[]): number[] {
  const labels = cases.map((_, index) => index)
  return cases.reduce<number[]>(
    (inner, code) => [...ins.block(inner), ...code],
    [...selector, ...ins.brTable(labels, cases.length - 1)],
  )
}

/** Writes `length` bytes from `pointer` with the `fd_write` imported as function `write`; uses the memory's first 12 bytes. */
export function print(write: number, pointer: number, length: number, file = 1): number[] {
  return [
    ...[...op.i32(0), ...op.i32(pointer), ...op.store(), ...op.i32(4), ...op.i32(length), ...op.store()],
    ...[...op.i32(file), ...op.i32(0), ...op.i32(1), ...op.i32(8), ...op.call(write), ...op.drop],
  ]
}

/** Unsigned LEB128 padded to `bytes` bytes: longer than it need be. */
export function paddedLeb(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, index) => {
    const low = Math.floor(value / 2 ** (7 * index)) % 128
    return index === bytes - 1 ? low : low | 128
  })
}

/** Sections of a small command, each to be replaced, left out or repeated: `_start` is `code`. */
export function parts(code: Bytes = []) {
  const body = [0, ...code, END]
  return {
    type: section(1, vector([[0x60, 0, 0]])),
    function: section(3, vector([[0]])),
    table: section(4, vector([[0x70, 0, 1]])),
    memory: section(5, [1, 0, 1]),
    global: section(6, vector([[0x7f, 1, 0x41, ...sleb(5), END]])),
    export: section(7, [2, 6, ...ascii('_start'), 0, 0, 6, ...ascii('memory'), 2, 0]),
    element: section(9, vector([[0, 0x41, 0, END, 1, 0]])),
    dataCount: section(12, [1]),
    code: section(10, vector([[...leb(body.length), ...body]])),
    data: section(11, vector([[0, 0x41, 0, END, 1, 7]])),
  }
}

/** The module of {@link parts} in file order, with some of them replaced; null leaves one out. */
export function assembled(changes: Partial<Record<keyof ReturnType<typeof parts>, Bytes | null>> = {}): Uint8Array {
  const all = { ...parts(), ...changes }
  return rawModule(...Object.values(all).map(bytes => bytes ?? []))
}

export const ascii = (text: string): number[] => [...new TextEncoder().encode(text)]

/** A custom section. */
export function custom(name: string, contents: Bytes): number[] {
  return section(0, [...leb(name.length), ...ascii(name), ...contents])
}

/** A command of many functions of one type without parameters or results; function 0 is `_start`. Bodies with their locals, lengths excluded. */
export function manyFunctions(bodies: readonly Bytes[]): Uint8Array {
  const { type, memory, export: exports } = parts()
  return joined([
    rawModule(type, section(3, [...leb(bodies.length), ...new Array<number>(bodies.length).fill(0)]), memory, exports),
    ...sectionOf(10, [leb(bodies.length), ...bodies.flatMap(body => [leb(body.length), body])]),
  ])
}

/** Pieces of a section too large for arrays of numbers. */
export function sectionOf(id: number, contents: readonly ArrayLike<number>[]): ArrayLike<number>[] {
  const length = contents.reduce((total, piece) => total + piece.length, 0)
  return [[id], leb(length), ...contents]
}

/** One byte string of many. */
export function joined(pieces: readonly ArrayLike<number>[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((total, piece) => total + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}
