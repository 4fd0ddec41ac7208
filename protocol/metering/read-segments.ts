import { skipExpression } from './instructions.ts'
import { PLAIN_BUILD, readValueType } from './read-signatures.ts'
import type { ModuleReader } from './reader.ts'

/** Bits of an element segment's flags; the lowest alone means passive. */
const NOT_ACTIVE = 1
/** An active segment with it names its table; one that is not active only declares functions. */
const EXPLICIT = 2
const EXPRESSIONS = 4

/** Whether a data section has segments that instantiation does not use up. */
export function hasPassiveData(reader: ModuleReader): boolean {
  const count = reader.u32()
  for (let i = 0; i < count; i++) {
    const at = reader.offset
    const flags = reader.u32()
    if (flags === 1) return true
    if (flags === 2) reader.u32()
    else if (flags !== 0) throw reader.refuse(`a segment has flags ${flags}`, PLAIN_BUILD, at)
    skipExpression(reader)
    reader.skip(reader.u32())
  }
  reader.finish()
  return false
}

/** Whether an element section has segments that instantiation does not use up. */
export function hasPassiveElements(reader: ModuleReader): boolean {
  const count = reader.u32()
  for (let i = 0; i < count; i++) {
    const at = reader.offset
    const flags = reader.u32()
    if (flags > 7) throw reader.refuse(`a segment has flags ${flags}`, PLAIN_BUILD, at)
    if ((flags & (NOT_ACTIVE | EXPLICIT)) === NOT_ACTIVE) return true
    if ((flags & NOT_ACTIVE) === 0) {
      if ((flags & EXPLICIT) !== 0) reader.u32()
      skipExpression(reader)
    }
    skipElements(reader, flags)
  }
  reader.finish()
  return false
}

function skipElements(reader: ModuleReader, flags: number): void {
  const expressions = (flags & EXPRESSIONS) !== 0
  if ((flags & (NOT_ACTIVE | EXPLICIT)) !== 0) {
    if (expressions) readValueType(reader)
    else reader.byte()
  }
  const count = reader.u32()
  for (let i = 0; i < count; i++) {
    if (expressions) skipExpression(reader)
    else reader.u32()
  }
}
