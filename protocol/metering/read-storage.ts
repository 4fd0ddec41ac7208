import type { ModuleParts } from './module-parts.ts'
import { MODULE_LIMITS } from './profile.ts'
import { readValueType } from './read-signatures.ts'
import type { ModuleReader } from './reader.ts'

/** The largest memory 32-bit WebAssembly can have. */
const PAGES_MAX = 65_536

export function readTables(reader: ModuleReader, parts: ModuleParts): void {
  const count = reader.count('tables', MODULE_LIMITS.tablesMax)
  for (let i = 0; i < count; i++) {
    const start = reader.offset
    readValueType(reader)
    const elementType = reader.bytes[start] ?? 0
    const at = reader.offset
    const flags = reader.byte()
    if (flags > 1) throw reader.refuse('the table is shared or 64-bit', 'Build for wasm32 without threads.', at)
    const entries = reader.count('table entries', MODULE_LIMITS.tableEntriesMax)
    const maximum = flags === 1 ? reader.u32() : null
    if (maximum !== null && maximum < entries) throw reader.damaged('the table starts larger than its maximum', at)
    parts.tables.push({ start, end: reader.offset, elementType, entries, maximum })
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
    const begin = reader.offset
    const length = reader.u32()
    if (length > MODULE_LIMITS.bodyBytesMax) {
      const limit = MODULE_LIMITS.bodyBytesMax
      throw reader.refuse(`body ${i} has ${length} bytes, the limit is ${limit}`, 'Inline less or split it.', begin)
    }
    const start = reader.skip(length)
    parts.bodies.push({ start, end: reader.offset })
  }
}
