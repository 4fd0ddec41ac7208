import type { ModuleParts } from './module-parts.ts'
import { MODULE_LIMITS } from './profile.ts'
import { readValueType } from './read-signatures.ts'
import type { ModuleReader } from './reader.ts'

/** The largest memory 32-bit WebAssembly can have. */
const PAGES_MAX = 65_536

export function readTables(reader: ModuleReader): void {
  const count = reader.count('tables', MODULE_LIMITS.tablesMax)
  for (let i = 0; i < count; i++) {
    readValueType(reader)
    const at = reader.offset
    const flags = reader.byte()
    if (flags > 1) throw reader.refuse('the table is shared or 64-bit', 'Build for wasm32 without threads.', at)
    const entries = reader.count('table entries', MODULE_LIMITS.tableEntriesMax)
    if (flags === 1 && reader.u32() < entries) throw reader.damaged('the table starts larger than its maximum', at)
  }
}

export function readMemories(reader: ModuleReader, parts: ModuleParts): void {
  const count = reader.u32()
  if (count > 1) throw reader.refuse(`it has ${count} memories, the limit is 1`, 'Use a single memory.')
  if (count === 0) return
  const offset = reader.offset
  const flags = reader.byte()
  if ((flags & 2) !== 0) throw reader.refuse('its memory is shared', 'Build without threads (no +atomics).', offset)
  if ((flags & 4) !== 0) throw reader.refuse('its memory is 64-bit', 'Build for wasm32 instead of wasm64.', offset)
  if (flags > 1) throw reader.refuse(`its memory has flags ${flags}`, 'Build for the WebAssembly 2.0 core.', offset)
  const initialPages = reader.u32()
  const maximumPages = flags === 1 ? reader.u32() : null
  if (initialPages > (maximumPages ?? PAGES_MAX) || (maximumPages ?? 0) > PAGES_MAX) {
    throw reader.damaged('its memory starts larger than its maximum, or is over 4 GiB', offset)
  }
  parts.memory = { initialPages, maximumPages, offset }
}

export function readBodies(reader: ModuleReader, parts: ModuleParts, declared: number): void {
  const at = reader.offset
  const count = reader.count('function bodies', MODULE_LIMITS.functionsMax)
  if (count !== declared) throw reader.damaged(`it has ${count} bodies for ${declared} functions`, at)
  for (let i = 0; i < count; i++) {
    const start = reader.offset
    const length = reader.u32()
    if (length > MODULE_LIMITS.bodyBytesMax) {
      const limit = MODULE_LIMITS.bodyBytesMax
      throw reader.refuse(`body ${i} has ${length} bytes, the limit is ${limit}`, 'Inline less or split it.', start)
    }
    const body = reader.offset
    readLocals(reader, i)
    const locals = reader.offset - body
    if (locals > length) throw reader.damaged(`body ${i} is shorter than its locals`, start)
    reader.skip(length - locals)
  }
  parts.bodies = count
}

/** Steps over the locals that a body begins with. */
export function readLocals(reader: ModuleReader, body: number): void {
  const at = reader.offset
  const groups = reader.count(`groups of locals in body ${body}`, MODULE_LIMITS.localsMax)
  let locals = 0
  for (let i = 0; i < groups; i++) {
    locals += reader.u32()
    readValueType(reader)
  }
  if (locals > MODULE_LIMITS.localsMax) {
    const limit = MODULE_LIMITS.localsMax
    throw reader.refuse(`body ${body} has ${locals} locals, the limit is ${limit}`, 'Split the function.', at)
  }
}
