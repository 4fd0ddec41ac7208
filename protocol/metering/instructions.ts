import { PLAIN_BUILD, readValueType } from './read-signatures.ts'
import type { ModuleReader } from './reader.ts'

/** Instructions that readers of code look for. Those with a prefix byte are `prefix << 8 | number`. */
export const OPCODE = {
  end: 0x0b,
  tableSet: 0x26,
  memoryInit: 0xfc08,
  dataDrop: 0xfc09,
  tableInit: 0xfc0c,
  elemDrop: 0xfc0d,
  tableCopy: 0xfc0e,
  tableGrow: 0xfc0f,
  tableFill: 0xfc11,
} as const

/** What follows an opcode: `index` is an unsigned 32-bit number, `memory` the alignment and offset of an access. */
type Immediate =
  | 'none'
  | 'block'
  | 'index'
  | 'twoIndices'
  | 'labels'
  | 'types'
  | 'memory'
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64'
  | 'heapType'

const PREFIX_MISC = 0xfc

/** Inclusive ranges of opcodes and what follows them: the WebAssembly 2.0 core without vectors. */
const RANGES: readonly (readonly [first: number, last: number, immediate: Immediate])[] = [
  [0x00, 0x01, 'none'], // unreachable, nop
  [0x02, 0x04, 'block'], // block, loop, if
  [0x05, 0x05, 'none'], // else
  [OPCODE.end, OPCODE.end, 'none'],
  [0x0c, 0x0d, 'index'], // br, br_if
  [0x0e, 0x0e, 'labels'], // br_table
  [0x0f, 0x0f, 'none'], // return
  [0x10, 0x10, 'index'], // call
  [0x11, 0x11, 'twoIndices'], // call_indirect
  [0x1a, 0x1b, 'none'], // drop, select
  [0x1c, 0x1c, 'types'], // select with a type
  [0x20, OPCODE.tableSet, 'index'], // local.get … table.set
  [0x28, 0x3e, 'memory'], // i32.load … i64.store32
  [0x3f, 0x40, 'index'], // memory.size, memory.grow
  [0x41, 0x41, 'i32'],
  [0x42, 0x42, 'i64'],
  [0x43, 0x43, 'f32'],
  [0x44, 0x44, 'f64'],
  [0x45, 0xc4, 'none'], // i32.eqz … i64.extend32_s
  [0xd0, 0xd0, 'heapType'], // ref.null
  [0xd1, 0xd1, 'none'], // ref.is_null
  [0xd2, 0xd2, 'index'], // ref.func
  [0xfc00, 0xfc07, 'none'], // saturating conversions
  [OPCODE.memoryInit, OPCODE.memoryInit, 'twoIndices'],
  [OPCODE.dataDrop, OPCODE.dataDrop, 'index'],
  [0xfc0a, 0xfc0a, 'twoIndices'], // memory.copy
  [0xfc0b, 0xfc0b, 'index'], // memory.fill
  [OPCODE.tableInit, OPCODE.tableInit, 'twoIndices'],
  [OPCODE.elemDrop, OPCODE.elemDrop, 'index'],
  [OPCODE.tableCopy, OPCODE.tableCopy, 'twoIndices'],
  [OPCODE.tableGrow, OPCODE.tableFill, 'index'], // table.grow, table.size, table.fill
]

const IMMEDIATES: ReadonlyMap<number, Immediate> = new Map(
  RANGES.flatMap(([first, last, immediate]) =>
    Array.from({ length: last - first + 1 }, (_, index) => [first + index, immediate] as const),
  ),
)

/** Accesses of 32-bit memories align to at most 2^3 bytes; higher bits would mean another layout. */
const ALIGNMENT_MAX = 3
const VOID_BLOCK = 0x40
const FUNCREF = 0x70
const EXTERNREF = 0x6f

/**
 * Steps over one instruction and what belongs to it; the reader then stands at the next. Where instructions begin is read just as an engine does
 * or not at all; whether they make sense is left to the engine.
 * @returns the opcode; those with a prefix byte as `prefix << 8 | number`
 * @throws {TaskError} `bad_module` for an instruction outside the WebAssembly 2.0 core or with vectors, and for one cut short
 */
export function readInstruction(reader: ModuleReader): number {
  const at = reader.offset
  const first = reader.byte()
  const opcode = first === PREFIX_MISC ? first * 2 ** 8 + reader.u32() : first
  const immediate = IMMEDIATES.get(opcode)
  if (immediate === undefined) {
    throw reader.refuse(`instruction 0x${opcode.toString(16)} is not supported`, PLAIN_BUILD, at)
  }
  if (immediate !== 'none') skipImmediate(reader, immediate)
  return opcode
}

/** Steps over a constant expression. It has no blocks, so the first `end` is its own. */
export function skipExpression(reader: ModuleReader): void {
  while (readInstruction(reader) !== OPCODE.end);
}

function skipImmediate(reader: ModuleReader, immediate: Immediate): void {
  switch (immediate) {
    case 'none':
      return
    case 'index':
      reader.u32()
      return
    case 'twoIndices':
      reader.u32()
      reader.u32()
      return
    case 'memory':
      skipAccess(reader)
      return
    case 'block':
      skipBlockType(reader)
      return
    case 'labels':
      // The default label stands after the vector.
      for (let left = reader.u32() + 1; left > 0; left--) reader.u32()
      return
    case 'types':
      for (let left = reader.u32(); left > 0; left--) readValueType(reader)
      return
    case 'i32':
      skipSigned(reader, 5)
      return
    case 'i64':
      skipSigned(reader, 10)
      return
    case 'f32':
      reader.skip(4)
      return
    case 'f64':
      reader.skip(8)
      return
    case 'heapType':
      skipHeapType(reader)
  }
}

function skipAccess(reader: ModuleReader): void {
  const at = reader.offset
  const alignment = reader.u32()
  if (alignment > ALIGNMENT_MAX) throw reader.refuse(`an access aligns to 2^${alignment}`, PLAIN_BUILD, at)
  reader.u32()
}

/** Nothing, one value type, or the index of a function type. All three share one signed number, and types are the negative ones. */
function skipBlockType(reader: ModuleReader): void {
  const at = reader.offset
  const first = reader.byte()
  if (first === VOID_BLOCK) return
  reader.offset = at
  if (first > VOID_BLOCK && first < 0x80) {
    readValueType(reader)
    return
  }
  reader.u32()
  const last = reader.bytes[reader.offset - 1] ?? 0
  if ((last & 0x40) !== 0) throw reader.refuse('a block type has an unusual form', PLAIN_BUILD, at)
}

function skipHeapType(reader: ModuleReader): void {
  const at = reader.offset
  const type = reader.byte()
  if (type !== FUNCREF && type !== EXTERNREF) {
    throw reader.refuse(`a null of type 0x${type.toString(16)} is not supported`, PLAIN_BUILD, at)
  }
}

/** Signed LEB128 of at most `bytesMax` bytes. */
function skipSigned(reader: ModuleReader, bytesMax: number): void {
  const at = reader.offset
  for (let count = 0; count < bytesMax; count++) if (reader.byte() < 0x80) return
  throw reader.damaged('a constant is too long', at)
}
