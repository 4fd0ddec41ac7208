/** Readings that follow each other at a profile's period, in memory and as they are kept on disk. */
import {
  assert,
  columnsOf,
  columnsPerChannel,
  decodeReading,
  encodeReading,
  type FaultSpan,
  LIMITS,
  type Profile,
  type ProfileId,
  type SensorFault,
} from '../../protocol/index.ts'

/** A stretch of readings by one clock. Reading i was taken at `fromMs + i × period`. */
export interface Block {
  /** Whose clock `fromMs` is of; 0 is the region's. */
  readonly boot: number
  readonly fromMs: number
  /** How far the moments of looking may be from these by that clock; of the region's, with how far that may be from the truth. */
  readonly uncertaintyMs: number
  readonly count: number
  /** As in a frame of the profile. */
  readonly columns: readonly Float64Array[]
  /** By channel, then by reading. */
  readonly faults: readonly FaultSpan[]
}

/** Room for readings in a frame: its notes of gaps, its head and its signature take the rest. */
export const BLOCK_BYTES_MAX = LIMITS.frameBytesMax - 8_192
/** What {@link ReadingFrame} can say. */
const UNCERTAINTY_MS_MAX = 2 ** 32 - 1

/** An uncertainty as it travels: whole, and no more than can be said. */
export function clippedUncertainty(ms: number): number {
  return Math.min(UNCERTAINTY_MS_MAX, Math.ceil(ms))
}

/** One block of several that follow each other without a break. */
export function joinBlocks(blocks: readonly Block[], profile: Profile): Block {
  const [first, ...rest] = blocks
  assert(first !== undefined, 'there is something to join')
  if (rest.length === 0) return first
  const count = blocks.reduce((sum, block) => sum + block.count, 0)
  const columns = Array.from({ length: columnsOf(profile) }, () => new Float64Array(count))
  const faults: FaultSpan[] = []
  let at = 0
  for (const block of blocks) {
    for (const [i, column] of columns.entries()) column.set(block.columns[i] ?? [], at)
    for (const span of block.faults) faults.push({ ...span, first: span.first + at })
    at += block.count
  }
  const uncertaintyMs = Math.max(...blocks.map(block => block.uncertaintyMs))
  return { ...first, uncertaintyMs, count, columns, faults: inOrder(faults) }
}

/** The readings from `from` up to `to`, exclusive. */
export function sliceBlock(block: Block, from: number, to: number, profile: Profile): Block {
  const faults = block.faults.flatMap(span => {
    const first = Math.max(from, span.first)
    const count = Math.min(to, span.first + span.count) - first
    return count > 0 ? [{ ...span, first: first - from, count }] : []
  })
  return {
    ...block,
    fromMs: block.fromMs + from * profile.periodMs,
    count: to - from,
    columns: block.columns.map(column => column.slice(from, to)),
    faults,
  }
}

/** The fault of each reading of a channel; null where there is none. */
export function faultsOf(block: Block, channel: number): (SensorFault | null)[] {
  const faults: (SensorFault | null)[] = new Array(block.count).fill(null)
  for (const span of block.faults) {
    if (span.channel === channel) faults.fill(span.fault, span.first, span.first + span.count)
  }
  return faults
}

/** Stretches of equal faults, as a frame tells them. @param byChannel - the fault of each reading, for each channel */
export function spansOf(byChannel: readonly (readonly (SensorFault | null)[])[]): FaultSpan[] {
  const spans: FaultSpan[] = []
  for (const [channel, faults] of byChannel.entries()) {
    for (let first = 0; first < faults.length; ) {
      const fault = faults[first] ?? null
      let end = first + 1
      while (end < faults.length && faults[end] === fault) end++
      if (fault !== null) spans.push({ channel, first, count: end - first, fault })
      first = end
    }
  }
  return spans
}

/**
 * The block as bytes, or in several parts where one would not fit a frame.
 * @returns parts in the order of time, each at least one reading
 */
export function encodeBlock(block: Block, profile: Profile, id: ProfileId): { block: Block; body: Uint8Array }[] {
  if (block.count <= LIMITS.frameReadingsMax && block.faults.length <= LIMITS.frameNotesMax) {
    const { fromMs, uncertaintyMs, count, columns, faults } = block
    const frame = { session: 0, seq: 0, profile: id, fromMs, uncertaintyMs, count, columns, faults, gaps: [] }
    const body = encodeReading(frame, profile)
    if (body.length <= BLOCK_BYTES_MAX) return [{ block, body }]
  }
  const middle = block.count >> 1
  assert(middle > 0, 'one reading fits a frame')
  const halves = [sliceBlock(block, 0, middle, profile), sliceBlock(block, middle, block.count, profile)]
  return halves.flatMap(half => encodeBlock(half, profile, id))
}

/** Reads what {@link encodeBlock} wrote. @throws {ProtocolError} when the bytes are something else */
export function decodeBlock(body: Uint8Array, boot: number, profile: Profile): Block {
  const { fromMs, uncertaintyMs, count, columns, faults } = decodeReading(body, profile)
  return { boot, fromMs, uncertaintyMs, count, columns, faults }
}

/** Columns that a channel starts at. */
export function firstColumn(profile: Profile, channel: number): number {
  return channel * columnsPerChannel(profile.kind)
}

function inOrder(faults: FaultSpan[]): FaultSpan[] {
  const sorted = faults.sort((a, b) => a.channel - b.channel || a.first - b.first)
  const merged: FaultSpan[] = []
  for (const span of sorted) {
    const last = merged.at(-1)
    const meets = last?.channel === span.channel && last.fault === span.fault && last.first + last.count === span.first
    if (last !== undefined && meets) merged[merged.length - 1] = { ...last, count: last.count + span.count }
    else merged.push(span)
  }
  return merged
}
