/**
 * The module that a metered one is compared with: the developer's own instructions, and around them only what the comparison needs. Its
 * memory is imported, it and the table are bounded as a device bounds them, and its start function and its globals are exports.
 */
import { GLOBAL_EXPORT_PREFIX, MEMORY_IMPORT, START_EXPORT } from '../../protocol/metering/index.ts'
import { END, F32, F64, I32, leb, rawModule, section, sleb, text, vector } from '../support/wasm-module.ts'
import { type DecodedModule, decodeModule, type FunctionBody, type Range } from './decode-module.ts'
import { keepsBits, shownBytes } from './float-bits.ts'
import { TABLE_ENTRIES_MAX } from './rules.ts'
import { typeByte } from './values.ts'
import { widened } from './widened.ts'

/** Export of a {@link canonicalModule}: how many NaNs it made canonical, an i32. */
export const NANS_EXPORT = 'nans'

type Bytes = readonly number[]

/**
 * The module's own instructions.
 * @param pagesMax - pages a task may use
 */
export function plainModule(bytes: Uint8Array, pagesMax: number): Uint8Array {
  return rewritten(decodeModule(bytes), pagesMax, false)
}

/**
 * The same, but a NaN becomes canonical wherever the rules want it, by a call of a function: slow, simple, and independent of the code that is tested.
 * @see spec/metering.md [NAN-1.1]
 */
export function canonicalModule(bytes: Uint8Array, pagesMax: number): Uint8Array {
  return rewritten(decodeModule(bytes), pagesMax, true)
}

function rewritten(module: DecodedModule, pagesMax: number, canonical: boolean): Uint8Array {
  const { sections, globals, imports, functions, types } = module
  const firstAdded = imports.length + functions.length
  const contents = new Map<number, Bytes>(
    sections.filter(({ id }) => id !== 0).map(place => [place.id, raw(module, place.body, place.end)]),
  )
  const nans = globals.length
  contents.delete(5)
  contents.set(2, appended(module, 2, [memoryImport(bounded(module.memory ?? NO_MEMORY, pagesMax))]))
  if (contents.has(4)) {
    const tables = module.tables.map(table => [typeByte(table.type), ...range(bounded(table, TABLE_ENTRIES_MAX))])
    contents.set(4, vector(tables))
  }
  const exports: Bytes[] = module.exports.map(({ name, kind, index }) => [...text(name), kind, ...leb(index)])
  for (const [index, { mutable }] of globals.entries()) {
    if (mutable) exports.push([...text(GLOBAL_EXPORT_PREFIX + index), 3, ...leb(index)])
  }
  if (module.start !== null) exports.push([...text(START_EXPORT), 0, ...leb(module.start)])
  contents.delete(8)
  if (canonical) {
    contents.set(
      1,
      appended(module, 1, [
        [0x60, 1, F32, 1, F32],
        [0x60, 1, F64, 1, F64],
      ]),
    )
    contents.set(3, appended(module, 3, [leb(types.length), leb(types.length + 1)]))
    contents.set(6, appended(module, 6, [[I32, 1, 0x41, 0, END]]))
    exports.push([...text(NANS_EXPORT), 3, ...leb(nans)])
    const bodies = functions.map(body => canonicalBody(module, body, firstAdded))
    contents.set(10, vector([...bodies, canonicaliser(F32, nans), canonicaliser(F64, nans)].map(sized)))
  }
  contents.set(7, vector(exports))
  return rawModule(...ORDER.filter(id => contents.has(id)).map(id => section(id, contents.get(id) ?? [])))
}

/** Section ids in the order they must come in. */
const ORDER = [1, 2, 3, 4, 6, 7, 9, 12, 10, 11]
const NO_MEMORY: Range = { minimum: 0, maximum: 0 }

function memoryImport(limits: Range): number[] {
  return [...text(MEMORY_IMPORT.module), ...text(MEMORY_IMPORT.field), 2, ...range(limits)]
}

const raw = (module: DecodedModule, start: number, end: number): number[] => [...module.bytes.subarray(start, end)]
const sized = (body: Bytes): number[] => [...leb(body.length), ...body]

function bounded({ minimum, maximum }: Range, limit: number): Range {
  return { minimum, maximum: Math.min(maximum ?? limit, limit) }
}

const range = ({ minimum, maximum }: Range): number[] => [1, ...leb(minimum), ...leb(maximum ?? 0)]

/** A section's vector with more items behind it. */
function appended(module: DecodedModule, id: number, items: readonly Bytes[]): number[] {
  const place = module.sections.find(candidate => candidate.id === id)
  return place === undefined ? vector(items) : widened(module.bytes, place, [], items)
}

/** The body with a call before each instruction that shows a float's bits. */
function canonicalBody(module: DecodedModule, body: FunctionBody, firstAdded: number): number[] {
  const out: number[] = []
  let copied = body.start
  for (const [place, { opcode, start }] of body.code.entries()) {
    const bytes = shownBytes(opcode)
    const before = body.code[place - 1]
    if (bytes === undefined || (before !== undefined && keepsBits(before.opcode))) continue
    out.push(...raw(module, copied, start), 0x10, ...leb(bytes === 4 ? firstAdded : firstAdded + 1))
    copied = start
  }
  out.push(...raw(module, copied, body.end))
  return out
}

const CANONICAL_F32 = [0x43, 0, 0, 0xc0, 0x7f]
const CANONICAL_F64 = [0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f]

/** `if (x == x) return x; nans++; return the canonical NaN` */
function canonicaliser(type: typeof F32 | typeof F64, nans: number): number[] {
  const [equal, canonical] = type === F32 ? [0x5b, CANONICAL_F32] : [0x61, CANONICAL_F64]
  const same = [0x20, 0, 0x20, 0, equal, 0x04, 0x40, 0x20, 0, 0x0f, END]
  const count = [0x23, ...leb(nans), 0x41, ...sleb(1), 0x6a, 0x24, ...leb(nans)]
  return [0, ...same, ...count, ...canonical, END]
}
