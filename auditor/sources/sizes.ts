/** How large the parts of a log are at most. */
import { HASH_BYTES, LIMITS, TILE_WIDTH } from '../../protocol/index.ts'

export const CHECKPOINT_BYTES_MAX: number = LIMITS.noteBytesMax
export const TILE_BYTES_MAX: number = TILE_WIDTH * HASH_BYTES
/** Each entry behind its length in two bytes. */
export const BUNDLE_BYTES_MAX: number = TILE_WIDTH * (2 + LIMITS.logEntryBytesMax)
