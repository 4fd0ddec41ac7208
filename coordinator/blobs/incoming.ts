import { createHash } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import type { Sha256Hex } from '../../protocol/index.ts'
import { blobFailure } from './blob-failure.ts'
import type { BlobFolder } from './blob-folder.ts'

/** What became of a blob that was sent, in order of precedence. Only the first two leave it stored. */
export type PutStatus = 'exists' | 'created' | 'too_large' | 'wrong_hash'

export interface PutOutcome {
  status: PutStatus
  /** The blob's size, or how much was read of what was refused. */
  bytes: number
}

/** Stores bytes as they arrive, if they turn out to be the blob that was named. */
export async function receiveBlob(
  folder: BlobFolder,
  source: AsyncIterable<Uint8Array>,
  hash: Sha256Hex,
  bytesMax: number,
): Promise<PutOutcome> {
  const found = folder.has(hash)
  if (found) return { status: 'exists', bytes: found.size }
  const path = folder.newTempPath()
  const taken = { bytes: 0 }
  let status: PutStatus | null = null
  try {
    status = await receiveInto(folder, path, source, hash, bytesMax, taken)
    return { status, bytes: taken.bytes }
  } finally {
    if (status !== 'created') {
      folder.release(taken.bytes)
      await rm(path, { force: true })
    }
  }
}

async function receiveInto(
  folder: BlobFolder,
  path: string,
  source: AsyncIterable<Uint8Array>,
  hash: Sha256Hex,
  bytesMax: number,
  taken: { bytes: number },
): Promise<PutStatus> {
  const hasher = createHash('sha256')
  const file = await guarded(folder, open(path, 'wx', 0o600))
  try {
    for await (const chunk of source) {
      if (taken.bytes + chunk.length > bytesMax) return 'too_large'
      folder.reserve(chunk.length)
      taken.bytes += chunk.length
      hasher.update(chunk)
      await guarded(folder, writeAll(file, chunk))
    }
    if (hasher.digest('hex') !== hash) return 'wrong_hash'
    await guarded(folder, file.sync())
  } finally {
    await file.close()
  }
  // Somebody else may have put it in the meantime.
  if (folder.has(hash)) return 'exists'
  folder.publish(path, hash)
  return 'created'
}

/** Failures of the disk as sentences; those of the source stay as they are. */
async function guarded<T>(folder: BlobFolder, step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (error) {
    throw blobFailure(error, folder.dir)
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; ) written += (await file.write(bytes, written)).bytesWritten
}
