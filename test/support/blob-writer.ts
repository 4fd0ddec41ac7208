/**
 * A process of its own that opens the blob folder named by its argument and puts one blob after another, some whole and some
 * as a stream, telling the hash of each once it is stored.
 */
import { createHash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { openBlobStore } from '../../coordinator/blobs/index.ts'
import { type Sha256Hex, seededRandom, sha256Hex } from '../../protocol/index.ts'

const blobs = openBlobStore(process.argv[2] ?? '')

async function put(content: Uint8Array, asStream: boolean): Promise<Sha256Hex> {
  if (!asStream) return blobs.put(content)
  const hash = sha256Hex(createHash('sha256').update(content).digest('hex'))
  await blobs.putStream(pieces(content), hash, content.length)
  return hash
}

async function* pieces(content: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < content.length; at += 10_000) yield content.subarray(at, at + 10_000)
}

for (let index = 0; ; index++) {
  const content = seededRandom(`${process.pid}/${index}`).bytes(30_000)
  writeSync(1, `${await put(content, index % 2 === 1)}\n`)
}
