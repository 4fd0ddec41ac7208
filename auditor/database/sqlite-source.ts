/** The log in a coordinator's database. It keeps full tiles only, and may be ahead of its checkpoint. */
import { ConfigError, encodeBundle, HASH_BYTES, TILE_WIDTH } from '../../protocol/index.ts'
import type { LogSource } from '../source.ts'
import type { Database } from './open.ts'

/** The log of a database, which is closed with it. */
export function createSqliteSource(db: Database): LogSource {
  const entries = db.prepare('SELECT no, bytes FROM entry WHERE no >= ? AND no < ? ORDER BY no')
  const tile = db.prepare('SELECT hashes FROM tile WHERE level = ? AND tile_index = ?')
  const damaged = (reason: string) =>
    new ConfigError({ code: 'damaged', path: db.path, reason }, `The database ${db.path} is damaged: ${reason}.`)

  return {
    name: db.path,
    checkpoint: async () => {
      const note = db.get('SELECT note FROM checkpoint')?.note
      return typeof note === 'string' ? note : null
    },
    size: async () => Number(db.get('SELECT coalesce(max(no) + 1, 0) AS size FROM entry')?.size),
    tile: async (level, index, width) => {
      if (width < TILE_WIDTH) return null
      const hashes = tile.get(level, index)?.hashes
      if (hashes instanceof Uint8Array && hashes.length === TILE_WIDTH * HASH_BYTES) return hashes
      throw damaged(`tile ${index} of level ${level} is missing or cut short`)
    },
    entries: async (index, width) => {
      const first = index * TILE_WIDTH
      const rows = entries.all(first, first + width)
      return encodeBundle(
        rows.map(({ no, bytes }, i) => {
          if (no === BigInt(first + i) && bytes instanceof Uint8Array) return bytes
          throw damaged(`entry ${first + i} is missing`)
        }),
      )
    },
    close: () => db.close(),
  }
}
