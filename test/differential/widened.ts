import { leb } from '../support/wasm-module.ts'
import { ByteReader } from './byte-reader.ts'
import type { SectionPlace } from './decode-module.ts'

type Bytes = readonly number[]

/** Contents of a section that is a vector, with more items before and behind those it has. */
export function widened(
  bytes: Uint8Array,
  { body, end }: SectionPlace,
  before: readonly Bytes[],
  behind: readonly Bytes[],
): number[] {
  const reader = new ByteReader(bytes, body)
  const count = reader.u32()
  const own = bytes.subarray(reader.at, end)
  return [...leb(before.length + count + behind.length), ...before.flat(), ...own, ...behind.flat()]
}
