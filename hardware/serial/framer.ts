/**
 * Finds frames in a stream of bytes that may begin anywhere and may have lost, changed or doubled bytes. What looks like a frame and fails
 * its check costs one byte: the search goes on at the next, so that a broken frame takes no good one with it. The parsers of npm
 * `serialport` lose step here, joined mid-frame for good (`PacketLengthParser` and `ByteLengthParser`).
 *
 * What no framer can know: a window of broken bytes that by chance passes the check is a frame. Checksums of 8 bits let one in 256 such
 * windows through, CRCs of 16 bits one in 65 536.
 */
import { assert } from '../../protocol/index.ts'

/** What may begin at a byte: nothing, a frame of `length` bytes, or not enough bytes to tell. */
export type FrameMatch = 'no' | 'need_more' | { readonly length: number }

/** How to tell a frame. Helpers for the usual kinds are in `formats.ts`. */
export interface FrameFormat {
  /** No frame is longer. 1..4 096; a longer match is none, so that a broken length cannot hold up the rest. */
  readonly lengthMax: number
  /** The last byte of a frame may be the first of the next, as with the flags of HDLC. Default false. */
  readonly sharedEnd?: boolean
  /** Looks at `bytes` from `at` on; `at` is always within. Must not answer `no` for what more bytes could make a frame. */
  match(bytes: Uint8Array, at: number): FrameMatch
  /** Whether the whole frame is as it was sent, as far as its checksum and fixed bytes tell. */
  check(frame: Uint8Array): boolean
}

/** What came in so far. */
export interface FrameCounters {
  /** Frames that passed their check. */
  readonly frames: number
  /** Windows that looked like a frame and failed their check. */
  readonly badFrames: number
  /** Bytes that belong to no frame; those of broken frames among them. */
  readonly skippedBytes: number
  /** All bytes. */
  readonly receivedBytes: number
}

export interface Framer {
  /** Takes bytes as they come and calls `onFrame` for each frame that is complete, in order. Chunks may be cut anywhere. */
  push(bytes: Uint8Array): void
  /** Forgets an unfinished frame, as before a new question to a sensor that only answers. */
  reset(): void
  readonly counters: FrameCounters
}

/** Room beyond one longest frame, so that bytes are rarely moved. */
const SLACK_BYTES = 1_024
const LENGTH_MAX = 4_096

/** @param onFrame - called with a copy that is the listener's to keep */
export function createFramer(format: FrameFormat, onFrame: (frame: Uint8Array) => void): Framer {
  assert(format.lengthMax >= 1 && format.lengthMax <= LENGTH_MAX, 'a format bounds its frames')
  const buffer = new Uint8Array(format.lengthMax + SLACK_BYTES)
  const counters = { frames: 0, badFrames: 0, skippedBytes: 0, receivedBytes: 0 }
  let end = 0
  /** Bytes at the start of the buffer that belong to a frame which was handed over: the shared end of the last. */
  let spent = 0

  /** Looks for frames up to the first place that needs more bytes; keeps what lies from there on. */
  function scan(): void {
    const bytes = buffer.subarray(0, end)
    let at = 0
    while (at < end) {
      const length = lengthAt(format, bytes, at)
      if (length === 'need_more') break
      if (length !== 'no') {
        const frame = bytes.slice(at, at + length)
        if (format.check(frame)) {
          counters.frames++
          spent = at + length
          at += format.sharedEnd === true ? length - 1 : length
          onFrame(frame)
          continue
        }
        counters.badFrames++
      }
      if (at >= spent) counters.skippedBytes++
      at++
    }
    buffer.copyWithin(0, at, end)
    end -= at
    spent = Math.max(0, spent - at)
  }

  return {
    counters,
    push(bytes) {
      counters.receivedBytes += bytes.length
      for (let taken = 0; taken < bytes.length; ) {
        const piece = bytes.subarray(taken, taken + buffer.length - end)
        buffer.set(piece, end)
        end += piece.length
        taken += piece.length
        scan()
      }
    },
    reset() {
      counters.skippedBytes += end - spent
      end = 0
      spent = 0
    },
  }
}

/** The length of the whole frame that begins at `at`, if it is all there. */
function lengthAt(format: FrameFormat, bytes: Uint8Array, at: number): number | 'no' | 'need_more' {
  const available = bytes.length - at
  const match = format.match(bytes, at)
  if (match === 'no') return 'no'
  if (match === 'need_more') return available < format.lengthMax ? 'need_more' : 'no'
  if (match.length < 1 || match.length > format.lengthMax) return 'no'
  return match.length <= available ? match.length : 'need_more'
}
