/** Puts a metered module together, section by section. */
import { ByteWriter } from './byte-writer.ts'
import type { MeterShape } from './emitter.ts'
import { writeHostCall, writeThunk } from './host-functions.ts'
import { type Layout, resultsOf, threadedType } from './layout.ts'
import { type ModuleParts, typeCounts } from './module-parts.ts'
import { FAULT_EXPORT, FUEL_EXPORT, GLOBAL_EXPORT_PREFIX, MEMORY_IMPORT, PROFILE_EXPORT_PREFIX } from './profile.ts'
import { ModuleReader } from './reader.ts'
import { type RewriteContext, rewriteBody } from './rewrite-body.ts'
import type { CodeScan } from './scan-code.ts'
import { SECTION, type Section } from './sections.ts'
import { TYPE_CODES } from './value-types.ts'

/** All that is known of a module when it is written anew. */
export interface ModulePlan {
  readonly bytes: Uint8Array
  readonly sections: readonly Section[]
  readonly parts: ModuleParts
  readonly code: CodeScan
  readonly layout: Layout
  readonly memory: { readonly initialPages: number; readonly maximumPages: number }
  readonly shape: MeterShape
}

const FUNCTION_KIND = 0
/** Kind of an element segment that places nothing. */
const DECLARATIVE = 3
const GLOBAL_KIND = 3
const MUTABLE = 1
const VOID_BLOCK = Uint8Array.of(0x40)

/** The whole module. It is put together once, from pieces: the largest ones would not fit a small device several times over. */
export function writeModule(plan: ModulePlan): Uint8Array {
  const all = [
    plan.bytes.subarray(0, 8),
    ...written(SECTION.type, section => writeTypes(section, plan)),
    ...written(SECTION.import, section => writeImports(section, plan)),
    ...written(SECTION.function, section => writeFunctions(section, plan)),
    ...(plan.parts.tables.length > 0 ? written(SECTION.table, section => writeTables(section, plan)) : []),
    ...written(SECTION.global, section => writeGlobals(section, plan)),
    ...written(SECTION.export, section => writeExports(section, plan)),
    ...written(SECTION.element, section => writeElements(section, plan)),
    ...copied(plan, SECTION.dataCount),
    ...pieces(SECTION.code, code(plan)),
    ...copied(plan, SECTION.data),
    ...names(plan),
  ]
  const out = new ByteWriter(all.reduce((length, piece) => length + piece.length, 0))
  for (const piece of all) out.append(piece)
  return out.bytes
}

function written(id: number, write: (section: ByteWriter) => void): Uint8Array[] {
  const section = new ByteWriter(4_096)
  write(section)
  return pieces(id, [section.bytes])
}

/** A section of these contents. */
function pieces(id: number, contents: readonly Uint8Array[]): Uint8Array[] {
  const head = new ByteWriter(8)
  head.byte(id)
  head.u32(contents.reduce((length, piece) => length + piece.length, 0))
  return [head.bytes, ...contents]
}

function sectionOf(plan: ModulePlan, id: number): Section | undefined {
  return plan.sections.find(section => section.id === id)
}

function copied(plan: ModulePlan, id: number): Uint8Array[] {
  const section = sectionOf(plan, id)
  return section === undefined ? [] : [plan.bytes.subarray(section.start, section.end)]
}

/** Function names are kept for the engine's stack traces; other custom sections are not needed to run. */
function names({ bytes, sections }: ModulePlan): Uint8Array[] {
  return sections
    .filter(({ id, body }) => {
      const isNames = bytes[body] === 4 && String.fromCharCode(...bytes.subarray(body + 1, body + 5)) === 'name'
      return id === SECTION.custom && isNames
    })
    .map(({ start, end }) => bytes.subarray(start, end))
}

/** The vector of a section as it was, with more behind it: its length is written anew. */
function copyVector(out: ByteWriter, plan: ModulePlan, id: number, more: number): void {
  const section = sectionOf(plan, id)
  if (section === undefined) {
    out.u32(more)
    return
  }
  const reader = new ModuleReader(plan.bytes, section.name, section.body, section.end)
  out.u32(reader.u32() + more)
  writeReferences(out, plan, reader.offset, section.end)
}

/** Bytes of the module in which every imported function that is referred to is replaced by what stands for it. */
function writeReferences(out: ByteWriter, { bytes, parts, layout }: ModulePlan, start: number, end: number): void {
  let at = start
  for (const reference of parts.references) {
    if (reference.start < start || reference.start >= end) continue
    const thunk = layout.thunks.get(reference.index)
    if (thunk === undefined) continue
    out.copy(bytes, at, reference.start)
    out.u32(thunk)
    at = reference.end
  }
  out.copy(bytes, at, end)
}

function writeTypes(out: ByteWriter, plan: ModulePlan): void {
  const { parts, layout } = plan
  copyVector(out, plan, SECTION.type, parts.types.length + layout.resultTypes.size)
  for (const type of parts.types) {
    const [parameters = '', results = ''] = type.split(':')
    writeType(out, `${parameters}Ii`, `${results}I`)
  }
  for (const results of layout.resultTypes.keys()) writeType(out, '', results)
}

function writeType(out: ByteWriter, parameters: string, results: string): void {
  out.byte(0x60)
  for (const letters of [parameters, results]) {
    out.u32(letters.length)
    for (const letter of letters) out.byte(TYPE_CODES[letter] as number)
  }
}

function writeImports(out: ByteWriter, plan: ModulePlan): void {
  copyVector(out, plan, SECTION.import, 1)
  writeName(out, MEMORY_IMPORT.module)
  writeName(out, MEMORY_IMPORT.field)
  out.byte(2)
  out.byte(1)
  out.u32(plan.memory.initialPages)
  out.u32(plan.memory.maximumPages)
}

