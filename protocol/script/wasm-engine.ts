/** The part of the WebAssembly JavaScript API that compiling a script uses, typed narrowly. */

interface WasmApi {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> }
  readonly Memory: new (pages: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer }
  readonly RuntimeError: ErrorConstructor
}

/** The JavaScript engine's own WebAssembly, in Node and in browsers. */
export const wasm = (globalThis as unknown as { WebAssembly: WasmApi }).WebAssembly
