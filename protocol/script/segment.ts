/** The one place in the engine where a script goes: its passive data segment. */
import { assert } from '../errors.ts'
import { type DataSegment, readData, readFile, SECTION_ID, writeData, writeFile } from './wasm-file.ts'

/** The engine with these bytes in the segment that its driver reads. */
export function withSegment(engine: Uint8Array, segment: Uint8Array): Uint8Array {
  const sections = readFile(engine).map(({ id, contents }) =>
    id === SECTION_ID.data ? { id, contents: writeData(replaced(contents, segment)) } : { id, contents },
  )
  return writeFile(sections)
}

/** The segments with these bytes in the passive one. */
function replaced(contents: Uint8Array, bytes: Uint8Array): DataSegment[] {
  const segments = readData(contents)
  assert(segments.filter(isPassive).length === 1, 'the engine has one passive segment, for the script')
  return segments.map(segment => (isPassive(segment) ? { address: null, bytes } : segment))
}

function isPassive(segment: DataSegment): boolean {
  return segment.address === null
}
