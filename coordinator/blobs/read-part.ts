import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { ConfigError, type Sha256Hex } from '../../protocol/index.ts'
import { blobFailure, isMissing } from './blob-failure.ts'

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
    if (wanted < 0 || offset + wanted > size) throw tooShort(path, size)
    const bytes = new Uint8Array(wanted)
    for (let filled = 0; filled < wanted; ) {
      const count = readSync(file, bytes, filled, wanted - filled, offset + filled)
      if (count === 0) throw tooShort(path, offset + filled)
      filled += count
    }
    return bytes
  } catch (error) {
    throw isMissing(error) ? notFound(hash) : blobFailure(error, path)
  } finally {
    if (file !== null) closeSync(file)
  }
}

function notFound(hash: Sha256Hex): ConfigError {
  return new ConfigError({ code: 'not_found', path: hash }, `There is no blob ${hash} here: put it first.`)
}

function tooShort(path: string, size: number): ConfigError {
  const message = `The blob ${path} ends after ${size} bytes, before the part that is needed: delete the file and put it again.`
  return new ConfigError({ code: 'damaged', path, reason: 'short' }, message)
}
