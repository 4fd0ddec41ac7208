import { concatBytes } from '../bytes.ts'
import { assert } from '../errors.ts'
import { describe, readModule } from './inspect.ts'
import { GLOBAL_EXPORT_PREFIX, MEMORY_IMPORT, START_EXPORT } from './profile.ts'
import { badModule, ModuleReader } from './reader.ts'
import { resettableGlobals } from './resettable.ts'
import { SECTION, type Section, sectionRank } from './sections.ts'
import { leb, nameBytes, sectionBytes } from './writer.ts'

/** Kinds of exports in the binary format. */
const FUNCTION_KIND = 0
const GLOBAL_KIND = 3

/** A module as a sandbox takes it. */
export interface PreparedModule {
  readonly bytes: Uint8Array
  /** Whether all that running it can change are its memory and the globals it exports under {@link GLOBAL_EXPORT_PREFIX}. */
  readonly resettable: boolean
}

/**
 * Rewrites a module so that its host provides the memory and bounds it: the memory definition becomes the import `hedgerow.memory` with
 * a maximum of at most `memoryPagesMax`, and a start function becomes the export {@link START_EXPORT}, so that
 * instantiation runs no code. A resettable module also exports its mutable globals. Function, table and global indices and
 * all instructions stay as they are.
 * @param options.memoryPagesMax - pages of 64 KiB the task may use, at least 1
 * @throws {TaskError} `bad_module` as {@link inspectModule}, or when the memory starts larger than `memoryPagesMax`
 */
export function prepareModule(bytes: Uint8Array, options: { memoryPagesMax: number }): PreparedModule {
  assert(Number.isInteger(options.memoryPagesMax) && options.memoryPagesMax > 0, 'memoryPagesMax is a positive integer')
  const { sections, parts } = readModule(bytes)
  const { memory } = describe(parts, bytes.length)
  if (memory.initialPages > options.memoryPagesMax) {
    const reason = `its memory starts at ${memory.initialPages} pages, the job allows ${options.memoryPagesMax}`
    throw badModule(
      'memory section',
      parts.memory?.offset ?? 0,
      reason,
      "Raise the job's memory or lower the module's initial memory.",
    )
  }
  const maximum = Math.min(memory.maximumPages ?? options.memoryPagesMax, options.memoryPagesMax)
  const memoryImport = concatBytes(
    nameBytes(MEMORY_IMPORT.module),
    nameBytes(MEMORY_IMPORT.field),
    Uint8Array.of(2, 1),
    leb(memory.initialPages),
    leb(maximum),
  )
  const globals = resettableGlobals(bytes, sections)
  const exports = (globals ?? []).map(index => exportEntry(`${GLOBAL_EXPORT_PREFIX}${index}`, GLOBAL_KIND, index))
  if (parts.startFunction !== null) exports.push(exportEntry(START_EXPORT, FUNCTION_KIND, parts.startFunction))
  return {
    bytes: concatBytes(bytes.subarray(0, 8), ...rewritten(bytes, sections, memoryImport, exports)),
    resettable: globals !== null,
  }
}

function rewritten(
  bytes: Uint8Array,
  sections: readonly Section[],
  memoryImport: Uint8Array,
  exports: readonly Uint8Array[],
): Uint8Array[] {
  const out: Uint8Array[] = []
  let imported = false
  for (const section of sections) {
    if (!imported && section.id !== SECTION.custom && sectionRank(section.id) >= sectionRank(SECTION.import)) {
      const own = section.id === SECTION.import ? section : null
      out.push(withEntries(bytes, SECTION.import, own, [memoryImport]))
      imported = true
      if (own !== null) continue
    }
    if (section.id === SECTION.memory || section.id === SECTION.start) continue
    if (section.id === SECTION.export && exports.length > 0) {
      out.push(withEntries(bytes, SECTION.export, section, exports))
    } else {
      out.push(bytes.subarray(section.start, section.end))
    }
  }
  return out
}

function exportEntry(name: string, kind: number, index: number): Uint8Array {
  return concatBytes(nameBytes(name), Uint8Array.of(kind), leb(index))
}

/** The section with more entries in its vector; a section of its own when there was none. */
function withEntries(
  bytes: Uint8Array,
  id: number,
  section: Section | null,
  entries: readonly Uint8Array[],
): Uint8Array {
  if (section === null) return sectionBytes(id, leb(entries.length), ...entries)
  const reader = new ModuleReader(bytes, section.name, section.body, section.end)
  const count = reader.u32()
  return sectionBytes(id, leb(count + entries.length), bytes.subarray(reader.offset, section.end), ...entries)
}
