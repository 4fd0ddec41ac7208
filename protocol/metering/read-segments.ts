import { PLAIN_BUILD } from './features.ts'
import { type FunctionReference, readExpression } from './instructions.ts'
import { MODULE_LIMITS } from './profile.ts'
import { readValueType } from './read-signatures.ts'
import type { ModuleReader } from './reader.ts'

/** Bits of a segment's flags; the lowest alone means passive. */
const NOT_ACTIVE = 1
/** An active segment with it names its table or memory; one that is not active only declares functions. */
const EXPLICIT = 2
const EXPRESSIONS = 4

/**
 * Reads the element section.
 * @param count - segments, already read
 * @returns the functions that its segments refer to, in file order
 * @throws {TaskError} `bad_module`
 */
export function readElements(reader: ModuleReader, count: number): FunctionReference[] {
  const references: FunctionReference[] = []
  let left: number = MODULE_LIMITS.elementEntriesMax
  for (let i = 0; i < count; i++) {
    const at = reader.offset
    const flags = reader.u32()
    if (flags > 7) throw reader.refuse(`a segment has flags ${flags}`, PLAIN_BUILD, at)
    if ((flags & NOT_ACTIVE) === 0) {
      if ((flags & EXPLICIT) !== 0) reader.u32()
      readExpression(reader, references)
    }
    left -= readEntries(reader, flags, references, left)
  }
  return references
}

/**
 * Reads the data section.
 * @throws {TaskError} `bad_module`
 */
export function readData(reader: ModuleReader): void {
  const count = reader.count('segments', MODULE_LIMITS.segmentsMax)
  for (let i = 0; i < count; i++) {
    const at = reader.offset
    const flags = reader.u32()
    if (flags > EXPLICIT) throw reader.refuse(`a segment has flags ${flags}`, PLAIN_BUILD, at)
    if (flags === EXPLICIT) reader.u32()
    if (flags !== NOT_ACTIVE) readExpression(reader)
    reader.skip(reader.u32())
  }
}

/** @returns how many entries there are, at most `entriesMax` */
function readEntries(reader: ModuleReader, flags: number, references: FunctionReference[], entriesMax: number): number {
  const expressions = (flags & EXPRESSIONS) !== 0
  if ((flags & (NOT_ACTIVE | EXPLICIT)) !== 0) {
    if (expressions) readValueType(reader)
    else reader.byte()
  }
  const at = reader.offset
  const count = reader.u32()
  if (count > entriesMax) {
    const reason = `its element segments have more than ${MODULE_LIMITS.elementEntriesMax} entries together`
    throw reader.refuse(reason, 'Split the program or optimise for size.', at)
  }
  for (let i = 0; i < count; i++) {
    if (expressions) {
      readExpression(reader, references)
    } else {
      const start = reader.offset
      const index = reader.u32()
      references.push({ start, end: reader.offset, index })
    }
  }
  return count
}
