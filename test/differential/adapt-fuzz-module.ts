/** Makes a module of Binaryen's generator one that the profile takes: a command that calls all its exports and imports nothing. */
import { leb, rawModule, section, text, vector } from '../support/wasm-module.ts'
import { ByteReader } from './byte-reader.ts'
import { decodeCode } from './decode-code.ts'
import type { FunctionType, SectionPlace } from './decode-module.ts'
import { type TypeLetter, typeByte } from './values.ts'
import { widened } from './widened.ts'

type Bytes = readonly number[]

interface Import {
  /** Of a function its type index, of a global its type and mutability. */
  readonly function: number | null
  readonly global: readonly [type: TypeLetter, mutable: number] | null
}

/** Where the functions that stand for imported ones leave what they are given. */
const LOG_ADDRESS = 40_000
const STORES: Readonly<Record<string, number>> = { i: 0x36, I: 0x37, f: 0x38, F: 0x39 }
/** Arguments, and what an imported function returns. */
const SAMPLES: Readonly<Record<TypeLetter, Bytes>> = {
  i: [0x41, 5],
  I: [0x42, 7],
  f: [0x43, 0, 0, 0xc0, 0x3f],
  F: [0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0xbf],
  r: [0xd0, 0x70],
  e: [0xd0, 0x6f],
}

/** Function types, imports, and the type index of each function with a body. */
interface Signatures {
  readonly types: readonly FunctionType[]
  readonly imports: readonly Import[]
  readonly functions: readonly number[]
}

/**
 * Imported functions and globals become the module's own in the same places of their index spaces, the memory gets a
 * size that suits the tests, and `_start` calls every exported function once.
 * @returns null for a module with two tables, which the profile refuses
 */
export function adaptFuzzModule(bytes: Uint8Array): Uint8Array | null {
  const places = sectionsOf(bytes)
  const read = <T>(id: number, item: (reader: ByteReader) => T): T[] => {
    const place = places.get(id)
    const reader = new ByteReader(bytes, place?.body ?? 0)
    return place === undefined ? [] : reader.vector(() => item(reader))
  }
  if ((places.has(4) ? new ByteReader(bytes, places.get(4)?.body).u32() : 0) > 1) return null
  const signatures = {
    types: read(1, readType),
    imports: read(2, readImport),
    functions: read(3, reader => reader.u32()),
  }
  const exports = read(7, reader => ({ name: reader.name(), kind: reader.byte(), index: reader.u32() }))
  const imported = signatures.imports.flatMap(({ function: type }) => (type === null ? [] : [type]))
  const globals = signatures.imports.flatMap(({ global }) => (global === null ? [] : [global]))
  const ownGlobals = read(6, reader => readGlobal(reader, signatures.types))
  const called = exports.filter(({ kind }) => kind === 0).map(({ index }) => index)
  const more: Record<number, readonly [before: readonly Bytes[], behind: readonly Bytes[]]> = {
    1: [[], [[0x60, 0, 0]]],
    3: [imported.map(leb), [leb(signatures.types.length)]],
    7: [
      [],
      [
        [...text('_start'), 0, ...leb(imported.length + signatures.functions.length)],
        [...text('memory'), 2, 0],
      ],
    ],
    10: [
      imported.map(type => sized(logBody(typeAt(signatures, type)))),
      [sized(startBody(signatures, imported, called))],
    ],
  }
  const contents = (id: number): Bytes | null => {
    if (id === 5) return vector([[1, 1, 2]])
    if (id === 6) return vector([...globals.map(global => globalBytes(...global)), ...ownGlobals])
    const place = places.get(id)
    const [before, behind] = more[id] ?? [[], []]
    if (place !== undefined)
      return id in more ? widened(bytes, place, before, behind) : [...bytes.subarray(place.body, place.end)]
    return before.length + behind.length > 0 ? vector([...before, ...behind]) : null
  }
  const ids = [1, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11]
  return rawModule(
    ...ids.flatMap(id => {
      const body = contents(id)
      return body === null ? [] : [section(id, body)]
    }),
  )
}

function sectionsOf(bytes: Uint8Array): Map<number, SectionPlace> {
  const places = new Map<number, SectionPlace>()
  const reader = new ByteReader(bytes, 8)
  while (reader.at < bytes.length) {
    const start = reader.at
    const id = reader.byte()
    const length = reader.u32()
    places.set(id, { id, start, body: reader.at, end: reader.at + length })
    reader.at += length
  }
  return places
}

function readType(reader: ByteReader): FunctionType {
  reader.byte()
  return { params: reader.vector(() => reader.type()), results: reader.vector(() => reader.type()) }
}

function readImport(reader: ByteReader): Import {
  reader.name()
  reader.name()
  const kind = reader.byte()
  if (kind === 0) return { function: reader.u32(), global: null }
  if (kind !== 3) throw new Error(`an import of kind ${kind} was not expected`)
  return { function: null, global: [reader.type(), reader.byte()] }
}

/** One that begins with the value of an imported global gets a sample instead: the other is no longer imported. */
function readGlobal(reader: ByteReader, types: readonly FunctionType[]): number[] {
  const start = reader.at
  const [type, mutable] = [reader.type(), reader.byte()]
  const [init] = decodeCode(reader, types)
  return init?.opcode === 0x23 ? globalBytes(type, mutable) : [...reader.bytes.subarray(start, reader.at)]
}

const globalBytes = (type: TypeLetter, mutable: number): number[] => [typeByte(type), mutable, ...SAMPLES[type], 0x0b]

function typeAt({ types }: Signatures, index: number): FunctionType {
  return types[index] ?? { params: [], results: [] }
}

const sized = (body: Bytes): number[] => [...leb(body.length), ...body]

/** Leaves what it is given in memory and returns samples. */
function logBody({ params, results }: FunctionType): number[] {
  const stores = params.flatMap((type, index) => {
    const store = STORES[type]
    if (store === undefined) return []
    return [0x41, ...address(index), 0x20, ...leb(index), store, 0, 0]
  })
  return [0, ...stores, ...results.flatMap(type => SAMPLES[type]), 0x0b]
}

/** Signed LEB128 of an address between 2^13 and 2^20. */
function address(index: number): number[] {
  const at = LOG_ADDRESS + 8 * index
  return [(at & 127) | 128, ((at >> 7) & 127) | 128, at >> 14]
}

function startBody(signatures: Signatures, imported: readonly number[], called: readonly number[]): number[] {
  const indices = [...imported, ...signatures.functions]
  const calls = called.flatMap(index => {
    const { params, results } = typeAt(signatures, indices[index] ?? 0)
    return [...params.flatMap(type => SAMPLES[type]), 0x10, ...leb(index), ...results.map(() => 0x1a)]
  })
  return [0, ...calls, 0x0b]
}
