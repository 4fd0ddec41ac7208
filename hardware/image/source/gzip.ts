/** Images in gzip files (RFC 1952). Nothing in the file says how long the image is but for its last bytes, modulo 4 GiB. */
import { createReadStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { damagedStream, type ImageSource } from './source.ts'

export const GZIP_MAGIC = Buffer.from('1f8b08', 'hex')
const CHUNK_BYTES = 1_048_576
const SIZE_MODULUS = 2 ** 32

export async function openGzip(path: string, handle: FileHandle, fileBytes: number): Promise<ImageSource> {
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, Math.max(0, fileBytes - 4))
  let imageBytes = buffer.readUInt32LE(0)
  while (imageBytes < fileBytes) imageBytes += SIZE_MODULUS
  return { path, kind: 'gzip', fileBytes, imageBytes, exact: false, open: () => inflate(path) }
}

async function* inflate(path: string): AsyncGenerator<Uint8Array, undefined> {
  const inflated = createGunzip({ chunkSize: CHUNK_BYTES })
  // An error of either stream reaches the loop; the callback only keeps it from being unhandled.
  pipeline(createReadStream(path, { highWaterMark: CHUNK_BYTES }), inflated, () => {})
  try {
    yield* inflated
  } catch (error) {
    throw damagedStream(path, error)
  }
}
