import type { TrapKind } from '../../protocol/messages/index.ts'
import { engine } from './engine.ts'

/** V8's wording of the traps of WebAssembly. A test meets each one, so a Node that words them anew is noticed. */
const WORDINGS: readonly (readonly [part: string, trap: TrapKind])[] = [
  ['unreachable', 'unreachable'],
  ['memory access out of bounds', 'memory_out_of_bounds'],
  ['data segment', 'memory_out_of_bounds'],
  ['divide by zero', 'divide_by_zero'],
  ['remainder by zero', 'divide_by_zero'],
  ['divide result unrepresentable', 'integer_overflow'],
  ['float unrepresentable', 'integer_overflow'],
  ['table', 'table_or_call'],
  ['null function', 'table_or_call'],
  ['signature mismatch', 'table_or_call'],
  ['element segment', 'table_or_call'],
]

/**
 * The trap behind something thrown out of a task's code, or null when it is not one that all machines share: trouble of the host has
 * no result, and must not be mistaken for one. The engine's own stack overflow is such trouble, a RangeError, because its frames differ from
 * machine to machine.
 */
export function trapOf(thrown: unknown): TrapKind | null {
  if (!(thrown instanceof engine.RuntimeError)) return null
  return WORDINGS.find(([part]) => thrown.message.includes(part))?.[1] ?? null
}
