import { MODULE_LIMITS } from './profile.ts'
import { readValueType } from './read-signatures.ts'
import type { ModuleReader } from './reader.ts'

/** The locals that a body declares besides its parameters. */
export interface Locals {
  readonly count: number
  readonly groups: number
  /** Where the groups stand, behind their number. */
  readonly start: number
  readonly end: number
}

/**
 * Reads the locals that a body begins with.
 * @throws {TaskError} `bad_module` past {@link MODULE_LIMITS}.localsMax
 */
export function readLocals(reader: ModuleReader): Locals {
  const at = reader.offset
  const groups = reader.count('groups of locals', MODULE_LIMITS.localsMax)
  const start = reader.offset
  let count = 0
  for (let i = 0; i < groups; i++) {
    count += reader.u32()
    readValueType(reader)
  }
  if (count > MODULE_LIMITS.localsMax) {
    const limit = MODULE_LIMITS.localsMax
    throw reader.refuse(`it has ${count} locals, the limit is ${limit}`, 'Split the function.', at)
  }
  return { count, groups, start, end: reader.offset }
}
