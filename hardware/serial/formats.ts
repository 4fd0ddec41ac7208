/** The usual kinds of frames, for {@link createFramer}. */
import type { FrameFormat } from './framer.ts'

interface Checked {
  check(frame: Uint8Array): boolean
}

/** Frames that begin with the same bytes and are all of one length, such as those of an SDS011. */
export interface FixedLength extends Checked {
  /** At least one byte. */
  readonly header: readonly number[]
  readonly length: number
}

/** @see FixedLength */
export function fixedLength({ header, length, check }: FixedLength): FrameFormat {
  return {
    lengthMax: length,
    match: (bytes, at) => {
      const found = headerAt(bytes, at, header)
      return found === 'yes' ? { length } : found
    },
    check,
  }
}

/** Frames whose first bytes say how long they are, such as Plantower's and Modbus answers. */
export interface LengthField extends Checked {
  readonly header: readonly number[]
  /** Bytes from the frame's first that {@link lengthOf} needs to see. */
  readonly headBytes: number
  /** Whole length of the frame that begins with `head`; null when no frame begins so. */
  lengthOf(head: Uint8Array): number | null
  readonly lengthMax: number
}

/** @see LengthField */
export function lengthField({ header, headBytes, lengthOf, lengthMax, check }: LengthField): FrameFormat {
  return {
    lengthMax,
    match: (bytes, at) => {
      const found = headerAt(bytes, at, header)
      if (found !== 'yes') return found
      if (bytes.length - at < headBytes) return 'need_more'
      const length = lengthOf(bytes.subarray(at, at + headBytes))
      return length === null ? 'no' : { length }
    },
    check,
  }
}

/** Frames between two bytes that occur nowhere inside, such as NMEA's `$…\n` and SHDLC's `7E…7E`. */
export interface Delimited extends Checked {
  readonly start: number
  readonly end: number
  /** Both delimiters included. */
  readonly lengthMax: number
  /** Shorter ones are none: with equal delimiters, the end of one frame and the start of the next make an empty one. */
  readonly lengthMin: number
}

/** @see Delimited */
export function delimited({ start, end, lengthMin, lengthMax, check }: Delimited): FrameFormat {
  return {
    lengthMax,
    sharedEnd: start === end,
    match: (bytes, at) => {
      if (bytes[at] !== start) return 'no'
      const found = bytes.indexOf(end, at + 1)
      if (found === -1) return 'need_more'
      const length = found + 1 - at
      return length < lengthMin ? 'no' : { length }
    },
    check,
  }
}

function headerAt(bytes: Uint8Array, at: number, header: readonly number[]): 'no' | 'need_more' | 'yes' {
  for (let i = 0; i < header.length; i++) {
    if (at + i >= bytes.length) return 'need_more'
    if (bytes[at + i] !== header[i]) return 'no'
  }
  return 'yes'
}
