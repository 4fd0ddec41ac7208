import { constants, existsSync } from 'node:fs'
import { open, rename, rm, truncate } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConfigError } from '../../../protocol/index.ts'
import { type BlockHandle, type ImageTarget, type OpenHandle, readFully, writeFully } from './target.ts'

/**
 * Makes sure that an image file can have this name.
 * @throws {ConfigError} `bad_option` when there is a file of that name, `not_found` when there is no such folder
 */
export function checkNewFile(path: string): void {
  if (existsSync(path)) {
    const reason = 'it exists already'
    throw new ConfigError(
      { code: 'bad_option', path, reason },
      `${path} exists already: delete it, or choose another name.`,
    )
  }
  const folder = dirname(path)
  if (existsSync(folder)) return
  throw new ConfigError(
    { code: 'not_found', path: folder },
    `There is no folder ${folder}: make it, or choose another.`,
  )
}

/**
 * Opens an image file to be written. It has the name `….part` until it is verified, so that there is never half an image under the
 * name that was asked for. Blocks of zeros take no room on the disk.
 * @throws {ConfigError} what {@link checkNewFile} throws
 */
export async function openImageFile(path: string, openHandle: OpenHandle): Promise<ImageTarget> {
  checkNewFile(path)
  const { O_RDWR, O_RDONLY, O_CREAT, O_TRUNC, O_DIRECT } = constants
  const part = `${path}.part`
  let handle = await openHandle(part, O_RDWR | O_CREAT | O_TRUNC)
  let direct = false
  let closed = false
  const release = async (): Promise<void> => {
    if (!closed) await handle.close().catch(() => {})
    closed = true
  }
  return {
    path,
    get readsStorage() {
      return direct
    },
    write: async (block, offset) => {
      if (!isZero(block)) await careful(path, () => writeFully(handle, block, offset))
    },
    finishWriting: async sizeBytes => {
      await careful(path, () => truncate(part, sizeBytes))
      await careful(path, () => handle.sync())
      await handle.close()
      try {
        handle = await openHandle(part, O_RDONLY | O_DIRECT)
        direct = true
      } catch {
        // Not every file system has direct access; then it is read through the system's cache.
        handle = await openHandle(part, O_RDONLY)
      }
    },
    read: (block, offset) => readFully(tolerant(handle), block, offset),
    commit: async () => {
      await release()
      await rename(part, path)
      await syncFolder(dirname(path))
    },
    close: async () => {
      await release()
      await rm(part, { force: true }).catch(() => {})
    },
  }
}

/** Direct access reads whole sectors, so a last block is asked for with the rest of its memory. */
function tolerant(handle: BlockHandle): Pick<BlockHandle, 'read'> {
  return {
    read: (buffer, offset, length, position) => {
      const room = buffer.buffer.byteLength - buffer.byteOffset - offset
      const whole = Math.min(room, Math.ceil(length / 4_096) * 4_096)
      return handle.read(new Uint8Array(buffer.buffer, buffer.byteOffset), offset, whole, position)
    },
  }
}

function isZero(block: Uint8Array): boolean {
  const view = Buffer.from(block.buffer, block.byteOffset, block.length)
  // Equal to itself one byte on, and the first is zero.
  return view[0] === 0 && view.compare(view, 0, view.length - 1, 1) === 0
}

async function careful(path: string, step: () => Promise<void>): Promise<void> {
  try {
    await step()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    throw new ConfigError({ code: 'no_space', path }, `${path} cannot be written: the disk is full.`, { cause: error })
  }
}

/** The new name is on the disk when this returns. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
