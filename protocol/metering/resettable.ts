import { TaskError } from '../errors.ts'
import { OPCODE, readInstruction } from './instructions.ts'
import { readMutableGlobals } from './read-globals.ts'
import { hasPassiveData, hasPassiveElements } from './read-segments.ts'
import { readLocals } from './read-storage.ts'
import { ModuleReader } from './reader.ts'
import { SECTION, type Section } from './sections.ts'

/** Setting more globals than this for each unit would take longer than a fresh instance. */
const GLOBALS_MAX = 64

/** What changes a table, or uses up a segment. */
const CHANGES: ReadonlySet<number> = new Set([
  OPCODE.tableSet,
  OPCODE.tableInit,
  OPCODE.tableCopy,
  OPCODE.tableGrow,
  OPCODE.tableFill,
  OPCODE.elemDrop,
  OPCODE.memoryInit,
  OPCODE.dataDrop,
])

/**
 * Indices of a module's mutable globals when these and the memory are all that an instance's code can change, so that setting both back
 * makes the instance as good as new; null otherwise, and when it is not certain. A module imports functions only (see {@link readImports}),
 * which leaves the tables and segments: no instruction may change them.
 * @param sections - of a module that {@link readModule} takes
 */
export function resettableGlobals(bytes: Uint8Array, sections: readonly Section[]): readonly number[] | null {
  const globals: number[] = []
  try {
    for (const section of sections) {
      const reader = new ModuleReader(bytes, section.name, section.body, section.end)
      if (section.id === SECTION.global) globals.push(...readMutableGlobals(reader))
      else if (section.id === SECTION.element && hasPassiveElements(reader)) return null
      else if (section.id === SECTION.data && hasPassiveData(reader)) return null
      else if (section.id === SECTION.code && changesTables(reader)) return null
    }
  } catch (thrown) {
    // What this reader does not understand the engine may; it is then not known what it does.
    if (thrown instanceof TaskError) return null
    throw thrown
  }
  return globals.length > GLOBALS_MAX ? null : globals
}

function changesTables(code: ModuleReader): boolean {
  const count = code.u32()
  for (let index = 0; index < count; index++) {
    const length = code.u32()
    const start = code.skip(length)
    const body = new ModuleReader(code.bytes, code.section, start, start + length)
    readLocals(body, index)
    let opcode: number | null = null
    while (!body.done) {
      opcode = readInstruction(body)
      if (CHANGES.has(opcode)) return true
    }
    if (opcode !== OPCODE.end) throw body.damaged(`body ${index} does not end with \`end\``)
  }
  code.finish()
  return false
}
