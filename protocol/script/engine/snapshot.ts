/** Writes the state of a running instance into its module, so that every new instance starts from there. */

import { concatBytes, fromUtf8, utf8 } from '../../bytes.ts'
import { assert } from '../../errors.ts'
import {
  constantBytes,
  type DataSegment,
  FileReader,
  type FileSection,
  readData,
  readFile,
  SECTION_ID,
  u32Bytes,
  writeData,
  writeFile,
} from '../wasm-file.ts'

const PAGE_BYTES = 65_536
/** Zeros between two stretches of data that are worth a segment of its own: fewer make more segments, which take time to instantiate. */
const GAP_BYTES = 32
const GLOBAL_EXPORT = 3
const I32 = 0x7f
const MUTABLE = 1
const I32_CONST = 0x41

/** What an instance holds when its snapshot is taken. */
export interface InstanceState {
  readonly memory: Uint8Array
  /** The stack in memory lies below this address and is taken as empty. */
  readonly stackTop: number
  /** The value of an exported global of 32 bits. */
  global(name: string): number
}

/**
 * The module with its data and its mutable globals as they are in the instance, and no exports but `keep`.
 * @param module - of the instance: its mutable globals are of 32 bits, and exported unless they still have their first value
 * @param keep - names of exports that the result has
 */
export function snapshot(module: Uint8Array, state: InstanceState, keep: readonly string[]): Uint8Array {
  const sections = readFile(module)
  const exports = exportsOf(contentsOf(sections, SECTION_ID.export))
  const names = new Map(exports.filter(({ kind }) => kind === GLOBAL_EXPORT).map(({ index, name }) => [index, name]))
  const passive = readData(contentsOf(sections, SECTION_ID.data)).filter(({ address }) => address === null)
  const data = [...passive, ...segmentsOf(state)]
  const contents: Partial<Record<number, Uint8Array>> = {
    [SECTION_ID.memory]: memorySection(state.memory.length / PAGE_BYTES),
    [SECTION_ID.global]: globalSection(contentsOf(sections, SECTION_ID.global), index => {
      const name = names.get(index)
      return name === undefined ? null : state.global(name)
    }),
    [SECTION_ID.export]: exportSection(exports.filter(({ name }) => keep.includes(name))),
    [SECTION_ID.dataCount]: u32Bytes(data.length),
    [SECTION_ID.data]: writeData(data),
  }
  return writeFile(
    sections
      .filter(({ id }) => id !== SECTION_ID.custom)
      .map(section => ({ id: section.id, contents: contents[section.id] ?? section.contents })),
  )
}

function contentsOf(sections: readonly FileSection[], id: number): Uint8Array {
  const section = sections.find(candidate => candidate.id === id)
  assert(section !== undefined, `the module has a section ${id}`)
  return section.contents
}

/** All that is not zero in memory, the unused stack left out. */
function segmentsOf({ memory, stackTop }: InstanceState): DataSegment[] {
  const segments: DataSegment[] = []
  let start: number | null = null
  let end = 0
  for (let at = stackTop; at < memory.length; at++) {
    if (memory[at] === 0) continue
    if (start !== null && at - end > GAP_BYTES) {
      segments.push({ address: start, bytes: memory.slice(start, end) })
      start = null
    }
    start ??= at
    end = at + 1
  }
  if (start !== null) segments.push({ address: start, bytes: memory.slice(start, end) })
  return segments
}

function memorySection(pages: number): Uint8Array {
  return concatBytes(Uint8Array.of(1, 0), u32Bytes(pages))
}

function globalSection(contents: Uint8Array, newValue: (index: number) => number | null): Uint8Array {
  const reader = new FileReader(contents, 0)
  const count = reader.u32()
  const parts = Array.from({ length: count }, (_, index) => {
    const [type, mutability, opcode] = [reader.byte(), reader.byte(), reader.byte()]
    assert(type === I32 && opcode === I32_CONST, 'globals are 32-bit numbers')
    const first = reader.i32()
    reader.byte()
    const value = mutability === MUTABLE ? (newValue(index) ?? first) : first
    return concatBytes(Uint8Array.of(type, mutability), constantBytes(value))
  })
  return concatBytes(u32Bytes(count), ...parts)
}

interface Export {
  readonly name: string
  readonly kind: number
  readonly index: number
}

function exportsOf(contents: Uint8Array): Export[] {
  const reader = new FileReader(contents, 0)
  return Array.from({ length: reader.u32() }, () => ({
    name: fromUtf8(reader.bytes(reader.u32())),
    kind: reader.byte(),
    index: reader.u32(),
  }))
}

function exportSection(exports: readonly Export[]): Uint8Array {
  const parts = exports.map(({ name, kind, index }) =>
    concatBytes(u32Bytes(utf8(name).length), utf8(name), Uint8Array.of(kind), u32Bytes(index)),
  )
  return concatBytes(u32Bytes(exports.length), ...parts)
}
