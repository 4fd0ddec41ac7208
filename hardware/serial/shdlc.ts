/**
 * Sensirion's high-level data link control (SHDLC), as its particle sensors speak it on a serial line: frames between bytes 7E, in which
 * 7E, 7D, 11 and 13 are escaped, with a sum of 8 bits.
 * @see github.com/Sensirion/embedded-uart-sps, embedded-uart-common/sensirion_shdlc.c
 */
import { ProtocolError } from '../../protocol/index.ts'
import { delimited } from './formats.ts'
import type { FrameFormat } from './framer.ts'

/** What a sensor answers. */
export interface ShdlcAnswer {
  /** Of the sensor; 0 for an SPS30. */
  readonly address: number
  /** The command that it answers. */
  readonly command: number
  /** 0 when all is well; bit 7 says that the device has an error, the others are the code of a refused command. */
  readonly state: number
  /** At most 255 bytes. */
  readonly data: Uint8Array
}

const FLAG = 0x7e
const ESCAPE = 0x7d
const FLIPPED = 0x20
/** Besides the two above, the bytes of software flow control. */
const ESCAPED: ReadonlySet<number> = new Set([FLAG, ESCAPE, 0x11, 0x13])

const DATA_BYTES_MAX = 255
/** Address, command, state, length and sum. */
const ANSWER_FIXED_BYTES = 5

/** A question: `7E address command length data… sum 7E`. */
export function encodeShdlc(address: number, command: number, data: ArrayLike<number> = []): Uint8Array {
  return enclose([address, command, data.length, ...Array.from(data)])
}

/** An answer: `7E address command state length data… sum 7E`. For sensors, which is to say for simulated ones. */
export function encodeShdlcAnswer({ address, command, state, data }: ShdlcAnswer): Uint8Array {
  return enclose([address, command, state, data.length, ...data])
}

/**
 * Takes an answer apart.
 * @param frame - with both delimiters
 * @throws {ProtocolError} `bad_frame`
 */
export function decodeShdlcAnswer(frame: Uint8Array): ShdlcAnswer {
  const content = contentOf(frame)
  const [address = 0, command = 0, state = 0, length = 0] = content
  if (content.length < ANSWER_FIXED_BYTES) throw bad('it is too short')
  if (content.length !== ANSWER_FIXED_BYTES + length) throw bad('its length is not what it says')
  return { address, command, state, data: content.slice(4, -1) }
}

/**
 * Takes a question apart, as a sensor does.
 * @throws {ProtocolError} `bad_frame`
 */
export function decodeShdlc(frame: Uint8Array): { address: number; command: number; data: Uint8Array } {
  const content = contentOf(frame)
  const [address = 0, command = 0, length = 0] = content
  if (content.length < ANSWER_FIXED_BYTES - 1) throw bad('it is too short')
  if (content.length !== ANSWER_FIXED_BYTES - 1 + length) throw bad('its length is not what it says')
  return { address, command, data: content.slice(3, -1) }
}

/** Answers to any command, for a framer. Every byte within may be escaped. */
export const SHDLC_ANSWERS: FrameFormat = framesThat(frame => decodeShdlcAnswer(frame).data.length <= DATA_BYTES_MAX)

/** Answers to one command, for a framer. */
export function shdlcAnswersTo(command: number): FrameFormat {
  return framesThat(frame => decodeShdlcAnswer(frame).command === command)
}

/** Questions, for a framer. */
export const SHDLC_QUESTIONS: FrameFormat = framesThat(frame => decodeShdlc(frame).data.length <= DATA_BYTES_MAX)

function framesThat(accept: (frame: Uint8Array) => boolean): FrameFormat {
  return delimited({
    start: FLAG,
    end: FLAG,
    lengthMin: 2 + ANSWER_FIXED_BYTES - 1,
    lengthMax: 2 + (ANSWER_FIXED_BYTES + DATA_BYTES_MAX) * 2,
    check: frame => {
      try {
        return accept(frame)
      } catch {
        return false
      }
    },
  })
}

function enclose(content: readonly number[]): Uint8Array {
  const escaped = [...content, sumOf(content)].flatMap(byte => (ESCAPED.has(byte) ? [ESCAPE, byte ^ FLIPPED] : [byte]))
  return Uint8Array.from([FLAG, ...escaped, FLAG])
}

/** What is between the delimiters, without its escapes; the sum is checked and still there. */
function contentOf(frame: Uint8Array): Uint8Array {
  if (frame.length < 2 || frame[0] !== FLAG || frame[frame.length - 1] !== FLAG) throw bad('it has no delimiters')
  const content: number[] = []
  let isEscaped = false
  for (const byte of frame.subarray(1, -1)) {
    if (isEscaped) {
      if (!ESCAPED.has(byte ^ FLIPPED)) throw bad('it escapes a byte that is never escaped')
      content.push(byte ^ FLIPPED)
      isEscaped = false
    } else if (byte === ESCAPE) isEscaped = true
    else if (ESCAPED.has(byte)) throw bad('a byte that must be escaped is not')
    else content.push(byte)
  }
  if (isEscaped) throw bad('it ends within an escape')
  if (content.length === 0 || content[content.length - 1] !== sumOf(content.slice(0, -1))) throw bad('its sum is wrong')
  return Uint8Array.from(content)
}

/** The complement of the sum of the bytes. */
function sumOf(content: readonly number[]): number {
  return ~content.reduce((sum, byte) => sum + byte, 0) & 0xff
}

function bad(reason: string): ProtocolError {
  return new ProtocolError({ code: 'bad_frame', reason }, `This is no SHDLC frame: ${reason}.`)
}
