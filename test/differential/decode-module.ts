import { ByteReader } from './byte-reader.ts'
import { decodeCode, type Instruction } from './decode-code.ts'
import type { TypeLetter } from './values.ts'

/** What a function, or a block, takes and returns. */
export interface FunctionType {
  readonly params: readonly TypeLetter[]
  readonly results: readonly TypeLetter[]
}

/** A function that comes from outside. */
export interface ImportedFunction {
  readonly module: string
  readonly field: string
  readonly type: FunctionType
}

/** A function of the module itself. */
export interface FunctionBody {
  readonly type: FunctionType
  readonly typeIndex: number
  /** Of the locals besides the parameters. */
  readonly locals: readonly TypeLetter[]
  readonly code: readonly Instruction[]
  /** Offsets in the module of its locals' first byte and of the byte behind it. */
  readonly start: number
  readonly end: number
}

/** `maximum` is null where the module sets none. */
export interface Range {
  readonly minimum: number
  readonly maximum: number | null
}

/** A table, sizes in entries. */
export interface Table extends Range {
  readonly type: TypeLetter
}

/** A global, and what it begins with. */
export interface Global {
  readonly type: TypeLetter
  readonly mutable: boolean
  readonly init: Constant
}

/** A constant expression: one instruction. */
export type Constant = Pick<Instruction, 'opcode' | 'operand'>

/** Where an active segment goes. */
export interface Place {
  readonly table: number
  readonly offset: Constant
}

/** References that go into a table, at once or later, or that are only declared. */
export interface ElementSegment {
  readonly kind: 'active' | 'passive' | 'declared'
  readonly place: Place | null
  readonly items: readonly Constant[]
}

/** Bytes that go into the memory: at `offset` at once, or later when it is null. */
export interface DataSegment {
  readonly offset: Constant | null
  readonly bytes: Uint8Array
}

/** Something that can be named from outside. */
export interface Export {
  readonly name: string
  /** 0 function, 1 table, 2 memory, 3 global. */
  readonly kind: number
  readonly index: number
}

/** One section: `start` is its id byte, `body` its contents. */
export interface SectionPlace {
  readonly id: number
  readonly start: number
  readonly body: number
  readonly end: number
}

/** A module, section by section. */
export interface DecodedModule {
  readonly bytes: Uint8Array
  readonly sections: readonly SectionPlace[]
  readonly types: FunctionType[]
  readonly imports: ImportedFunction[]
  readonly functions: FunctionBody[]
  readonly tables: Table[]
  memory: Range | null
  readonly globals: Global[]
  readonly exports: Export[]
  start: number | null
  readonly elements: ElementSegment[]
  readonly data: DataSegment[]
}

/** Reads a valid module of the profile: it imports functions only and has at most one memory. */
export function decodeModule(bytes: Uint8Array): DecodedModule {
  const sections: SectionPlace[] = []
  const module: DecodedModule = {
    bytes,
    sections,
    types: [],
    imports: [],
    functions: [],
    tables: [],
    memory: null,
    globals: [],
    exports: [],
    start: null,
    elements: [],
    data: [],
  }
  const typeIndices: number[] = []
  const reader = new ByteReader(bytes, 8)
  while (reader.at < bytes.length) {
    const start = reader.at
    const id = reader.byte()
    const length = reader.u32()
    const body = reader.at
    sections.push({ id, start, body, end: body + length })
    decodeSection(id, reader, module, typeIndices)
    reader.at = body + length
  }
  return module
}

function decodeSection(id: number, reader: ByteReader, module: DecodedModule, typeIndices: number[]): void {
  switch (id) {
    case 1:
      module.types.push(...reader.vector(() => decodeType(reader)))
      return
    case 2:
      module.imports.push(...reader.vector(() => decodeImport(reader, module)))
      return
    case 3:
      typeIndices.push(...reader.vector(() => reader.u32()))
      return
    case 4:
      module.tables.push(...reader.vector(() => ({ type: reader.type(), ...decodeRange(reader) })))
      return
    case 5:
      module.memory = reader.vector(() => decodeRange(reader))[0] ?? null
      return
    case 6:
      module.globals.push(...reader.vector(() => decodeGlobal(reader, module)))
      return
    case 7:
      module.exports.push(...reader.vector(() => ({ name: reader.name(), kind: reader.byte(), index: reader.u32() })))
      return
    case 8:
      module.start = reader.u32()
      return
    case 9:
      module.elements.push(...reader.vector(() => decodeElements(reader, module)))
      return
    case 10:
      module.functions.push(...reader.vector(index => decodeBody(reader, module, typeIndices[index] ?? 0)))
      return
    case 11:
      module.data.push(...reader.vector(() => decodeData(reader, module)))
  }
}

function decodeType(reader: ByteReader): FunctionType {
  reader.byte()
  return { params: reader.vector(() => reader.type()), results: reader.vector(() => reader.type()) }
}

function decodeImport(reader: ByteReader, module: DecodedModule): ImportedFunction {
  const name = { module: reader.name(), field: reader.name() }
  if (reader.byte() !== 0) throw new Error('a module of the profile imports functions only')
  return { ...name, type: typeAt(module, reader.u32()) }
}

function decodeRange(reader: ByteReader): Range {
  const bounded = (reader.byte() & 1) === 1
  return { minimum: reader.u32(), maximum: bounded ? reader.u32() : null }
}

function decodeGlobal(reader: ByteReader, module: DecodedModule): Global {
  return { type: reader.type(), mutable: reader.byte() === 1, init: decodeConstant(reader, module) }
}

/** The one instruction before the `end`. */
function decodeConstant(reader: ByteReader, module: DecodedModule): Constant {
  const [constant] = decodeCode(reader, module.types)
  if (constant === undefined) throw new Error('a constant expression is not empty')
  return { opcode: constant.opcode, operand: constant.operand }
}

function decodeBody(reader: ByteReader, module: DecodedModule, typeIndex: number): FunctionBody {
  const length = reader.u32()
  const start = reader.at
  const locals = reader.vector(() => Array.from({ length: reader.u32() }).fill(reader.type())).flat() as TypeLetter[]
  const code = decodeCode(reader, module.types)
  return { type: typeAt(module, typeIndex), typeIndex, locals, code, start, end: start + length }
}

/** Flag bits: 1 not active, 2 names its table (active) or only declares (not active), 4 expressions instead of indices. */
function decodeElements(reader: ByteReader, module: DecodedModule): ElementSegment {
  const flags = reader.u32()
  const kind = (flags & 1) === 0 ? 'active' : (flags & 2) === 0 ? 'passive' : 'declared'
  const table = kind === 'active' && (flags & 2) !== 0 ? reader.u32() : 0
  const place = kind === 'active' ? { table, offset: decodeConstant(reader, module) } : null
  if ((flags & 3) !== 0) reader.byte()
  const item = () => ((flags & 4) !== 0 ? decodeConstant(reader, module) : { opcode: 0xd2, operand: reader.u32() })
  return { kind, place, items: reader.vector(item) }
}

function decodeData(reader: ByteReader, module: DecodedModule): DataSegment {
  const flags = reader.u32()
  if (flags === 2) reader.u32()
  const offset = flags === 1 ? null : decodeConstant(reader, module)
  return { offset, bytes: reader.take(reader.u32()) }
}

function typeAt(module: DecodedModule, index: number): FunctionType {
  const type = module.types[index]
  if (type === undefined) throw new Error(`no type ${index}`)
  return type
}
