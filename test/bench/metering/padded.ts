/**
 * The control of the bench. V8 gives a module with many small functions a far larger budget for inlining, and metering moves that share: a metered module
 * may be faster than the one it was made of. So each kernel also runs unmetered with small functions added that nothing calls.
 */
import { ByteWriter } from '../../../protocol/metering/byte-writer.ts'
import { ModuleReader } from '../../../protocol/metering/reader.ts'
import { readSections, SECTION, type Section } from '../../../protocol/metering/sections.ts'

/** Below this many bytes of body a function is small (V8's `kSmallFunctionThreshold`). */
const SMALL_BYTES = 50
/** No locals, `unreachable`, `end`: a body for any type. */
const STUB = Uint8Array.of(3, 0, 0x00, 0x0b)

/** The same module with so many more functions that half of all are small, which is where V8's budget is largest. */
export function withSmallFunctions(bytes: Uint8Array): Uint8Array {
  const sections = readSections(bytes)
  const added = missing(bytes, sections)
  const out = new ByteWriter(bytes.length + added * (STUB.length + 1) + 16)
  out.copy(bytes, 0, 8)
  for (const section of sections) {
    if (section.id === SECTION.function) lengthen(out, bytes, section, added, Uint8Array.of(0))
    else if (section.id === SECTION.code) lengthen(out, bytes, section, added, STUB)
    else out.copy(bytes, section.start, section.end)
  }
  return out.bytes
}

function missing(bytes: Uint8Array, sections: readonly Section[]): number {
  const code = sections.find(section => section.id === SECTION.code)
  if (code === undefined) return 0
  const reader = readerOf(bytes, code)
  const count = reader.u32()
  let small = 0
  for (let place = 0; place < count; place++) {
    const length = reader.u32()
    if (length < SMALL_BYTES) small++
    reader.skip(length)
  }
  return Math.max(0, count - 2 * small)
}

/** The section's vector with `count` more elements, all the same. */
function lengthen(out: ByteWriter, bytes: Uint8Array, section: Section, count: number, element: Uint8Array): void {
  const reader = readerOf(bytes, section)
  const body = new ByteWriter(section.end - section.body + count * element.length + 8)
  body.u32(reader.u32() + count)
  body.copy(bytes, reader.offset, section.end)
  for (let i = 0; i < count; i++) body.append(element)
  out.byte(section.id)
  out.u32(body.length)
  out.append(body.bytes)
}

function readerOf(bytes: Uint8Array, section: Section): ModuleReader {
  return new ModuleReader(bytes, section.name, section.body, section.end)
}
