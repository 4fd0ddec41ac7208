import { MODULE_LIMITS } from './profile.ts'
import { badModule, ModuleReader } from './reader.ts'

/** One section's place in the module. */
export interface Section {
  readonly id: number
  readonly name: string
  /** Where its id byte is. */
  readonly start: number
  /** Where its contents begin. */
  readonly body: number
  readonly end: number
}

/** Section ids of the WebAssembly core specification. */
export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const

const wordsOf = (name: string): string => name.replaceAll(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)

const NAMES = Object.fromEntries(Object.entries(SECTION).map(([name, id]) => [id, `${wordsOf(name)} section`]))

/** The order sections must come in; the data count stands before the code. */
const ORDER: readonly number[] = [
  SECTION.type,
  SECTION.import,
  SECTION.function,
  SECTION.table,
  SECTION.memory,
  SECTION.global,
  SECTION.export,
  SECTION.start,
  SECTION.element,
  SECTION.dataCount,
  SECTION.code,
  SECTION.data,
]

/** Place of a section id in the prescribed order, or -1. */
export const sectionRank = (id: number): number => ORDER.indexOf(id)

/**
 * Cuts a module into its sections, in file order, custom ones included.
 * @throws {TaskError} `bad_module` when it is not WebAssembly 1, or a section is unknown, repeated, out of order or cut short
 */
export function readSections(bytes: Uint8Array): Section[] {
  if (readWord(bytes, 0) !== 0x6d736100) {
    throw badModule(
      'header',
      0,
      'it is not a WebAssembly file',
      'Send the compiled .wasm, not its source or text form.',
    )
  }
  if (readWord(bytes, 4) !== 1) {
    throw badModule('header', 4, 'it is not a core module of version 1', 'Build a core module, not a component.')
  }
  const sections: Section[] = []
  const reader = new ModuleReader(bytes, 'section list', 8, bytes.length)
  let last = -1
  while (!reader.done) {
    const start = reader.offset
    if (sections.length === MODULE_LIMITS.sectionsMax) {
      throw reader.refuse(`it has over ${MODULE_LIMITS.sectionsMax} sections`, 'Strip its custom sections.')
    }
    const id = reader.byte()
    const rank = sectionRank(id)
    if (id !== SECTION.custom) {
      if (rank < 0) {
        const hint =
          id === 13 ? 'Build without exception handling.' : 'Build for the WebAssembly 2.0 core without proposals.'
        throw reader.refuse(`section ${id} is not supported`, hint, start)
      }
      if (rank <= last) throw reader.damaged(`the ${NAMES[id]} is repeated or out of order`, start)
      last = rank
    }
    const length = reader.u32()
    const body = reader.skip(length)
    sections.push({ id, name: NAMES[id] ?? 'custom section', start, body, end: body + length })
  }
  return sections
}

function readWord(bytes: Uint8Array, at: number): number | null {
  if (bytes.length < at + 4) return null
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true)
}
