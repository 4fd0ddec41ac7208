import type { FunctionReference } from './instructions.ts'
import type { ModuleInfo } from './module-info.ts'
import { emptyParts, functionType, type ModuleParts } from './module-parts.ts'
import { HOST_EXPORT_PREFIX, MODULE_LIMITS } from './profile.ts'
import { readGlobals } from './read-globals.ts'
import { readData, readElements } from './read-segments.ts'
import { readExports, readFunctions, readImports, readStart, readTypes } from './read-signatures.ts'
import { readBodies, readMemories, readTables } from './read-storage.ts'
import { badModule, ModuleReader } from './reader.ts'
import { scanCode } from './scan-code.ts'
import { readSections, SECTION, type Section } from './sections.ts'

/**
 * Reads a module and refuses what a device will not run: a forbidden import, an unusual memory, a missing entry point, an instruction
 * outside the profile, a static limit passed. Whether instructions make sense together is left to an engine's validation.
 * @param bytes - a WebAssembly module, 1..{@link MODULE_LIMITS}.bytesMax bytes
 * @throws {TaskError} `bad_module`, naming section, function, byte offset, reason, and in its message what to do
 * @see spec/metering.md [PROFILE-1.1]
 */
export function inspectModule(bytes: Uint8Array): ModuleInfo {
  const { parts } = readModule(bytes)
  const info = describe(parts, bytes.length)
  scanCode(bytes, parts)
  return info
}

/** Sections and parts of a module that keeps to the static limits. */
export function readModule(bytes: Uint8Array): { sections: readonly Section[]; parts: ModuleParts } {
  if (bytes.length > MODULE_LIMITS.bytesMax) {
    const reason = `it has ${bytes.length} bytes, the limit is ${MODULE_LIMITS.bytesMax}`
    throw badModule('header', 0, reason, 'Strip debug information and optimise for size.')
  }
  const sections = readSections(bytes)
  const parts = emptyParts()
  for (const section of sections) {
    const reader = new ModuleReader(bytes, section.name, section.body, section.end)
    if (readSection(section.id, reader, parts)) reader.finish()
  }
  const declared = parts.functionTypes.length - parts.imports.length
  if (parts.bodies.length !== declared) {
    throw badModule(
      'code section',
      bytes.length,
      `it has no bodies for ${declared} functions`,
      'Check that the file arrived whole.',
    )
  }
  return { sections, parts }
}

/** Reads a section's contents. Returns false for those left to the engine. */
function readSection(id: number, reader: ModuleReader, parts: ModuleParts): boolean {
  switch (id) {
    case SECTION.type:
      readTypes(reader, parts)
      return true
    case SECTION.import:
      readImports(reader, parts)
      return true
    case SECTION.function:
      readFunctions(reader, parts)
      return true
    case SECTION.table:
      readTables(reader, parts)
      return true
    case SECTION.memory:
      readMemories(reader, parts)
      return true
    case SECTION.global: {
      const { count, mutable, holdReferences, references } = readGlobals(reader)
      parts.globals = count
      parts.mutableGlobals = holdReferences ? null : mutable
      parts.references = references
      refuseDangling(reader, references, parts)
      return true
    }
    case SECTION.export:
      readExports(reader, parts)
      return true
    case SECTION.start:
      readStart(reader, parts)
      return true
    case SECTION.element: {
      parts.elementSegments = reader.count('segments', MODULE_LIMITS.segmentsMax)
      const references = readElements(reader, parts.elementSegments)
      refuseDangling(reader, references, parts)
      parts.references = [...parts.references, ...references]
      return true
    }
    case SECTION.dataCount:
      parts.dataSegments = reader.count('segments', MODULE_LIMITS.segmentsMax)
      return true
    case SECTION.code:
      readBodies(reader, parts, parts.functionTypes.length - parts.imports.length)
      return true
    case SECTION.data:
      readData(reader)
      return true
    default:
      return false
  }
}

/** The functions that metering adds are not there for the module to refer to. */
function refuseDangling(reader: ModuleReader, references: readonly FunctionReference[], parts: ModuleParts): void {
  const count = parts.functionTypes.length
  const wrong = references.find(({ index }) => index >= count)
  if (wrong !== undefined) throw reader.damaged(`it names function ${wrong.index}, of ${count}`, wrong.start)
}

/** What the parts of a whole module amount to. */
export function describe(parts: ModuleParts, bytes: number): ModuleInfo {
  const memory = parts.memory
  if (memory === null)
    throw badModule('memory section', bytes, 'it has no memory', 'Define one memory and export it as `memory`.')
  const abi = abiOf(parts, bytes)
  refuseOddEntries(parts, bytes)
  if (!parts.exports.some(entry => entry.name === 'memory' && entry.kind === 'memory')) {
    throw badModule(
      'export section',
      bytes,
      'it does not export its memory',
      'Export the memory under the name `memory`.',
    )
  }
  return {
    abi,
    imports: parts.imports,
    exports: parts.exports,
    memory: { initialPages: memory.initialPages, maximumPages: memory.maximumPages },
    functions: parts.bodies.length,
    startFunction: parts.startFunction,
    bytes,
  }
}

function abiOf(parts: ModuleParts, bytes: number): ModuleInfo['abi'] {
  if (exportType(parts, '_start') === ':') return 'wasi'
  if (exportType(parts, 'alloc') === 'i:i' && exportType(parts, 'run') === 'ii:I') return 'reactor'
  throw badModule(
    'export section',
    bytes,
    'it exports neither `_start` nor both `alloc`(i32)->i32 and `run`(i32, i32)->i64',
    'Build a WASI preview 1 command (wasm32-wasip1), or export the two functions of the reactor interface with these types.',
  )
}

/** The host calls these too when they are there, and without arguments. */
function refuseOddEntries(parts: ModuleParts, bytes: number): void {
  const kept = parts.exports.find(({ name }) => name.startsWith(HOST_EXPORT_PREFIX))
  if (kept !== undefined) {
    const reason = `it exports '${kept.name}', a name kept for the host`
    throw badModule('export section', bytes, reason, 'Rename the export.')
  }
  const initialize = exportType(parts, '_initialize')
  if (initialize !== undefined && initialize !== ':') {
    const reason = 'its `_initialize` takes or returns values'
    throw badModule('export section', bytes, reason, 'Rename the function, or let it take and return nothing.')
  }
}

function exportType(parts: ModuleParts, name: string): string | undefined {
  const entry = parts.exports.find(candidate => candidate.name === name && candidate.kind === 'function')
  return entry && functionType(parts, entry.index)
}
