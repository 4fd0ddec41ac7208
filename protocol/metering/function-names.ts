import { TaskError } from '../errors.ts'
import { MODULE_LIMITS } from './profile.ts'
import { ModuleReader } from './reader.ts'
import { readSections, SECTION } from './sections.ts'

/** Number of the subsection of function names (WebAssembly core specification, appendix 7.4, "Name Section"). */
const FUNCTION_NAMES = 1

/** Compilers of C++ and Rust make names of thousands of bytes. */
const NAME_BYTES_SHOWN = 256

/**
 * The names that a module gives its functions, by index; empty when it has none. Names are for people: damaged ones are left out and
 * are no reason to refuse a module, and neither are more of them than a module can have functions, of which none is read.
 */
export function functionNames(bytes: Uint8Array): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  try {
    for (const section of readSections(bytes)) {
      if (section.id !== SECTION.custom) continue
      const reader = new ModuleReader(bytes, 'name section', section.body, section.end)
      if (reader.name() !== 'name') continue
      readNames(reader, names)
      return names
    }
  } catch (thrown) {
    if (!(thrown instanceof TaskError)) throw thrown
  }
  return names
}

function readNames(reader: ModuleReader, names: Map<number, string>): void {
  const decoder = new TextDecoder()
  while (!reader.done) {
    const id = reader.byte()
    const length = reader.u32()
    const start = reader.skip(length)
    if (id !== FUNCTION_NAMES) continue
    const entries = new ModuleReader(reader.bytes, 'name section', start, start + length)
    for (let left = entries.count('names', MODULE_LIMITS.functionsMax); left > 0; left--) {
      const index = entries.u32()
      const bytes = entries.u32()
      const at = entries.skip(bytes)
      names.set(index, decoder.decode(reader.bytes.subarray(at, at + Math.min(bytes, NAME_BYTES_SHOWN))))
    }
    return
  }
}

/** A function as messages call it, such as `function 12 'parse'`. */
export function describeFunction(index: number, names: ReadonlyMap<number, string>): string {
  const name = names.get(index)
  return name === undefined || name === ''
    ? `function ${index}`
    : `function ${index} '${name.replaceAll(/[^ -~]/g, '·')}'`
}
