import { PLAIN_BUILD } from './features.ts'
import { allowedImport, importAdvice } from './imports.ts'
import { functionType, type ModuleParts } from './module-parts.ts'
import { MODULE_LIMITS } from './profile.ts'
import type { ModuleReader } from './reader.ts'
import { VALUE_TYPES } from './value-types.ts'

/** Reads one value type into its letter. */
export function readValueType(reader: ModuleReader): string {
  const at = reader.offset
  const code = reader.byte()
  const letter = VALUE_TYPES[code]
  if (letter !== undefined) return letter
  if (code === 0x7b) throw reader.refuse('it uses SIMD vectors', 'Build without SIMD (no -msimd128, no +simd128).', at)
  throw reader.refuse(`value type 0x${code.toString(16)} is not supported`, PLAIN_BUILD, at)
}

function readValueTypes(reader: ModuleReader): string {
  const count = reader.count('values in one function type', MODULE_LIMITS.typeValuesMax)
  // Joined at once: an engine keeps a text that grows letter by letter as a chain of hundreds of pieces.
  return Array.from({ length: count }, () => readValueType(reader)).join('')
}

export function readTypes(reader: ModuleReader, parts: ModuleParts): void {
  const count = reader.count('function types', MODULE_LIMITS.typesMax)
  for (let i = 0; i < count; i++) {
    const at = reader.offset
    const form = reader.byte()
    if (form !== 0x60) throw reader.refuse(`type form 0x${form.toString(16)} is not supported`, PLAIN_BUILD, at)
    const parameters = readValueTypes(reader)
    parts.types.push(`${parameters}:${readValueTypes(reader)}`)
  }
}

const KINDS = ['function', 'table', 'memory', 'global'] as const

export function readImports(reader: ModuleReader, parts: ModuleParts): void {
  const count = reader.count('imports', MODULE_LIMITS.importsMax)
  for (let i = 0; i < count; i++) {
    const at = reader.offset
    const module = reader.name()
    const field = reader.name()
    const kind = reader.byte()
    const name = `'${module}.${field}'`
    if (kind !== 0) {
      const what = KINDS[kind] ?? `kind ${kind}`
      const advice =
        kind === 2 ? 'Define the memory in the module and export it (no --import-memory).' : importAdvice(module, field)
      throw reader.refuse(`it imports ${name} (${what})`, advice, at)
    }
    readFunctionType(reader, parts)
    const wanted = allowedImport(module, field)
    if (wanted === null)
      throw reader.refuse(`it imports ${name}, which no device offers`, importAdvice(module, field), at)
    if (functionType(parts, parts.functionTypes.length - 1) !== wanted) {
      throw reader.refuse(`it imports ${name} with a wrong type`, 'Declare it as WASI preview 1 does.', at)
    }
    parts.imports.push({ module, field })
  }
}

export function readFunctions(reader: ModuleReader, parts: ModuleParts): void {
  const count = reader.count('functions', MODULE_LIMITS.functionsMax)
  for (let i = 0; i < count; i++) readFunctionType(reader, parts)
}

function readFunctionType(reader: ModuleReader, parts: ModuleParts): void {
  const at = reader.offset
  const type = reader.u32()
  if (type >= parts.types.length) throw reader.damaged(`a function has type ${type} of ${parts.types.length}`, at)
  parts.functionTypes.push(type)
}

export function readExports(reader: ModuleReader, parts: ModuleParts): void {
  const count = reader.count('exports', MODULE_LIMITS.exportsMax)
  const names = new Set<string>()
  for (let i = 0; i < count; i++) {
    const at = reader.offset
    const name = reader.name()
    const kind = KINDS[reader.byte()]
    const index = reader.u32()
    if (kind === undefined) throw reader.refuse(`export '${name}' is of an unknown kind`, PLAIN_BUILD, at)
    if (kind === 'function' && index >= parts.functionTypes.length) {
      throw reader.damaged(`export '${name}' is function ${index} of ${parts.functionTypes.length}`, at)
    }
    if (names.has(name)) throw reader.damaged(`two exports are named '${name}'`, at)
    names.add(name)
    parts.exports.push({ name, kind, index })
  }
}

export function readStart(reader: ModuleReader, parts: ModuleParts): void {
  const at = reader.offset
  const index = reader.u32()
  if (functionType(parts, index) !== ':')
    throw reader.damaged(`start function ${index} is missing or of a wrong type`, at)
  parts.startFunction = index
}
