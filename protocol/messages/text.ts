import { fromUtf8, utf8 } from '../bytes.ts'

/**
 * A text that the wire accepts, for reasons and details that people read: cut to at most `bytesMax` bytes of UTF-8, never
 * inside a character; without a leading byte order mark; lone surrogates become U+FFFD. Better a shorter sentence than a
 * message refused for its text.
 */
export function clipText(text: string, bytesMax: number): string {
  const bytes = utf8(text.replace(/^\uFEFF+/, ''))
  let end = Math.min(bytes.length, bytesMax)
  while (end < bytes.length && end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return fromUtf8(bytes.subarray(0, end))
}

/** Whether a text takes at most `bytesMax` bytes of UTF-8. */
export function fitsBytes(text: string, bytesMax: number): boolean {
  if (text.length * 3 <= bytesMax) return true
  return text.length <= bytesMax && utf8(text).length <= bytesMax
}
