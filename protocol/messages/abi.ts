/** How a task's module is called: `wasi` by its `_start`, `reactor` by its `alloc` and `run`. */
export type Abi = 'wasi' | 'reactor'

/** Calling conventions by their number on the wire. */
export const ABIS: readonly Abi[] = ['wasi', 'reactor']
