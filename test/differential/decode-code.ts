import type { ByteReader } from './byte-reader.ts'
import type { FunctionType } from './decode-module.ts'
import type { TypeLetter } from './values.ts'

/** What an `end` or `else` belongs to. */
export type Construct = 'function' | 'block' | 'loop' | 'if'

/** One instruction with its operands and its place. */
export interface Instruction {
  /** Those with the prefix 0xfc are `0xfc00 + number`. */
  readonly opcode: number
  /** Offset in the module of its first byte, and of the byte behind it. */
  readonly start: number
  readonly end: number
  /** Index, offset of an access, or constant; of a float constant the bits. */
  readonly operand: number | bigint
  /** Second index: the table of `call_indirect` and `table.init`, the source of `table.copy`. */
  readonly second: number
  /** Of `br_table`, the default last. */
  readonly labels: readonly number[]
  /** Of `block`, `loop` and `if`. */
  readonly blockType: FunctionType | null
  /** Of `end` and `else`. */
  readonly closes: Construct | null
  /** Of `block`, `loop` and `if`: places of the matching `else` (that of the `end` where there is none) and `end`. */
  elseAt: number
  endAt: number
}

type Open = { construct: Construct; instruction: Instruction | null }

const OPCODE_MISC = 0xfc

/** Reads a function's instructions up to its last `end`. */
export function decodeCode(reader: ByteReader, types: readonly FunctionType[]): Instruction[] {
  const code: Instruction[] = []
  const open: Open[] = [{ construct: 'function', instruction: null }]
  while (open.length > 0) {
    const instruction = decodeInstruction(reader, types, open.at(-1)?.construct ?? 'function')
    const at = code.push(instruction) - 1
    if (instruction.blockType !== null) {
      const construct = instruction.opcode === 0x02 ? 'block' : instruction.opcode === 0x03 ? 'loop' : 'if'
      open.push({ construct, instruction })
    } else if (instruction.opcode === 0x05) {
      const opener = open.at(-1)?.instruction
      if (opener) opener.elseAt = at
    } else if (instruction.opcode === 0x0b) {
      const opener = open.pop()?.instruction
      if (opener) {
        opener.endAt = at
        if (opener.elseAt < 0) opener.elseAt = at
      }
    }
  }
  return code
}

function decodeInstruction(reader: ByteReader, types: readonly FunctionType[], innermost: Construct): Instruction {
  const start = reader.at
  const first = reader.byte()
  const opcode = first === OPCODE_MISC ? 0xfc00 + reader.u32() : first
  const { operand = 0, second = 0, labels = [], blockType = null } = decodeOperands(reader, opcode, types)
  const closes = opcode === 0x0b || opcode === 0x05 ? innermost : null
  return { opcode, start, end: reader.at, operand, second, labels, blockType, closes, elseAt: -1, endAt: -1 }
}

type Operands = Partial<Pick<Instruction, 'operand' | 'second' | 'labels' | 'blockType'>>

function decodeOperands(reader: ByteReader, opcode: number, types: readonly FunctionType[]): Operands {
  if (opcode >= 0x02 && opcode <= 0x04) return { blockType: decodeBlockType(reader, types) }
  if (opcode === 0x0e) return { labels: [...reader.vector(() => reader.u32()), reader.u32()] }
  if (opcode >= 0x28 && opcode <= 0x3e) {
    reader.u32()
    return { operand: reader.u32() }
  }
  switch (opcode) {
    case 0x11: // call_indirect
    case 0xfc08: // memory.init
    case 0xfc0a: // memory.copy
    case 0xfc0c: // table.init
    case 0xfc0e: // table.copy
      return { operand: reader.u32(), second: reader.u32() }
    case 0x1c: // select with a type
      reader.vector(() => reader.type())
      return {}
    case 0x41:
      return { operand: reader.s32() }
    case 0x42:
      return { operand: reader.s64() }
    case 0x43:
      return { operand: reader.bits(4) }
    case 0x44:
      return { operand: reader.bits(8) }
    case 0xd0: // ref.null
      return { operand: reader.byte() }
    default:
      return hasIndex(opcode) ? { operand: reader.u32() } : {}
  }
}

/** Branches, call, variables, tables, memory.size and grow, ref.func; data.drop, memory.fill, elem.drop, table.grow, size and fill. */
function hasIndex(opcode: number): boolean {
  if (opcode === 0x0c || opcode === 0x0d || opcode === 0x10 || opcode === 0xd2) return true
  if ((opcode >= 0x20 && opcode <= 0x26) || opcode === 0x3f || opcode === 0x40) return true
  return opcode === 0xfc09 || opcode === 0xfc0b || opcode === 0xfc0d || (opcode >= 0xfc0f && opcode <= 0xfc11)
}

function decodeBlockType(reader: ByteReader, types: readonly FunctionType[]): FunctionType {
  const start = reader.at
  const first = reader.byte()
  if (first === 0x40) return { params: [], results: [] }
  reader.at = start
  if (first > 0x40 && first < 0x80) {
    const result: TypeLetter = reader.type()
    return { params: [], results: [result] }
  }
  const type = types[Number(reader.s64())]
  if (type === undefined) throw new Error(`no type for the block at byte ${start}`)
  return type
}
