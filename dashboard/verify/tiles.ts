/** Proofs from a log's tiles: those needed are fetched first, then the proof is made without waiting. */
import type { LogSource } from '../../auditor/source.ts'
import { assert, type Hash, type NodeReader, ProtocolError, tileNodeReader, tilesFor } from '../../protocol/index.ts'

/** Where tiles come from. */
export type TileSource = Pick<LogSource, 'tile'>

/**
 * Runs `prove` with a reader of a tree of `size` entries.
 * @throws whatever keeps the tiles from being read
 */
export async function nodesOf<Proof>(
  hash: Hash,
  source: TileSource,
  size: number,
  prove: (read: NodeReader) => Proof,
): Promise<Proof> {
  const tiles = new Map<string, Uint8Array>()
  const fetched = tilesFor(size, prove).map(async ({ level, index, width }) => {
    const bytes = await source.tile(level, index, width)
    if (bytes === null) {
      const reason = `tile ${index} of level ${level} is not there`
      throw new ProtocolError({ code: 'bad_proof', reason }, `The log is not complete: ${reason}.`)
    }
    tiles.set(`${level}/${index}`, bytes)
  })
  await Promise.all(fetched)
  const tileOf = (level: number, index: number): Uint8Array => {
    const bytes = tiles.get(`${level}/${index}`)
    assert(bytes !== undefined, 'every tile of a proof was fetched before')
    return bytes
  }
  return prove(tileNodeReader(hash, tileOf, size))
}
