/** News about a device's standing that no request asked for: caught, revoked, reinstated. */
import { encode } from '../cbor/index.ts'
import { LIMITS } from '../limits.ts'
import { Reader } from './read.ts'
import { clipText } from './text.ts'
import type { Standing } from './welcome.ts'
import { STANDINGS } from './welcome.ts'

export interface Notice {
  session: number
  standing: Standing
  /** What happened and what the owner can do, in words. */
  text: string
}

/** The payload of a notice. A text too long for the wire is cut. */
export function encodeNotice(notice: Notice): Uint8Array {
  return encode([notice.session, STANDINGS.indexOf(notice.standing), clipText(notice.text, LIMITS.reasonBytesMax)])
}

/**
 * Reads a notice.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 */
export function decodeNotice(bytes: Uint8Array): Notice {
  const read = Reader.open('notice', bytes, 3)
  return {
    session: read.uint('session'),
    standing: read.choice('standing', STANDINGS),
    text: read.text('text', LIMITS.reasonBytesMax),
  }
}
