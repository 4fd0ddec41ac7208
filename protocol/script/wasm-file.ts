/** WebAssembly's binary format as far as it takes to put other contents into sections of a module that is known to be sound. */
import { concatBytes } from '../bytes.ts'
import { assert } from '../errors.ts'

/** One section: where its contents are, without its id and length. */
export interface FileSection {
  readonly id: number
  readonly contents: Uint8Array
}

/** One entry of a data section: bytes for an address, or bytes that the module's code copies when it wants them. */
export interface DataSegment {
  /** Null for a passive segment. */
  readonly address: number | null
  readonly bytes: Uint8Array
}

/** Section ids of the WebAssembly core specification. */
export const SECTION_ID = { custom: 0, memory: 5, global: 6, export: 7, data: 11, dataCount: 12 } as const

const HEADER_BYTES = 8
const ACTIVE = 0
const PASSIVE = 1
const I32_CONST = 0x41
const END = 0x0b

/** The sections of a module in file order. */
export function readFile(module: Uint8Array): FileSection[] {
  const reader = new FileReader(module, HEADER_BYTES)
  const sections: FileSection[] = []
  while (!reader.done) {
    const id = reader.byte()
    sections.push({ id, contents: reader.bytes(reader.u32()) })
  }
  return sections
}

/** A module of these sections. */
export function writeFile(sections: readonly FileSection[]): Uint8Array {
  const header = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
  const parts = sections.flatMap(({ id, contents }) => [Uint8Array.of(id), u32Bytes(contents.length), contents])
  return concatBytes(header, ...parts)
}

/** The segments of a data section, whose addresses are plain numbers. */
export function readData(contents: Uint8Array): DataSegment[] {
  const reader = new FileReader(contents, 0)
  return Array.from({ length: reader.u32() }, () => {
    const flags = reader.byte()
    assert(flags === ACTIVE || flags === PASSIVE, 'a segment is passive or of the only memory')
    const address = flags === PASSIVE ? null : readAddress(reader)
    return { address, bytes: reader.bytes(reader.u32()) }
  })
}

/** A data section of these segments. */
export function writeData(segments: readonly DataSegment[]): Uint8Array {
  const parts = segments.flatMap(({ address, bytes }) => [
    address === null ? Uint8Array.of(PASSIVE) : concatBytes(Uint8Array.of(ACTIVE), constantBytes(address)),
    u32Bytes(bytes.length),
    bytes,
  ])
  return concatBytes(u32Bytes(segments.length), ...parts)
}

/** The constant expression of a 32-bit number. */
export function constantBytes(value: number): Uint8Array {
  return concatBytes(Uint8Array.of(I32_CONST), i32Bytes(value), Uint8Array.of(END))
}

/** Shortest unsigned LEB128 of a number below 2^32. */
export function u32Bytes(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
  return Uint8Array.from(bytes)
}

/** Signed LEB128 of a number below 2^32, as the 32-bit number of these bits. */
function i32Bytes(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value | 0
  while (rest < -0x40 || rest > 0x3f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>= 7
  }
  bytes.push(rest & 0x7f)
  return Uint8Array.from(bytes)
}

function readAddress(reader: FileReader): number {
  assert(reader.byte() === I32_CONST, 'a segment is at a constant address')
  const address = reader.i32() >>> 0
  assert(reader.byte() === END, 'an address is a constant alone')
  return address
}

/** Reads forward, and never past the end. */
export class FileReader {
  readonly #bytes: Uint8Array
  #offset: number

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes
    this.#offset = offset
  }

  get done(): boolean {
    return this.#offset >= this.#bytes.length
  }

  byte(): number {
    const value = this.#bytes[this.#offset++]
    assert(value !== undefined, 'the module is whole')
    return value
  }

  u32(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }

  i32(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      value |= (byte & 0x7f) << shift
      if (byte >= 0x80) continue
      return shift < 25 && byte >= 0x40 ? value | (-1 << (shift + 7)) : value
    }
  }

  /** A view of the next bytes. */
  bytes(length: number): Uint8Array {
    const start = this.#offset
    this.#offset += length
    assert(this.#offset <= this.#bytes.length, 'the module is whole')
    return this.#bytes.subarray(start, this.#offset)
  }
}
