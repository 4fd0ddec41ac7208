import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PLANTOWER_FORMAT, plantowerAnswer } from '../../../../hardware/drivers/plantower-frames.ts'
import { SDS011_FORMAT, sds011Measurement } from '../../../../hardware/drivers/sds011-frames.ts'
import { createFramer, type FrameFormat } from '../../../../hardware/serial/framer.ts'
import { concatBytes, toHex } from '../../../../protocol/index.ts'
import { FORMATS } from './formats-under-test.ts'

/** One fault on the line. */
type Fault = { kind: 'none' } | { kind: 'drop' | 'double' | 'flip'; at: number; mask: number }

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.constant({ kind: 'none' as const }),
  fc.record({
    kind: fc.constantFrom('drop' as const, 'double' as const, 'flip' as const),
    at: fc.nat(),
    mask: fc.integer({ min: 1, max: 255 }),
  }),
)

/**
 * A stream of frames with one byte broken, not in the last `spared` of them, and which frames stayed whole. Of equal bytes in a row it
 * cannot be told which is missing: it is the last of them, so that a frame whose last byte is lost is whole again by the first of the next.
 */
function broken(
  frames: readonly Uint8Array[],
  spared: number,
  { kind, ...where }: Fault,
): { stream: Uint8Array; intact: Uint8Array[] } {
  const stream = concatBytes(...frames)
  if (kind === 'none' || !('at' in where)) return { stream, intact: [...frames] }
  let at = where.at % concatBytes(...frames.slice(0, -spared)).length
  if (kind === 'drop') while (stream[at + 1] === stream[at]) at++
  let start = 0
  const hit = frames.findIndex(frame => {
    start += frame.length
    return at < start
  })
  const byte = stream[at] ?? 0
  const instead = { drop: [], double: [byte, byte], flip: [byte ^ where.mask] }[kind]
  return {
    stream: concatBytes(stream.subarray(0, at), Uint8Array.from(instead), stream.subarray(at + 1)),
    intact: frames.filter((_, index) => index !== hit),
  }
}

/** Cuts a stream into chunks of the given lengths, over and over. */
function chunked(stream: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0, i = 0; at < stream.length; i++) {
    const length = lengths[i % lengths.length] ?? 1
    chunks.push(stream.subarray(at, at + length))
    at += length
  }
  return chunks
}

function parse(format: FrameFormat, chunks: readonly Uint8Array[]) {
  const frames: Uint8Array[] = []
  const framer = createFramer(format, frame => frames.push(frame))
  for (const chunk of chunks) framer.push(chunk)
  return { frames: frames.map(toHex), counters: framer.counters }
}

/**
 * Windows of a stream that pass the format's check and are none of the frames that were sent. No framer can know them for what they are:
 * with a sum of 8 bits they are one in 256 of the windows that look right.
 */
function impostors(format: FrameFormat, stream: Uint8Array, sent: readonly Uint8Array[]): number {
  const known = new Set(sent.map(toHex))
  let count = 0
  for (let at = 0; at < stream.length; at++) {
    const match = format.match(stream, at)
    if (typeof match !== 'object' || at + match.length > stream.length) continue
    const window = stream.slice(at, at + match.length)
    if (format.check(window) && !known.has(toHex(window))) count++
  }
  return count
}

const chunkLengths = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 5 })

describe.each(FORMATS)('frames of $name', ({ format, frames: frame }) => {
  const many = fc.array(frame, { minLength: 1, maxLength: 12 })

  test('come through whatever the chunks, and no byte is skipped', () => {
    fc.assert(
      fc.property(many, chunkLengths, (frames, lengths) => {
        const { frames: parsed, counters } = parse(format, chunked(concatBytes(...frames), lengths))
        expect(parsed).toEqual(frames.map(toHex))
        const receivedBytes = concatBytes(...frames).length
        expect(counters).toEqual({ frames: frames.length, badFrames: 0, skippedBytes: 0, receivedBytes })
      }),
    )
  })

  test('are found behind any garbage with any one byte lost, doubled or changed; a broken one takes no other with it', () => {
    const runs = { all: 0, withImpostors: 0 }
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 90 }),
        many,
        fault,
        frame,
        chunkLengths,
        (garbage, frames, flaw, last, lengths) => {
          // Enough whole frames at the end that what hides before them is decided, and one that may lend a byte to the frame before.
          const tail = Array.from({ length: Math.ceil(format.lengthMax / last.length) + 2 }, () => last)
          const { stream: line, intact } = broken([...frames, ...tail], tail.length, flaw)
          const stream = concatBytes(garbage, line)
          const sent = [...frames, last]
          runs.all++
          if (impostors(format, stream, sent) > 0) {
            runs.withImpostors++
            return
          }
          const { frames: parsed, counters } = parse(format, chunked(stream, lengths))
          const known = new Set(sent.map(toHex))
          expect(parsed.filter(hex => !known.has(hex))).toEqual([])
          expect(missingFrom(parsed, intact.map(toHex))).toEqual([])
          expect(counters.frames).toBe(parsed.length)
          expect(counters.receivedBytes).toBe(stream.length)
        },
      ),
      { numRuns: 2_000 },
    )
    // So few that the property is about nearly everything. (Of NMEA they are hexadecimal digits in the other case.)
    expect(runs.withImpostors / runs.all).toBeLessThan(0.05)
  })

  test('come through any garbage at all without a crash, and every byte is accounted for', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 4 }), chunks => {
        const bytes: Uint8Array[] = []
        const framer = createFramer(format, parsed => bytes.push(parsed))
        for (const chunk of chunks) framer.push(chunk)
        framer.reset()
        const inFrames = bytes.reduce((total, parsed) => total + parsed.length, 0)
        const { frames, skippedBytes, receivedBytes } = framer.counters
        expect(receivedBytes).toBe(chunks.reduce((total, chunk) => total + chunk.length, 0))
        expect(frames).toBe(bytes.length)
        if (format.sharedEnd !== true) expect(inFrames + skippedBytes).toBe(receivedBytes)
      }),
    )
  })
})

