/** A log in a folder: an export, with the same paths as over HTTP. */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError, entriesPath, fromUtf8, HASH_BYTES, TILE_WIDTH, tilePath } from '../../protocol/index.ts'
import type { LogSource } from '../source.ts'
import { bundlePrefix } from './bundle-prefix.ts'
import { BUNDLE_BYTES_MAX, CHECKPOINT_BYTES_MAX, TILE_BYTES_MAX } from './sizes.ts'

/** A log by the folder that holds its `checkpoint` and its `tile` folder. */
export function createFolderSource(folder: string): LogSource {
  const read = (path: string, bytesMax: number) => readBounded(join(folder, path), bytesMax)

  /** An export that was continued has the whole of what was a part. */
  const readPart = async (path: (width: number) => string, width: number, bytesMax: number) => {
    const part = await read(path(width), bytesMax)
    if (part !== null) return { bytes: part, isWhole: false }
    const whole = width === TILE_WIDTH ? null : await read(path(TILE_WIDTH), bytesMax)
    if (whole !== null) return { bytes: whole, isWhole: true }
    throw notFound(join(folder, path(width)))
  }

  return {
    name: folder,
    checkpoint: async () => {
      const bytes = await read('checkpoint', CHECKPOINT_BYTES_MAX)
      if (bytes === null) throw notFound(join(folder, 'checkpoint'))
      return fromUtf8(bytes)
    },
    size: async () => null,
    tile: async (level, index, width) => {
      const { bytes } = await readPart(w => tilePath(level, index, w), width, TILE_BYTES_MAX)
      return bytes.subarray(0, width * HASH_BYTES)
    },
    entries: async (index, width) => {
      const { bytes, isWhole } = await readPart(w => entriesPath(index, w), width, BUNDLE_BYTES_MAX)
      return isWhole ? bundlePrefix(bytes, width) : bytes
    },
    close: () => {},
  }
}

/** @returns null when there is no such file */
async function readBounded(path: string, bytesMax: number): Promise<Uint8Array | null> {
  let file: Awaited<ReturnType<typeof open>>
  try {
    file = await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  try {
    const { size } = await file.stat()
    if (size > bytesMax) {
      const reason = `it has ${size} bytes, and at most ${bytesMax} were expected`
      throw new ConfigError({ code: 'damaged', path, reason }, `The file ${path} is no part of a log: ${reason}.`)
    }
    return await file.readFile()
  } finally {
    await file.close()
  }
}

function notFound(path: string): ConfigError {
  return new ConfigError(
    { code: 'not_found', path },
    `The file ${path} of the exported log is not there: export it again.`,
  )
}
