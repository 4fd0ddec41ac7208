/** Asks this machine's WebAssembly engine whether a module is valid, without compiling it. */
const engine = (globalThis as unknown as { WebAssembly: { validate(bytes: Uint8Array): boolean } }).WebAssembly

export const isValidModule = (bytes: Uint8Array): boolean => engine.validate(bytes)
