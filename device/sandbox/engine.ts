/** The part of the WebAssembly JavaScript API that the sandbox uses, typed narrowly. */

export interface WasmMemory {
  readonly buffer: ArrayBuffer
}

/** A mutable global of a number type: bigint for i64. */
export interface WasmGlobal {
  value: number | bigint
}

export type WasmModule = object

export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>
}

/** Imports by module and field: functions and one memory, never another object. */
export type WasmImports = Record<string, Record<string, unknown>>

interface Engine {
  readonly validate: (bytes: Uint8Array) => boolean
  readonly Module: new (bytes: Uint8Array) => WasmModule
  readonly Instance: new (module: WasmModule, imports: WasmImports) => WasmInstance
  readonly Memory: new (pages: { initial: number; maximum: number }) => WasmMemory
  readonly Global: new (type: { value: 'i32' | 'i64'; mutable: true }, value: number | bigint) => WasmGlobal
  readonly CompileError: ErrorConstructor
  readonly RuntimeError: ErrorConstructor
}

/** The JavaScript engine's own WebAssembly. */
export const engine = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly
