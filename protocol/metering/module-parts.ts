import type { ModuleExport, ModuleImport } from './module-info.ts'

/** What the section readers have learned so far. */
export interface ModuleParts {
  /** Function types as `parameters:results`, one letter a value; see {@link allowedImport}. */
  readonly types: string[]
  readonly imports: ModuleImport[]
  /** Type index of every function, imported ones first. */
  readonly functionTypes: number[]
  readonly exports: ModuleExport[]
  memory: { initialPages: number; maximumPages: number | null; offset: number } | null
  startFunction: number | null
  bodies: number
}

/** Parts of a module of which nothing is read yet. */
export function emptyParts(): ModuleParts {
  return {
    types: [],
    imports: [],
    functionTypes: [],
    exports: [],
    memory: null,
    startFunction: null,
    bodies: 0,
  }
}

/** Type text of a function, or undefined when there is no such function. */
export function functionType(parts: ModuleParts, index: number): string | undefined {
  const type = parts.functionTypes[index]
  return type === undefined ? undefined : parts.types[type]
}
