/** What a device measured: the head, which anybody can read, and the columns, which need their profile. */
import type { CborValue } from '../cbor/index.ts'
import { encode } from '../cbor/index.ts'
import { assert } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { packColumns, unpackColumns } from '../readings/columns.ts'
import { profileIdFromBytes, READING_ID_BYTES, readingIdBytes } from '../readings/ids.ts'
import { columnsPerChannel } from '../readings/profile.ts'
import {
  type FaultSpan,
  GAP_CAUSES,
  type Gap,
  type Profile,
  type ReadingFrame,
  type ReadingHead,
  SENSOR_FAULTS,
} from '../readings/types.ts'
import { badMessage } from './failure.ts'
import { Reader } from './read.ts'

/**
 * The payload of a frame. It is a pure function of the frame: the same readings give the same bytes everywhere.
 * @param frame - its columns as the profile has them, its faults as {@link FaultSpan} says
 * @throws {AssertionError} when the frame is not one of this profile
 * @see spec/clauses.md [READ-2.1] [READ-2.2]
 */
export function encodeReading(frame: ReadingFrame, profile: Profile): Uint8Array {
  const packed = packColumns(frame.columns, frame.count, profile)
  const wrong = faultsWithValues(frame.faults, frame.columns, profile)
  assert(wrong === null, 'faults are of channels of the profile and readings without a value')
  assert(
    frame.faults.every((span, i) => i === 0 || follows(span, frame.faults[i - 1])),
    'faults ascend and do not overlap',
  )
  return encodeReadingHead({ ...frame, packed })
}

/** The payload of a frame whose columns are packed already. */
export function encodeReadingHead(head: ReadingHead): Uint8Array {
  const { session, seq, profile, fromMs, uncertaintyMs, count, packed, faults, gaps } = head
  return encode([
    session,
    seq,
    readingIdBytes(profile),
    fromMs,
    uncertaintyMs,
    count,
    packed,
    faults.map((span): CborValue => [span.channel, span.first, span.count, SENSOR_FAULTS.indexOf(span.fault)]),
    gaps.map((gap): CborValue => [gap.fromMs, gap.toMs, GAP_CAUSES.indexOf(gap.cause)]),
  ])
}

/**
 * Reads everything of a frame that needs no profile. `packed` is a view of `bytes`, not a copy.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 * @see spec/clauses.md [READ-2.2] [READ-2.3]
 */
export function decodeReadingHead(bytes: Uint8Array): ReadingHead {
  const read = Reader.open('reading', bytes, 9)
  const session = read.uint('session')
  const seq = read.uint('seq')
  const profile = profileIdFromBytes(read.bytes('profile', READING_ID_BYTES))
  const fromMs = read.uint('fromMs', 0, LIMITS.regionTimeMsMax)
  const uncertaintyMs = read.uint('uncertaintyMs', 0, 2 ** 32 - 1)
  const count = read.uint('count', 0, LIMITS.frameReadingsMax)
  const packed = read.bytesUpTo('columns', LIMITS.frameBytesMax)
  let before: FaultSpan | undefined
  const faults = read.records(
    'faults',
    LIMITS.frameNotesMax,
    4,
    fields => {
      const span = readFault(fields, count)
      if (!follows(span, before)) throw fields.fault('first', 'must be after the span before it')
      before = span
      return span
    },
    0,
  )
  const gaps = read.records('gaps', LIMITS.frameNotesMax, 3, readGap, 0)
  return { session, seq, profile, fromMs, uncertaintyMs, count, packed, faults, gaps }
}

/**
 * Reads a frame with its columns.
 * @param profile - the one that the frame names
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 * @see spec/clauses.md [READ-2.1]
 */
export function decodeReading(bytes: Uint8Array, profile: Profile): ReadingFrame {
  const { packed, ...head } = decodeReadingHead(bytes)
  if (head.fromMs + head.count * profile.periodMs > LIMITS.regionTimeMsMax) {
    throw badMessage('reading', 'fromMs', 'must leave its readings times that can be written as dates')
  }
  const columns = unpackColumns(packed, head.count, profile)
  const wrong = faultsWithValues(head.faults, columns, profile)
  if (wrong !== null)
    throw badMessage('reading', `faults[${wrong}]`, 'must be of a channel and of readings without a value')
  return { ...head, columns }
}

function readFault(read: Reader, readings: number): FaultSpan {
  const channel = read.uint('channel', 0, LIMITS.profileChannelsMax - 1)
  const first = read.uint('first', 0, LIMITS.frameReadingsMax - 1)
  const count = read.uint('count', 1, LIMITS.frameReadingsMax)
  if (first + count > readings) throw read.fault('count', 'must end with the last reading')
  return { channel, first, count, fault: read.choice('fault', SENSOR_FAULTS) }
}

/** Spans ascend by channel and reading and do not overlap, so a missing value has one fault at most. */
function follows(span: FaultSpan, before: FaultSpan | undefined): boolean {
  if (before === undefined || span.channel > before.channel) return true
  return span.channel === before.channel && span.first >= before.first + before.count
}

function readGap(read: Reader): Gap {
  const fromMs = read.uint('fromMs', 0, LIMITS.regionTimeMsMax)
  const toMs = read.uint('toMs', 0, LIMITS.regionTimeMsMax)
  if (toMs <= fromMs) throw read.fault('toMs', 'must be after the start of the gap')
  return { fromMs, toMs, cause: read.choice('cause', GAP_CAUSES) }
}

/** The first span that is of no channel or covers a value; null when there is none. */
function faultsWithValues(
  faults: readonly FaultSpan[],
  columns: readonly Float64Array[],
  profile: Profile,
): number | null {
  const wrong = faults.findIndex(({ channel, first, count }) => {
    const column = columns[channel * columnsPerChannel(profile.kind)]
    if (column === undefined) return true
    return column.subarray(first, first + count).some(value => !Number.isNaN(value))
  })
  return wrong < 0 ? null : wrong
}
