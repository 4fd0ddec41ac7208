/** Byte-string helpers that behave the same in Node and in a browser. */
import { ProtocolError } from './errors.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'
/** The two digits of every byte. */
const HEX_OF_BYTE: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const NO_DIGIT = 0xff
/** The value of every hexadecimal digit by its character code, and {@link NO_DIGIT} for the characters between them. */
const HEX_VALUES: readonly number[] = Array.from({ length: 128 }, (_, code) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase())
  return digit === -1 ? NO_DIGIT : digit
})

/** UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/**
 * The text of UTF-8 bytes.
 * @throws {ProtocolError} `bad_text` when the bytes are not valid UTF-8
 */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new ProtocolError({ code: 'bad_text', reason: 'utf8' }, 'The bytes are not valid UTF-8 text.', { cause })
  }
}

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += HEX_OF_BYTE[byte]
  return text
}

/**
 * Bytes of hexadecimal text, either case.
 * @throws {ProtocolError} `bad_text` on odd length or another character
 */
export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1)
  let digits = 0
  for (let i = 0; i < bytes.length; i++) {
    const high = HEX_VALUES[text.charCodeAt(2 * i)] ?? NO_DIGIT
    const low = HEX_VALUES[text.charCodeAt(2 * i + 1)] ?? NO_DIGIT
    digits |= high | low
    bytes[i] = (high << 4) | low
  }
  if (text.length % 2 !== 0 || digits > 0xf) {
    throw new ProtocolError({ code: 'bad_text', reason: 'hex' }, 'The text is not hexadecimal.')
  }
  return bytes
}

/** Lower-case base32 without padding (RFC 4648 §6 alphabet). */
export function toBase32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += BASE32[(held >> bits) & 31]
      held &= (1 << bits) - 1
    }
  }
  return bits === 0 ? text : text + BASE32[(held << (5 - bits)) & 31]
}

/**
 * Bytes of lower-case unpadded base32.
 * @throws {ProtocolError} `bad_text` on another character, an impossible length or leftover bits
 */
export function fromBase32(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8))
  let bits = 0
  let held = 0
  let at = 0
  for (const char of text) {
    const digit = BASE32.indexOf(char)
    if (digit < 0) throw new ProtocolError({ code: 'bad_text', reason: 'base32' }, 'The text is not base32.')
    held = (held << 5) | digit
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = held >> bits
      held &= (1 << bits) - 1
    }
  }
  if (bits >= 5 || held !== 0)
    throw new ProtocolError({ code: 'bad_text', reason: 'base32' }, 'The text is not base32.')
  return bytes
}

/** Unpadded base64url (RFC 4648 §5). */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** Padded base64 (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return btoa(binary)
}

/**
 * Bytes of base64 or base64url text, padded or not.
 * @throws {ProtocolError} `bad_text` on another character
 */
export function fromBase64(text: string): Uint8Array {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = new Uint8Array(binary.length)
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
    return bytes
  } catch (cause) {
    throw new ProtocolError({ code: 'bad_text', reason: 'base64' }, 'The text is not base64.', { cause })
  }
}

/** One byte string of several. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** Whether two byte strings are equal. Not constant time: for public values only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
