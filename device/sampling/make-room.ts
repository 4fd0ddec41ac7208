/**
 * Makes room for new readings, oldest first and never silently: neighbours become statistics of a longer period, these of a still
 * longer one, and only what cannot be thinned any more is dropped.
 */
import type { SampleRow, Samples } from '../store/index.ts'
import { type Block, decodeBlock, encodeBlock, sliceBlock } from './block.ts'
import type { Profiles } from './profiles.ts'
import { thinBlocks, thinnedProfile } from './thin.ts'

/** Rows that are thinned at once, and readings of them at most. */
const ROWS_MAX = 256
const READINGS_MAX = 16_384
/** Rows among which something to thin is looked for. */
const SEARCH_ROWS = 64

export interface RoomComponents {
  readonly samples: Samples
  readonly profiles: Profiles
}

/**
 * Thins or drops until what is kept is within the quota, within a transaction of the caller. What is not complete yet, and what
 * is in the outbox already, stays as it is.
 * @param quotaBytes - for everything that {@link Samples} counts
 */
export function makeRoom(components: RoomComponents, quotaBytes: number): void {
  const { samples } = components
  while (samples.bytes > quotaBytes && (thinSome(components, quotaBytes) || dropOldest(components))) {
    // Each turn leaves less.
  }
}

/**
 * Each level of thinning has half the room of the one before it, so a long silence costs resolution evenly: of the oldest
 * readings most, of the newest nothing.
 */
function thinSome(components: RoomComponents, quotaBytes: number): boolean {
  const { levelBytes } = components.samples
  const levels = [...levelBytes.keys()]
  const crowded = levels.filter(level => (levelBytes[level] ?? 0) > quotaBytes / 2 ** (level + 1))
  return [...crowded, ...levels].some(level => thinLevel(components, level))
}

function thinLevel(components: RoomComponents, level: number): boolean {
  const seen = new Set<string>()
  for (const row of components.samples.closed(SEARCH_ROWS, level)) {
    const kind = `${row.stream} ${row.profile} ${row.boot}`
    if (!seen.has(kind) && thinLike(components, row)) return true
    seen.add(kind)
  }
  return false
}

/** Thins the oldest readings of the row's stream, profile and clock. */
function thinLike({ samples, profiles }: RoomComponents, oldest: SampleRow): boolean {
  const profile = profiles.get(oldest.profile)
  const long = thinnedProfile(profile)
  if (long === null) return false
  const rows: SampleRow[] = []
  const blocks: Block[] = []
  let readings = 0
  for (const row of samples.closedLike(oldest, ROWS_MAX)) {
    if (readings >= READINGS_MAX) break
    const block = decodeBlock(row.body, row.boot, profile)
    rows.push(row)
    blocks.push(block)
    readings += block.count
  }
  const thinned = thinBlocks(blocks, profile, long)
  if (thinned === null) return false
  const used = rows.slice(0, thinned.whole + (thinned.restFrom > 0 ? 1 : 0))
  const longId = profiles.keep(long)
  const kept = { stream: oldest.stream, origin: oldest.origin, boot: oldest.boot }
  const made = thinned.blocks
    .flatMap(block => encodeBlock(block, long, longId))
    .map(({ block, body }) => ({ ...kept, profile: longId, level: oldest.level + 1, readings: valuesOf(block), body }))
  const cut = blocks[thinned.whole]
  const rest =
    thinned.restFrom === 0 || cut === undefined
      ? []
      : encodeBlock(sliceBlock(cut, thinned.restFrom, cut.count, profile), profile, oldest.profile).map(
          ({ block, body }) => ({
            ...kept,
            profile: oldest.profile,
            level: oldest.level,
            readings: valuesOf(block),
            body,
          }),
        )
  const by = [...made, ...rest]
  if (by.length > used.length || bytesOf(by) >= bytesOf(used)) return false
  samples.replace(used, by)
  if (oldest.level === 0) {
    const { boot, origin } = oldest
    const [from, to] = [thinned.fromMs, thinned.toMs].map(ms => ({ boot, ms })) as [Moment, Moment]
    samples.addGap({ profile: origin, from, to, cause: 'thinned' })
  }
  return true
}

type Moment = { boot: number; ms: number }

function dropOldest({ samples, profiles }: RoomComponents): boolean {
  const [row] = samples.closed(1)
  if (row === undefined) return false
  const profile = profiles.get(row.profile)
  const { boot, fromMs, count } = decodeBlock(row.body, row.boot, profile)
  samples.remove([row])
  const to = { boot, ms: fromMs + count * profile.periodMs }
  samples.addGap({ profile: row.origin, from: { boot, ms: fromMs }, to, cause: 'quota' })
  return true
}

/** Values of a block: one for each channel at each moment. */
export function valuesOf({ columns, count }: Block): number {
  return columns.length * count
}

function bytesOf(rows: readonly { body: Uint8Array }[]): number {
  return rows.reduce((sum, { body }) => sum + body.length, 0)
}
