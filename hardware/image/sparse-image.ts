import type { ByteStore } from './fat/store.ts'

const BLOCK_BYTES = 65_536
const ZEROS = Buffer.alloc(BLOCK_BYTES)

/** The beginning of an image in memory, where blocks of zeros take no room. */
export class SparseImage implements ByteStore {
  readonly sizeBytes: number
  private readonly blocks = new Map<number, Buffer>()

  /** @param sizeBytes - it begins as that many zeros */
  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes
  }

  read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length)
    this.readInto(bytes, offset)
    return bytes
  }

  /** Fills a buffer from an offset on. */
  readInto(target: Uint8Array, offset: number): void {
    this.check(offset, target.length)
    this.eachBlock(offset, target.length, (number, from, to, at) => {
      const block = this.blocks.get(number)
      if (block === undefined) target.fill(0, at, at + to - from)
      else target.set(block.subarray(from, to), at)
    })
  }

  write(offset: number, bytes: Uint8Array): void {
    this.check(offset, bytes.length)
    this.eachBlock(offset, bytes.length, (number, from, to, at) => {
      const piece = bytes.subarray(at, at + to - from)
      let block = this.blocks.get(number)
      if (block === undefined) {
        if (ZEROS.compare(piece, 0, piece.length, 0, piece.length) === 0) return
        block = Buffer.alloc(BLOCK_BYTES)
        this.blocks.set(number, block)
      }
      block.set(piece, from)
    })
  }

  /** A part of it as a store of its own that shares its bytes. */
  part(start: number, sizeBytes: number): ByteStore {
    this.check(start, sizeBytes)
    return {
      sizeBytes,
      read: (offset, length) => this.read(start + offset, length),
      write: (offset, bytes) => this.write(start + offset, bytes),
    }
  }

  private check(offset: number, length: number): void {
    if (offset >= 0 && offset + length <= this.sizeBytes) return
    throw new RangeError(`bytes ${offset} to ${offset + length} are outside of ${this.sizeBytes}`)
  }

  private eachBlock(
    offset: number,
    length: number,
    visit: (number: number, from: number, to: number, at: number) => void,
  ): void {
    for (let at = 0; at < length; ) {
      const number = Math.floor((offset + at) / BLOCK_BYTES)
      const from = (offset + at) % BLOCK_BYTES
      const to = Math.min(BLOCK_BYTES, from + length - at)
      visit(number, from, to, at)
      at += to - from
    }
  }
}
