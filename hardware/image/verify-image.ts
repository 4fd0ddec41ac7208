import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { assert, HardwareError } from '../../protocol/index.ts'
import { FatVolume } from './fat/volume.ts'
import type { PreparedImage } from './prepare.ts'
import type { OnBytes } from './source/open.ts'
import { SparseImage } from './sparse-image.ts'
import { alignedBlock, BLOCK_BYTES, type ImageTarget } from './target/target.ts'
import type { Written } from './write-image.ts'

/**
 * Reads everything back and compares it: each block, the whole by SHA-256, and each settings file out of the file system that was read
 * back. There are cards that acknowledge writes and drop them.
 * @param onBytes - called after each block; may throw, to stop
 * @throws {HardwareError} `bad_value` with the place where they differ
 */
export async function verifyImage(
  image: PreparedImage,
  target: ImageTarget,
  written: Written,
  onBytes: OnBytes,
): Promise<void> {
  const hash = createHash('sha256')
  const buffer = alignedBlock()
  const head = new SparseImage(image.boot.offset + image.boot.sizeBytes)
  for (let offset = 0; offset < written.imageBytes; offset += BLOCK_BYTES) {
    const block = buffer.subarray(0, Math.min(BLOCK_BYTES, written.imageBytes - offset))
    await target.read(block, offset)
    if (crc32(block) !== written.blockSums[offset / BLOCK_BYTES]) throw differs(target.path, offset)
    hash.update(block)
    if (offset < head.sizeBytes) head.write(offset, block.subarray(0, head.sizeBytes - offset))
    onBytes(offset + block.length, written.imageBytes)
  }
  if (hash.digest('hex') !== written.sha256) throw differs(target.path, 0)
  const volume = await FatVolume.open(head.part(image.boot.offset, image.boot.sizeBytes))
  for (const { path, content } of image.files) {
    // The bytes below it are those that were written, so a difference here is a fault of ours.
    assert(volume.read(path)?.equals(content) === true, `${path} on ${target.path} is as it was to be written`)
  }
}

function differs(path: string, offset: number): HardwareError {
  return new HardwareError(
    { code: 'bad_value', path, value: `byte ${offset}` },
    `${path} does not keep what is written to it: from ${(offset / 1e6).toFixed(0)} MB on it reads back differently; use another card, and write again.`,
  )
}
