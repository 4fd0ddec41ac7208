import { featureOf, PLAIN_BUILD } from './features.ts'
import { entryOf, IMMEDIATE, IMMEDIATES, OP, PREFIX_MISC } from './opcodes.ts'
import { MODULE_LIMITS } from './profile.ts'
import { readValueType } from './read-signatures.ts'
import type { ModuleReader } from './reader.ts'

/** Accesses of 32-bit memories align to at most 2^3 bytes; higher bits would mean another layout. */
const ALIGNMENT_MAX = 3
const VOID_BLOCK = 0x40
const FUNCREF = 0x70
const EXTERNREF = 0x6f
const MISC_LAST = 0x11

/**
 * Steps through code one instruction at a time. Where instructions begin is read just as an engine does or not at all; whether they make
 * sense together is left to the engine. One object serves a whole body: its fields speak of the instruction read last.
 */
export class InstructionReader {
  readonly reader: ModuleReader
  /** Opcode, those with the prefix 0xfc as `0xfc00 + number`. */
  opcode = 0
  /** Where the instruction begins; the reader stands at its end. */
  at = 0
  /** First index behind the opcode; for blocks the type's index, or -1 for none or a value type. */
  index = 0
  /** Second index behind the opcode. */
  second = 0
  /** Results of a block without a type index: 0 or 1. */
  blockResults = 0
  /** Labels of a br_table, the default one last. */
  labels: number[] = []

  constructor(reader: ModuleReader) {
    this.reader = reader
  }

  /**
   * Reads the next instruction.
   * @returns its opcode
   * @throws {TaskError} `bad_module` for an instruction outside the profile, and for one cut short
   */
  next(): number {
    const { reader } = this
    this.at = reader.offset
    const first = reader.byte()
    this.opcode = first === PREFIX_MISC ? this.#misc() : first
    const kind = IMMEDIATES[entryOf(this.opcode)] as number
    if (kind !== IMMEDIATE.none) this.#immediate(kind, first)
    return this.opcode
  }

  #misc(): number {
    const number = this.reader.u32()
    if (number > MISC_LAST) throw this.#outside(`instruction 0xfc ${number}`, PLAIN_BUILD)
    return (PREFIX_MISC << 8) + number
  }

  #immediate(kind: number, first: number): void {
    const { reader } = this
    switch (kind) {
      case IMMEDIATE.index:
        this.index = reader.u32()
        return
      case IMMEDIATE.memory:
        this.#access()
        return
      case IMMEDIATE.i32:
        skipSigned(reader, 5)
        return
      case IMMEDIATE.block:
        this.#block()
        return
      case IMMEDIATE.twoIndices:
        this.index = reader.u32()
        this.second = reader.u32()
        return
      case IMMEDIATE.i64:
        skipSigned(reader, 10)
        return
      case IMMEDIATE.f32:
        reader.skip(4)
        return
      case IMMEDIATE.f64:
        reader.skip(8)
        return
      case IMMEDIATE.labels:
        this.#labels()
        return
      case IMMEDIATE.types:
        for (let left = reader.u32(); left > 0; left--) readValueType(reader)
        return
      case IMMEDIATE.heapType:
        this.#heapType()
        return
      default:
        throw this.#refused(first)
    }
  }

  #access(): void {
    const { reader } = this
    const at = reader.offset
    const alignment = reader.u32()
    if (alignment > ALIGNMENT_MAX) throw reader.refuse(`an access aligns to 2^${alignment}`, PLAIN_BUILD, at)
    reader.u32()
  }

  /** Nothing, one value type, or the index of a function type. All three share one signed number, and types are the negative ones. */
  #block(): void {
    const { reader } = this
    const at = reader.offset
    const first = reader.byte()
    this.index = -1
    this.blockResults = 0
    if (first === VOID_BLOCK) return
    reader.offset = at
    if (first > VOID_BLOCK && first < 0x80) {
      readValueType(reader)
      this.blockResults = 1
      return
    }
    this.index = reader.u32()
    const last = reader.bytes[reader.offset - 1] ?? 0
    if ((last & 0x40) !== 0) throw reader.refuse('a block type has an unusual form', PLAIN_BUILD, at)
  }

  #labels(): void {
    const { reader } = this
    const targets = reader.count('targets in one br_table', MODULE_LIMITS.branchTargetsMax)
    this.labels = new Array<number>(targets + 1)
    for (let i = 0; i <= targets; i++) this.labels[i] = reader.u32()
  }

  #heapType(): void {
    const type = this.reader.byte()
    if (type !== FUNCREF && type !== EXTERNREF) {
      throw this.#outside(`a null of type 0x${type.toString(16)}`, PLAIN_BUILD)
    }
  }

  #refused(first: number): Error {
    const feature = featureOf(first)
    const instruction = `instruction 0x${first.toString(16)}`
    if (feature === null) return this.#outside(instruction, PLAIN_BUILD)
    return this.reader.refuse(`it uses ${feature.name} (${instruction})`, feature.advice, this.at)
  }

  #outside(what: string, advice: string): Error {
    return this.reader.refuse(`${what} is not supported`, advice, this.at)
  }
}

/** A place in the module that names a function by its index, such as in a table's initial contents. */
export interface FunctionReference {
  /** Where the index stands, and where it ends. */
  readonly start: number
  readonly end: number
  readonly index: number
}

/** What a constant expression may be. Reading a global is left out: only imported ones could be read, and a task imports none. */
const CONSTANTS: readonly number[] = [OP.i32Const, OP.i64Const, OP.f32Const, OP.f64Const, OP.refNull, OP.refFunc]

/**
 * Reads a constant expression: one instruction and its `end`.
 * @param references - is given the function that the expression refers to
 * @throws {TaskError} `bad_module`, also for what later versions of WebAssembly let an initial value be computed from
 */
export function readExpression(reader: ModuleReader, references: FunctionReference[] = []): void {
  const instruction = new InstructionReader(reader)
  const first = instruction.next()
  if (first === OP.refFunc) references.push({ start: instruction.at + 1, end: reader.offset, index: instruction.index })
  if (CONSTANTS.includes(first) && instruction.next() === OP.end) return
  const reason = `an initial value is no plain constant (instruction 0x${instruction.opcode.toString(16)})`
  throw reader.refuse(reason, PLAIN_BUILD, instruction.at)
}

/** Signed LEB128 of at most `bytesMax` bytes. */
function skipSigned(reader: ModuleReader, bytesMax: number): void {
  const at = reader.offset
  for (let count = 0; count < bytesMax; count++) if (reader.byte() < 0x80) return
  throw reader.damaged('a constant is too long', at)
}
