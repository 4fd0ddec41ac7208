/** Makes signed frames of complete readings, and of gaps, once their time can be told. */
import {
  decodeReadingHead,
  encodeReadingHead,
  type Gap,
  LIMITS,
  type ProfileId,
  type ReadingHead,
} from '../../protocol/index.ts'
import type { GapRow, Outbox, OutboxRow, SampleRow, Samples } from '../store/index.ts'
import { clippedUncertainty } from './block.ts'
import type { Profiles } from './profiles.ts'
import type { RegionMoment, RegionTime } from './region-time.ts'

export interface PackerComponents {
  readonly samples: Samples
  readonly outbox: Outbox
  readonly profiles: Profiles
  readonly time: RegionTime
  /** The CONNECT counter of this connection. */
  session(): number
  /** The signed frame of a reading. */
  sign(payload: Uint8Array): Uint8Array
}

/** Frames of readings that wait for their receipts. The rest waits as samples, which can still be thinned. */
export const READING_FRAMES_MAX = 32
/** And their part of the quota, since they cannot. One frame may always be there. */
const FRAMES_QUOTA_PART = 1 / 4

/**
 * Moves what is complete into the outbox, oldest first, as far as there is room; within a transaction of the caller, who has
 * reserved {@link READING_FRAMES_MAX} numbers.
 * @returns the new frames
 */
export function packFrames(components: PackerComponents, quotaBytes: number): OutboxRow[] {
  const { samples, outbox } = components
  const packed: OutboxRow[] = []
  const hasRoom = () =>
    outbox.readingFrames === 0 ||
    (outbox.readingFrames < READING_FRAMES_MAX && outbox.readingBytes < quotaBytes * FRAMES_QUOTA_PART)
  const rows = hasRoom() ? samples.closed(READING_FRAMES_MAX) : []
  for (const row of rows) {
    if (!hasRoom()) return packed
    const frame = packReadings(components, row)
    if (frame !== null) packed.push(frame)
  }
  if (samples.closed(1).length > 0) return packed
  for (const profile of samples.gapProfiles()) {
    if (!hasRoom()) return packed
    const frame = packGaps(components, profile)
    if (frame !== null) packed.push(frame)
  }
  return packed
}

function packReadings(components: PackerComponents, row: SampleRow): OutboxRow | null {
  const { samples, time } = components
  const head = decodeReadingHead(row.body)
  const from = time.resolve({ boot: row.boot, ms: head.fromMs })
  if (from === null) return null
  const uncertaintyMs = clippedUncertainty(head.uncertaintyMs + from.uncertaintyMs)
  const gaps = row.level === 0 ? takeGaps(components, row.profile) : []
  samples.remove([row])
  return put(components, { ...head, fromMs: from.ms, uncertaintyMs, gaps })
}

/** A frame that only tells of gaps, for a profile that has no readings to send. */
function packGaps(components: PackerComponents, profile: ProfileId): OutboxRow | null {
  const gaps = takeGaps(components, profile)
  const [first] = gaps
  if (first === undefined) return null
  const empty = { count: 0, packed: new Uint8Array(), faults: [], uncertaintyMs: 0 }
  return put(components, { session: 0, seq: 0, profile, fromMs: first.fromMs, gaps, ...empty })
}

function put({ outbox, sign, session }: PackerComponents, head: ReadingHead): OutboxRow {
  const seq = outbox.nextSeq()
  const frame = sign(encodeReadingHead({ ...head, session: session(), seq }))
  outbox.putReading(seq, frame, head.profile)
  return { seq, frame, profile: head.profile }
}

function takeGaps({ samples, time }: PackerComponents, profile: ProfileId): Gap[] {
  const gaps: Gap[] = []
  for (const row of samples.gaps(profile)) {
    const gap = resolveGap(row, time)
    if (gap === null || gaps.length === LIMITS.frameNotesMax) continue
    samples.removeGap(row.id)
    gaps.push(gap)
  }
  return gaps
}

/** Where the gap lies at the widest; null while that cannot be told. */
function resolveGap({ from, to, cause }: GapRow, time: RegionTime): Gap | null {
  const ends = [from, to].map(moment => {
    const found = time.resolve(moment)
    return found === null ? null : { ...found, uncertaintyMs: time.isExact(moment) ? 0 : found.uncertaintyMs }
  })
  const known = ends.filter((end): end is RegionMoment => end !== null)
  if (known.length < ends.length) return null
  const fromMs = Math.max(0, Math.min(...known.map(({ ms, uncertaintyMs }) => ms - uncertaintyMs)))
  const toMs = Math.max(...known.map(({ ms, uncertaintyMs }) => ms + uncertaintyMs))
  return { fromMs, toMs: Math.max(fromMs + 1, toMs), cause }
}
