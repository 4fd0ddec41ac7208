/** Sentences of NMEA 0183, as GPS receivers send them: `$`, text, `*`, the exclusive or of the text in two hexadecimal digits, CR LF. */
import { delimited } from './formats.ts'
import type { FrameFormat } from './framer.ts'

const DOLLAR = 0x24
const LINE_FEED = 0x0a
/** The standard says 82 characters; receivers with many satellites send somewhat more. */
const SENTENCE_BYTES_MAX = 128
/** `$`, a name of at least three letters, `*`, two digits, LF. */
const SENTENCE_BYTES_MIN = 8

/** Whole sentences, line end included, whose checksum is right. */
export const NMEA_SENTENCES: FrameFormat = delimited({
  start: DOLLAR,
  end: LINE_FEED,
  lengthMin: SENTENCE_BYTES_MIN,
  lengthMax: SENTENCE_BYTES_MAX,
  check: hasChecksum,
})

/** A sentence without its line end. */
export function nmeaText(sentence: Uint8Array): string {
  return String.fromCharCode(...sentence).trimEnd()
}

function hasChecksum(sentence: Uint8Array): boolean {
  const [, text, digits] = /^\$([\x20-\x7e]+)\*([0-9A-Fa-f]{2})$/.exec(nmeaText(sentence)) ?? []
  if (text === undefined || digits === undefined) return false
  let sum = 0
  for (let i = 0; i < text.length; i++) sum ^= text.charCodeAt(i)
  return sum === Number.parseInt(digits, 16)
}
