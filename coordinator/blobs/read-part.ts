import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { Sha256Hex } from '../../protocol/index.ts'
import { readFailure, shortBlob } from './blob-failure.ts'

/**
 * Reads a part of a blob's file, or all from `offset` on.
 * @throws {ConfigError} `not_found`, or `damaged` when the file ends before the part does
 */
export function readPart(path: string, hash: Sha256Hex, offset: number, length?: number): Uint8Array {
  let file: number | null = null
  try {
    file = openSync(path, 'r')
    const { size } = fstatSync(file)
    const wanted = length ?? size - offset
    if (wanted < 0 || offset + wanted > size) throw shortBlob(path, size)
    const bytes = new Uint8Array(wanted)
    for (let filled = 0; filled < wanted; ) {
      const count = readSync(file, bytes, filled, wanted - filled, offset + filled)
      if (count === 0) throw shortBlob(path, offset + filled)
      filled += count
    }
    return bytes
  } catch (error) {
    throw readFailure(error, path, hash)
  } finally {
    if (file !== null) closeSync(file)
  }
}
