import type { Abi } from '../messages/index.ts'

/** A function a module imports. */
export interface ModuleImport {
  readonly module: string
  readonly field: string
}

/** Something a module exports. */
export interface ModuleExport {
  readonly name: string
  readonly kind: 'function' | 'table' | 'memory' | 'global'
  readonly index: number
}

/** What {@link inspectModule} learned of a module that a device can run. */
export interface ModuleInfo {
  /** `wasi` exports `_start`; `reactor` exports `alloc` and `run`. A module that exports both is a `wasi` command. */
  readonly abi: Abi
  readonly imports: readonly ModuleImport[]
  readonly exports: readonly ModuleExport[]
  /** In pages of 64 KiB; `maximumPages` is null when the module sets none. */
  readonly memory: { readonly initialPages: number; readonly maximumPages: number | null }
  /** Functions with a body. */
  readonly functions: number
  /** Index of the function that runs at instantiation, or null. */
  readonly startFunction: number | null
  /** Bytes of the whole module. */
  readonly bytes: number
}
