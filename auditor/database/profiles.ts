/** Profiles by their number in the database. */
import { decodeProfile, type Profile } from '../../protocol/index.ts'
import type { Database, Row } from './open.ts'

/** Kept at once; a region's devices have a few each. */
const PROFILES_MAX = 4_096

/** Reads profiles when they are asked for. */
export class Profiles {
  private readonly row: (no: bigint) => Row | undefined
  private readonly known = new Map<bigint, Profile | null>()

  constructor(db: Database) {
    this.row = db.asking('SELECT bytes FROM profile WHERE no = ?')
  }

  /** Null when it is not there, or cannot be read. */
  find(no: bigint): Profile | null {
    let profile = this.known.get(no)
    if (profile !== undefined) return profile
    profile = this.read(no)
    if (this.known.size >= PROFILES_MAX) this.known.clear()
    this.known.set(no, profile)
    return profile
  }

  private read(no: bigint): Profile | null {
    const bytes = this.row(no)?.bytes
    try {
      return bytes instanceof Uint8Array ? decodeProfile(bytes) : null
    } catch {
      return null
    }
  }
}
