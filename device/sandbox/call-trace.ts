/**
 * The functions that were active when the engine stopped a module, by index and innermost first, from the stack trace that V8 makes of up
 * to ten; empty when there is none. For people only: an engine may leave functions out.
 */
export function callTrace(thrown: unknown): number[] {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : ''
  return [...stack.matchAll(/wasm-function\[(\d+)\]/g)].map(([, index]) => Number(index))
}
