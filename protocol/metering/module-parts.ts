import type { FunctionReference } from './instructions.ts'
import type { ModuleExport, ModuleImport } from './module-info.ts'

/** A table's definition and where it stands. */
export interface TablePart {
  readonly start: number
  readonly end: number
  /** Byte of its element type. */
  readonly elementType: number
  readonly entries: number
  readonly maximum: number | null
}

/** What the section readers have learned so far. */
export interface ModuleParts {
  /** Function types as `parameters:results`, one letter a value; see {@link allowedImport}. */
  readonly types: string[]
  readonly imports: ModuleImport[]
  /** Type index of every function, imported ones first. */
  readonly functionTypes: number[]
  readonly exports: ModuleExport[]
  readonly tables: TablePart[]
  memory: { initialPages: number; maximumPages: number | null; offset: number } | null
  startFunction: number | null
  globals: number
  /** Mutable globals by index, or null when one of them holds references. */
  mutableGlobals: readonly number[] | null
  elementSegments: number
  /** Places outside of code that name functions, in file order. */
  references: readonly FunctionReference[]
  /** Segments that the data count section announces, which code may name. */
  dataSegments: number
  /** Where each function's body stands, behind its length. */
  readonly bodies: { start: number; end: number }[]
}

/** Parts of a module of which nothing is read yet. */
export function emptyParts(): ModuleParts {
  return {
    types: [],
    imports: [],
    functionTypes: [],
    exports: [],
    tables: [],
    memory: null,
    startFunction: null,
    globals: 0,
    mutableGlobals: [],
    elementSegments: 0,
    references: [],
    dataSegments: 0,
    bodies: [],
  }
}

/** Type text of a function, or undefined when there is no such function. */
export function functionType(parts: ModuleParts, index: number): string | undefined {
  const type = parts.functionTypes[index]
  return type === undefined ? undefined : parts.types[type]
}

/** Number of parameters and of results of a type text. */
export function typeCounts(type: string): { parameters: number; results: number } {
  const parameters = type.indexOf(':')
  return { parameters, results: type.length - parameters - 1 }
}
