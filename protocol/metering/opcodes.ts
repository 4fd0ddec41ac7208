/** The instructions of the profile: what follows each, what it does to the operand stack, and what it costs. */
import { COSTS } from './cost-table.ts'

/** Instructions that readers and writers of code name. Those with the prefix 0xfc are `0xfc00 + number`. */
export const OP = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  tableGet: 0x25,
  tableSet: 0x26,
  f32Load: 0x2a,
  f64Load: 0x2b,
  f32Store: 0x38,
  f64Store: 0x39,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32LtS: 0x48,
  i64LtS: 0x53,
  i64LeU: 0x58,
  f32Eq: 0x5b,
  f64Eq: 0x61,
  i32Sub: 0x6b,
  i32And: 0x71,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64ShrU: 0x88,
  f32Copysign: 0x98,
  f64Copysign: 0xa6,
  i64ExtendI32U: 0xad,
  f32ConvertFirst: 0xb2,
  f32ConvertLast: 0xb5,
  f64ConvertFirst: 0xb7,
  f64ConvertLast: 0xba,
  i32ReinterpretF32: 0xbc,
  i64ReinterpretF64: 0xbd,
  f32ReinterpretI32: 0xbe,
  f64ReinterpretI64: 0xbf,
  refNull: 0xd0,
  refFunc: 0xd2,
  memoryInit: 0xfc08,
  dataDrop: 0xfc09,
  memoryCopy: 0xfc0a,
  memoryFill: 0xfc0b,
  tableInit: 0xfc0c,
  elemDrop: 0xfc0d,
  tableCopy: 0xfc0e,
  tableGrow: 0xfc0f,
  tableSize: 0xfc10,
  tableFill: 0xfc11,
} as const

/** First byte of the instructions that have a number of their own behind it. */
export const PREFIX_MISC = 0xfc

/** What follows an opcode: an `index` is an unsigned 32-bit number, `memory` the alignment and offset of an access. */
export const IMMEDIATE = {
  /** Not an instruction of the profile. */
  refused: 0,
  none: 1,
  block: 2,
  index: 3,
  twoIndices: 4,
  labels: 5,
  types: 6,
  memory: 7,
  i32: 8,
  i64: 9,
  f32: 10,
  f64: 11,
  heapType: 12,
} as const

/** Instructions of the WebAssembly 2.0 core without vectors. The effect is on the height of the operand stack, 0 where it depends on more. */
const SHAPES: readonly (readonly [first: number, last: number, immediate: keyof typeof IMMEDIATE, effect: number])[] = [
  [0x00, 0x01, 'none', 0],
  [OP.block, OP.loop, 'block', 0],
  [OP.if, OP.if, 'block', -1],
  [OP.else, OP.else, 'none', 0],
  [OP.end, OP.end, 'none', 0],
  [OP.br, OP.br, 'index', 0],
  [OP.brIf, OP.brIf, 'index', -1],
  [OP.brTable, OP.brTable, 'labels', -1],
  [OP.return, OP.return, 'none', 0],
  [OP.call, OP.call, 'index', 0],
  [OP.callIndirect, OP.callIndirect, 'twoIndices', -1],
  [0x1a, 0x1a, 'none', -1], // drop
  [OP.select, OP.select, 'none', -2],
  [0x1c, 0x1c, 'types', -2], // select with a type
  [OP.localGet, OP.localGet, 'index', 1],
  [OP.localSet, OP.localSet, 'index', -1],
  [OP.localTee, OP.localTee, 'index', 0],
  [OP.globalGet, OP.globalGet, 'index', 1],
  [OP.globalSet, OP.globalSet, 'index', -1],
  [OP.tableGet, OP.tableGet, 'index', 0],
  [OP.tableSet, OP.tableSet, 'index', -2],
  [0x28, 0x35, 'memory', 0], // loads
  [0x36, 0x3e, 'memory', -2], // stores
  [OP.memorySize, OP.memorySize, 'index', 1],
  [OP.memoryGrow, OP.memoryGrow, 'index', 0],
  [OP.i32Const, OP.i32Const, 'i32', 1],
  [OP.i64Const, OP.i64Const, 'i64', 1],
  [OP.f32Const, OP.f32Const, 'f32', 1],
  [OP.f64Const, OP.f64Const, 'f64', 1],
  [OP.i32Eqz, OP.i32Eqz, 'none', 0],
  [0x46, 0x4f, 'none', -1], // i32 comparisons
  [0x50, 0x50, 'none', 0], // i64.eqz
  [0x51, 0x66, 'none', -1], // i64 and float comparisons
  [0x67, 0x69, 'none', 0], // i32.clz, i32.ctz, i32.popcnt
  [0x6a, 0x78, 'none', -1], // i32 arithmetic
  [0x79, 0x7b, 'none', 0], // i64.clz, i64.ctz, i64.popcnt
  [0x7c, 0x8a, 'none', -1], // i64 arithmetic
  [0x8b, 0x91, 'none', 0], // f32.abs … f32.sqrt
  [0x92, 0x98, 'none', -1], // f32.add … f32.copysign
  [0x99, 0x9f, 'none', 0], // f64.abs … f64.sqrt
  [0xa0, 0xa6, 'none', -1], // f64.add … f64.copysign
  [0xa7, 0xc4, 'none', 0], // conversions and sign extensions
  [OP.refNull, OP.refNull, 'heapType', 1],
  [0xd1, 0xd1, 'none', 0], // ref.is_null
  [OP.refFunc, OP.refFunc, 'index', 1],
  [0xfc00, 0xfc07, 'none', 0], // saturating conversions
  [OP.memoryInit, OP.memoryInit, 'twoIndices', -3],
  [OP.dataDrop, OP.dataDrop, 'index', 0],
  [OP.memoryCopy, OP.memoryCopy, 'twoIndices', -3],
  [OP.memoryFill, OP.memoryFill, 'index', -3],
  [OP.tableInit, OP.tableInit, 'twoIndices', -3],
  [OP.elemDrop, OP.elemDrop, 'index', 0],
  [OP.tableCopy, OP.tableCopy, 'twoIndices', -3],
  [OP.tableGrow, OP.tableGrow, 'index', -1],
  [OP.tableSize, OP.tableSize, 'index', 1],
  [OP.tableFill, OP.tableFill, 'index', -3],
]

/** Entries of the tables below: one-byte opcodes, then those of the prefix. */
const ENTRIES = 0x100 + 0x12

/** Place of an opcode in the tables: one-byte opcodes first, those of the prefix behind them. */
export const entryOf = (opcode: number): number => (opcode < 0x100 ? opcode : opcode - 0xfc00 + 0x100)

/** The kind of immediate by {@link entryOf}; `refused` for what is not in the profile. */
export const IMMEDIATES = new Uint8Array(ENTRIES)
/** Change of the operand stack's height by {@link entryOf}. */
export const EFFECTS = new Int8Array(ENTRIES)
/** Fuel by {@link entryOf}. */
export const FUEL = new Uint16Array(ENTRIES)

for (const [first, last, immediate, effect] of SHAPES) {
  for (let opcode = first; opcode <= last; opcode++) {
    IMMEDIATES[entryOf(opcode)] = IMMEDIATE[immediate]
    EFFECTS[entryOf(opcode)] = effect
  }
}
for (const [first, last, cost] of COSTS) FUEL.fill(cost, entryOf(first), entryOf(last) + 1)
