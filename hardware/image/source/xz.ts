/** Images in xz files (The .xz File Format 1.2.1). The sizes are in the index at the end, so a file that is cut short is seen at once. */
import { createReadStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import { crc32 } from 'node:zlib'
import xz from 'xz-decompress'
import { badImage, damagedStream, type ImageSource } from './source.ts'

export const XZ_MAGIC = Buffer.from('fd377a585a00', 'hex')
const FOOTER_MAGIC = 'YZ'
const HEADER_BYTES = 12
const FOOTER_BYTES = 12
const READ_BYTES = 1_048_576
/** One record of at least two bytes for each block; a block is some megabytes. */
const INDEX_BYTES_MAX = 16 * 1_048_576

/** @throws {ConfigError} `damaged` when the index is missing or does not fit the file */
export async function openXz(path: string, handle: FileHandle, fileBytes: number): Promise<ImageSource> {
  const imageBytes = await readIndex(path, handle, fileBytes)
  return { path, kind: 'xz', fileBytes, imageBytes, exact: true, open: () => inflate(path) }
}

async function* inflate(path: string): AsyncGenerator<Uint8Array, undefined> {
  const file = Readable.toWeb(createReadStream(path, { highWaterMark: READ_BYTES }))
  const chunks = new xz.XzReadableStream(file as globalThis.ReadableStream<Uint8Array>)
  try {
    yield* ReadableStream.from(chunks)
  } catch (error) {
    throw damagedStream(path, error)
  }
}

/** The image's size, which is the sum of its blocks. */
async function readIndex(path: string, handle: FileHandle, fileBytes: number): Promise<number> {
  const cut = (): Error => badImage(path, 'is cut short: it has no end of an xz file; download it again')
  const footer = await bytesAt(handle, fileBytes - FOOTER_BYTES, FOOTER_BYTES)
  if (footer.length < FOOTER_BYTES || footer.toString('latin1', 10) !== FOOTER_MAGIC) throw cut()
  if (crc32(footer.subarray(4, 10)) !== footer.readUInt32LE(0)) throw cut()
  const indexBytes = (footer.readUInt32LE(4) + 1) * 4
  const indexStart = fileBytes - FOOTER_BYTES - indexBytes
  if (indexStart < HEADER_BYTES || indexBytes > INDEX_BYTES_MAX) throw cut()
  const index = await bytesAt(handle, indexStart, indexBytes)
  const { packed, unpacked } = sumRecords(index) ?? { packed: -1, unpacked: 0 }
  if (HEADER_BYTES + packed === indexStart) return unpacked
  if (packed < 0 || HEADER_BYTES + packed > indexStart) throw cut()
  throw badImage(path, `is more than one xz stream: decompress it first with 'xz -dk', and give the .img`)
}

/** Bytes of all blocks as they lie in the file, and as they come out. */
function sumRecords(index: Buffer): { packed: number; unpacked: number } | null {
  const end = index.length - 4
  if (index[0] !== 0 || crc32(index.subarray(0, end)) !== index.readUInt32LE(end)) return null
  let at = 1
  const number = (): number => {
    let value = 0
    for (let shift = 0; shift < 9 && at < end; shift++) {
      const byte = index.readUInt8(at++)
      value += (byte & 0x7f) * 2 ** (7 * shift)
      if (byte < 0x80) break
    }
    return value
  }
  let packed = 0
  let unpacked = 0
  for (let left = number(); left > 0 && at < end; left--) {
    packed += Math.ceil(number() / 4) * 4
    unpacked += number()
  }
  return { packed, unpacked }
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  if (position < 0) return Buffer.alloc(0)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}