function writeFunctions(out: ByteWriter, { parts, code, layout }: ModulePlan): void {
  const { imports } = code.context
  const types = parts.types.length
  out.u32(parts.bodies.length + layout.thunks.size + layout.hostCalls.length)
  for (const [place, fuel] of layout.plainFuel.entries()) {
    const type = parts.functionTypes[imports + place] as number
    out.u32(fuel === null ? threadedType(types, type) : type)
  }
  for (const index of layout.thunks.keys()) out.u32(threadedType(types, parts.functionTypes[index] as number))
  for (const { index } of layout.hostCalls) out.u32(parts.functionTypes[index] as number)
}

function writeTables(out: ByteWriter, { parts, layout }: ModulePlan): void {
  out.u32(parts.tables.length)
  for (const { elementType, entries } of parts.tables) {
    out.byte(elementType)
    out.byte(1)
    out.u32(entries)
    out.u32(layout.tableMax)
  }
}

function writeGlobals(out: ByteWriter, plan: ModulePlan): void {
  const counters = plan.shape === 'profile' ? plan.parts.bodies.length : 0
  copyVector(out, plan, SECTION.global, 2 + counters)
  for (const letter of ['I', 'i', ...new Array<string>(counters).fill('I')]) {
    out.byte(TYPE_CODES[letter] as number)
    out.byte(MUTABLE)
    out.byte(letter === 'I' ? 0x42 : 0x41)
    out.byte(0)
    out.byte(0x0b)
  }
}

function writeExports(out: ByteWriter, { parts, code, layout, shape }: ModulePlan): void {
  const globals: (readonly [name: string, index: number])[] = [
    [FUEL_EXPORT, layout.globals.fuel],
    [FAULT_EXPORT, layout.globals.fault],
    ...(layout.resettable ?? []).map(index => [`${GLOBAL_EXPORT_PREFIX}${index}`, index] as const),
  ]
  if (shape === 'profile') {
    for (const place of parts.bodies.keys()) {
      globals.push([`${PROFILE_EXPORT_PREFIX}${code.context.imports + place}`, layout.globals.profile + place])
    }
  }
  out.u32(layout.hostCalls.length + globals.length)
  for (const [place, { name }] of layout.hostCalls.entries()) {
    writeName(out, name)
    out.byte(FUNCTION_KIND)
    out.u32(layout.firstHostCall + place)
  }
  for (const [name, index] of globals) {
    writeName(out, name)
    out.byte(GLOBAL_KIND)
    out.u32(index)
  }
}

/** Code may name a function that the module declared by exporting it: since that export is gone, a segment declares it. */
function writeElements(out: ByteWriter, plan: ModulePlan): void {
  const { parts, code, layout } = plan
  const elsewhere = new Set(parts.references.map(({ index }) => index))
  const undeclared = [...code.referenced].filter(index => !elsewhere.has(index))
  copyVector(out, plan, SECTION.element, undeclared.length === 0 ? 0 : 1)
  if (undeclared.length === 0) return
  out.byte(DECLARATIVE)
  out.byte(FUNCTION_KIND)
  out.u32(undeclared.length)
  for (const index of undeclared) out.u32(layout.thunks.get(index) ?? index)
}

/** The bodies, each in a piece of its own. */
function code(plan: ModulePlan): Uint8Array[] {
  const { bytes, parts, code, layout } = plan
  const context = rewriteContext(plan)
  const count = new ByteWriter(8)
  count.u32(parts.bodies.length + layout.thunks.size + layout.hostCalls.length)
  const contents = [count.bytes]
  for (const [place, { start, end }] of parts.bodies.entries()) {
    const scan = code.bodies[place]
    if (scan === undefined) continue
    const reader = new ModuleReader(bytes, 'code section', start, end)
    contents.push(bodyOf(rewriteBody(reader, scan, code.context.imports + place, context)))
  }
  for (const index of layout.thunks.keys()) contents.push(bodyOf(writeThunk(index, context)))
  for (const { index } of layout.hostCalls) contents.push(bodyOf(writeHostCall(index, context)))
  return contents
}

function bodyOf(body: ByteWriter): Uint8Array {
  const whole = new ByteWriter(body.length + 5)
  whole.u32(body.length)
  whole.append(body.bytes)
  return whole.bytes
}

function rewriteContext({ parts, code, layout, memory, shape }: ModulePlan): RewriteContext {
  const { imports } = code.context
  return {
    shape,
    globals: layout.globals,
    imports,
    parameters: index => typeCounts(parts.types[parts.functionTypes[index] ?? -1] ?? ':').parameters,
    plainFuel: index => layout.plainFuel[index - imports] ?? null,
    thunk: index => layout.thunks.get(index) ?? index,
    threadedType: type => threadedType(parts.types.length, type),
    resultBlock: index => resultBlock(resultsOf(parts, index), layout),
    tableMax: layout.tableMax,
    pagesMax: memory.maximumPages,
  }
}

function resultBlock(results: string, layout: Layout): Uint8Array {
  if (results.length === 0) return VOID_BLOCK
  if (results.length === 1) return Uint8Array.of(TYPE_CODES[results] as number)
  const type = new ByteWriter(8)
  type.signed(layout.resultTypes.get(results) as number)
  return type.bytes
}

function writeName(out: ByteWriter, name: string): void {
  const bytes = new TextEncoder().encode(name)
  out.u32(bytes.length)
  out.append(bytes)
}
