/** The coordinator's blobs in memory. What was put is on stable storage, as the folder promises. */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { BlobStore } from '../../coordinator/blobs/index.ts'
import { ConfigError, concatBytes, type Sha256Hex, sha256Hex } from '../../protocol/index.ts'

export function createMemoryBlobs(): BlobStore {
  const blobs = new Map<Sha256Hex, Uint8Array>()
  let usedBytes = 0

  const put = (bytes: Uint8Array): Sha256Hex => {
    const name = sha256Hex(createHash('sha256').update(bytes).digest('hex'))
    if (!blobs.has(name)) {
      blobs.set(name, Uint8Array.from(bytes))
      usedBytes += bytes.length
    }
    return name
  }

  const read = (name: Sha256Hex, offset = 0, length?: number): Uint8Array => {
    const bytes = blobs.get(name)
    if (bytes === undefined) throw new ConfigError({ code: 'not_found', path: name }, `The blob ${name} is not here.`)
    return bytes.slice(offset, length === undefined ? undefined : offset + length)
  }

  return {
    has: name => {
      const bytes = blobs.get(name)
      return bytes === undefined ? null : { size: bytes.length }
    },
    put,
    writer: () => {
      const pieces: Uint8Array[] = []
      return {
        write: bytes => void pieces.push(Uint8Array.from(bytes)),
        flush: async () => {},
        finish: () => {
          const bytes = concatBytes(...pieces)
          return { sha256: put(bytes), size: bytes.length }
        },
        abort: () => void pieces.splice(0),
      }
    },
    putStream: async (source, name, bytesMax) => {
      const pieces: Uint8Array[] = []
      for await (const piece of source) pieces.push(piece)
      const bytes = concatBytes(...pieces)
      if (bytes.length > bytesMax) return { status: 'too_large', bytes: bytes.length }
      if (blobs.has(name)) return { status: 'exists', bytes: bytes.length }
      const isNamed = createHash('sha256').update(bytes).digest('hex') === name
      if (isNamed) put(bytes)
      return { status: isNamed ? 'created' : 'wrong_hash', bytes: bytes.length }
    },
    read,
    digestOf: (name, offset, length) =>
      new Uint8Array(
        createHash('sha256')
          .update(read(name, offset, length))
          .digest(),
      ),
    readStream: name => Readable.from([read(name)]),
    path: name => name,
    hasRoom: () => true,
    usedBytes: () => usedBytes,
    sweep: async () => ({ blobs: 0, bytes: 0 }),
  }
}
