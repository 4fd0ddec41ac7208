import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { PreparedImage } from './prepare.ts'
import type { OnBytes } from './source/open.ts'
import { alignedBlock, BLOCK_BYTES, type ImageTarget } from './target/target.ts'

/** What was written, so that it can be compared with what is there. */
export interface Written {
  readonly imageBytes: number
  /** Of the whole image, settings included; 64 hexadecimal digits. */
  readonly sha256: string
  /** A checksum of each block, to say where a difference is. */
  readonly blockSums: readonly number[]
}

/**
 * Writes an image in blocks, one being written while the next is read; then waits until everything is on the storage.
 * @param onBytes - called after each block; may throw, to stop
 * @throws what the source and the target throw
 */
export async function writeImage(image: PreparedImage, target: ImageTarget, onBytes: OnBytes): Promise<Written> {
  const hash = createHash('sha256')
  const blockSums: number[] = []
  const buffers = [alignedBlock(), alignedBlock()]
  let pending: Promise<void> = Promise.resolve()
  let offset = 0
  for (let turn = 0; ; turn++) {
    const buffer = buffers[turn % 2] ?? alignedBlock()
    const filled = await image.fill(buffer).catch(async error => {
      await pending.catch(() => {})
      throw error
    })
    await pending
    if (offset > 0) onBytes(offset, image.imageBytes)
    if (filled === 0) break
    // A last sector is padded with what is behind the block.
    buffer.fill(0, filled)
    const block = buffer.subarray(0, filled)
    hash.update(block)
    blockSums.push(crc32(block))
    pending = target.write(block, offset)
    // It is awaited a turn later, and must not count as unhandled until then.
    pending.catch(() => {})
    offset += filled
    if (filled < BLOCK_BYTES) {
      await pending
      break
    }
  }
  await target.finishWriting(offset)
  onBytes(offset, offset)
  return { imageBytes: offset, sha256: hash.digest('hex'), blockSums }
}
