import { skipExpression } from './instructions.ts'
import { PLAIN_BUILD, readValueType } from './read-signatures.ts'
import type { ModuleReader } from './reader.ts'

/** Types of values that a host reads and writes without loss, NaNs aside. */
const NUMBERS = 'iIfF'

/**
 * Reads the global section.
 * @returns indices of the mutable globals among those the module defines, all of them numbers
 * @throws {TaskError} `bad_module`, also when a mutable global holds a reference
 */
export function readMutableGlobals(reader: ModuleReader): number[] {
  const mutable: number[] = []
  const count = reader.u32()
  for (let index = 0; index < count; index++) {
    const at = reader.offset
    const type = readValueType(reader)
    const flags = reader.byte()
    if (flags > 1) throw reader.refuse(`global ${index} is shared`, PLAIN_BUILD, at)
    if (flags === 1 && !NUMBERS.includes(type)) {
      throw reader.refuse(`global ${index} holds references that change`, PLAIN_BUILD, at)
    }
    if (flags === 1) mutable.push(index)
    skipExpression(reader)
  }
  reader.finish()
  return mutable
}
