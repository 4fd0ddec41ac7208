/** Instructions by their names, and the small sequences of them that tests share; see also {@link op}. */
import { END, leb, op, vector } from './wasm-module.ts'

type Bytes = readonly number[]

/** Block type without parameters and results. */
export const VOID = 0x40

const prefixed = (number: number, ...immediates: Bytes) => [0xfc, ...leb(number), ...immediates.flatMap(leb)]

/** Blocks take a value type, {@link VOID}, or the index of a function type below 64. */
export const ins = {
  nop: [0x01],
  return: [0x0f],
  block: (body: Bytes, type = VOID) => [0x02, type, ...body, END],
  loop: (body: Bytes, type = VOID) => [0x03, type, ...body, END],
  if: (then: Bytes, otherwise: Bytes | null = null, type = VOID) => [
    ...[0x04, type, ...then],
    ...(otherwise === null ? [] : [0x05, ...otherwise]),
    END,
  ],
  br: (depth: number) => [0x0c, ...leb(depth)],
  brIf: (depth: number) => [0x0d, ...leb(depth)],
  brTable: (labels: Bytes, fallback: number) => [0x0e, ...vector(labels.map(leb)), ...leb(fallback)],
  select: [0x1b],
  tee: (index: number) => [0x22, ...leb(index)],
  tableGet: [0x25, 0],
  tableSet: [0x26, 0],
  sub: [0x6b],
  isNull: [0xd1],
  refNull: (type: number) => [0xd0, type],
  refFunc: (index: number) => [0xd2, ...leb(index)],
  memoryInit: (segment = 0) => prefixed(8, segment, 0),
  dataDrop: (segment = 0) => prefixed(9, segment),
  memoryCopy: prefixed(10, 0, 0),
  memoryFill: prefixed(11, 0),
  tableInit: (segment = 0) => prefixed(12, segment, 0),
  elemDrop: (segment = 0) => prefixed(13, segment),
  tableCopy: prefixed(14, 0, 0),
  tableGrow: prefixed(15, 0),
  tableSize: prefixed(16, 0),
  tableFill: prefixed(17, 0),
} as const

/** `instruction` so many times. */
export const repeat = (count: number, instruction: Bytes): number[] =>
  Array.from({ length: count }, () => instruction).flat()

/** Writes what `value` leaves, an i32, to address `at`. Three fuel more than `value` costs. */
export const put = (at: number, value: Bytes): number[] => [...op.i32(at), ...value, ...op.store()]

/** `i32.const` and `drop`: two fuel that do nothing. */
export const TWO: Bytes = [...op.i32(0), ...op.drop]

/** `f32.const` of a bit pattern. */
export const f32Bits = (bits: number): number[] => [0x43, ...word(bits)]

/** `f64.const` of a bit pattern. */
export const f64Bits = (high: number, low = 0): number[] => [0x44, ...word(low), ...word(high)]

const word = (bits: number) => [bits & 255, (bits >>> 8) & 255, (bits >>> 16) & 255, bits >>> 24]