/** Wanted frames that are not there in their order. There may be more: a byte that was doubled or changed between frames breaks none. */
function missingFrom(parsed: readonly string[], wanted: readonly string[]): string[] {
  const left = [...wanted]
  for (const hex of parsed) if (hex === left[0]) left.shift()
  return left
}

test('a last byte that is lost and that the next frame begins with is taken from the next frame', () => {
  // The sum of the first is 0x0142, and every frame begins with 0x42.
  const [first, second, third] = [plantowerAnswer(0xa0, 15), plantowerAnswer(0xe1, 0), plantowerAnswer(0xe4, 1)]
  const { frames } = parse(PLANTOWER_FORMAT, [concatBytes(first.subarray(0, -1), second, third)])
  expect(frames).toEqual([first, third].map(toHex))
})

describe('a header inside a frame', () => {
  const id = Uint8Array.of(0xaa, 0xc0)

  test('does not mislead a reader that joins behind the true one', () => {
    const frames = Array.from({ length: 20 }, (_, i) => sds011Measurement(100 + i, 200 + i, id))
    const stream = concatBytes(...frames)
    for (let cut = 1; cut < 10; cut++) {
      const { frames: parsed, counters } = parse(SDS011_FORMAT, [stream.subarray(cut)])
      expect(parsed).toEqual(frames.slice(1).map(toHex))
      expect(counters.skippedBytes).toBe(10 - cut)
      // Its id looks like the start of a frame.
      expect(counters.badFrames).toBe(cut <= 6 ? 1 : 0)
    }
  })

  test('that passes the check by chance is taken for a frame: what 8 bits of checksum cannot tell', () => {
    const inner = sds011Measurement(1, 2, Uint8Array.of(3, 4))
    const stream = concatBytes(Uint8Array.of(0xaa, 0xc0, 9), inner, Uint8Array.of(0xab))
    expect(parse(SDS011_FORMAT, [stream]).frames).toEqual([toHex(inner)])
  })
})

test('a length that is broken does not hold up what follows it for longer than one longest frame', () => {
  const format: FrameFormat = {
    lengthMax: 32,
    match: (bytes, at) =>
      bytes[at] === 1 ? (at + 1 < bytes.length ? { length: bytes[at + 1] ?? 0 } : 'need_more') : 'no',
    check: frame => frame.at(-1) === 2,
  }
  // Says 255 bytes, then 0 bytes, then 32 of which the last is wrong; then a good one.
  const good = [1, 3, 2]
  const { frames, counters } = parse(format, [Uint8Array.of(1, 255, 1, 0, 1, 32, ...new Array(30).fill(9), ...good)])
  expect(frames).toEqual([toHex(Uint8Array.from(good))])
  expect(counters).toMatchObject({ badFrames: 1, skippedBytes: 36 })
})

test('a delimiter that two frames share is counted to both and skipped by none', () => {
  const format: FrameFormat = {
    lengthMax: 8,
    sharedEnd: true,
    match: (bytes, at) => {
      const end = bytes.indexOf(0x7e, at + 1)
      if (bytes[at] !== 0x7e) return 'no'
      return end === -1 ? 'need_more' : end - at > 1 ? { length: end + 1 - at } : 'no'
    },
    check: () => true,
  }
  const { frames, counters } = parse(format, [Uint8Array.of(0x7e, 1, 0x7e, 2, 0x7e, 0x7e, 3, 0x7e)])
  expect(frames).toEqual(['7e017e', '7e027e', '7e037e'])
  expect(counters).toEqual({ frames: 3, badFrames: 0, skippedBytes: 0, receivedBytes: 8 })
})

test('an unfinished frame can be forgotten before a new question', () => {
  const frame = sds011Measurement(1, 2, Uint8Array.of(3, 4))
  const parsed: Uint8Array[] = []
  const framer = createFramer(SDS011_FORMAT, whole => parsed.push(whole))
  framer.push(frame.subarray(0, 6))
  framer.reset()
  framer.push(frame)
  expect(parsed).toEqual([frame])
  expect(framer.counters).toEqual({ frames: 1, badFrames: 0, skippedBytes: 6, receivedBytes: 16 })
})
