import { PLAIN_BUILD } from './features.ts'
import { type FunctionReference, readExpression } from './instructions.ts'
import { MODULE_LIMITS } from './profile.ts'
import { readValueType } from './read-signatures.ts'
import type { ModuleReader } from './reader.ts'

/** Types of values that a host reads and writes without loss, NaNs aside. */
const NUMBERS = 'iIfF'

/** What a module's globals are. */
export interface Globals {
  readonly count: number
  /** Indices of the mutable ones. */
  readonly mutable: readonly number[]
  /** Whether a mutable one holds references, which a host cannot set back. */
  readonly holdReferences: boolean
  /** Functions that initial values refer to. */
  readonly references: readonly FunctionReference[]
}

/**
 * Reads the global section.
 * @throws {TaskError} `bad_module`
 */
export function readGlobals(reader: ModuleReader): Globals {
  const mutable: number[] = []
  const references: FunctionReference[] = []
  let holdReferences = false
  const count = reader.count('globals', MODULE_LIMITS.globalsMax)
  for (let index = 0; index < count; index++) {
    const at = reader.offset
    const type = readValueType(reader)
    const flags = reader.byte()
    if (flags > 1) throw reader.refuse(`global ${index} is shared`, PLAIN_BUILD, at)
    if (flags === 1) mutable.push(index)
    holdReferences ||= flags === 1 && !NUMBERS.includes(type)
    readExpression(reader, references)
  }
  return { count, mutable, holdReferences, references }
}
