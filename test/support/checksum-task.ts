/** A task that reads all of its input and says in eight bytes what it has read, so that a missing or exchanged byte shows. */
import { ins } from './wasm-code.ts'
import { END, I32, op, reactor } from './wasm-module.ts'

/** Bytes that {@link CHECKSUM} answers with. */
export const CHECKSUM_BYTES = 8
/** Longest input that fits the one page of memory of {@link CHECKSUM}. */
export const CHECKSUM_INPUT_BYTES_MAX = 64_512

const OFFSET_BASIS = 0x811c9dc5
const PRIME = 0x01000193

const POINTER = 0
const LENGTH = 1
const HASH = 2
const AT = 3
const LOAD_BYTE = [0x2d, 0, 0]
const MULTIPLY = [0x6c]
const XOR = [0x73]
const LESS_UNSIGNED = [0x49]

/** Answers with the FNV-1a hash of its input and the input's length, each 32 bits in little-endian. */
export const CHECKSUM = reactor(
  [
    ...op.i32(OFFSET_BASIS | 0),
    ...op.setLocal(HASH),
    ...op.local(LENGTH),
    ...[0x04, 0x40],
    ...ins.loop([
      ...op.local(HASH),
      ...op.local(POINTER),
      ...op.local(AT),
      ...op.add,
      ...LOAD_BYTE,
      ...XOR,
      ...op.i32(PRIME),
      ...MULTIPLY,
      ...op.setLocal(HASH),
      ...op.local(AT),
      ...op.i32(1),
      ...op.add,
      ...ins.tee(AT),
      ...op.local(LENGTH),
      ...LESS_UNSIGNED,
      ...ins.brIf(0),
    ]),
    END,
    ...op.i32(0),
    ...op.local(HASH),
    ...op.store(),
    ...op.i32(4),
    ...op.local(LENGTH),
    ...op.store(),
    ...op.i64(CHECKSUM_BYTES),
  ],
  { locals: [I32, I32] },
)

/** What {@link CHECKSUM} answers. */
export function checksumOf(input: Uint8Array): Uint8Array {
  let hash = OFFSET_BASIS
  for (let i = 0; i < input.length; i++) hash = Math.imul(hash ^ (input[i] ?? 0), PRIME)
  const answer = new Uint8Array(CHECKSUM_BYTES)
  const view = new DataView(answer.buffer)
  view.setUint32(0, hash, true)
  view.setUint32(4, input.length, true)
  return answer
}
