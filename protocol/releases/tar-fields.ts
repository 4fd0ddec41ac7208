/** The fields of a tar header. */

const decoder = new TextDecoder('utf-8')

/** A text that ends at its first zero byte. Bytes that are no UTF-8 become U+FFFD. */
export function textField(bytes: Uint8Array, at: number, length: number): string {
  const field = bytes.subarray(at, at + length)
  const end = field.indexOf(0)
  return decoder.decode(end < 0 ? field : field.subarray(0, end))
}

/** An octal number between spaces and zero bytes; null when it is something else, GNU's binary form for huge files included. */
export function numberField(header: Uint8Array, at: number, length: number): number | null {
  const text = textField(header, at, length).trim()
  return /^[0-7]{1,11}$/.test(text) ? Number.parseInt(text, 8) : null
}

/** The `path` and `size` of a pax header; null when it is damaged. Of a repeated one the last counts. */
export function paxRecords(bytes: Uint8Array): { path?: string; size?: string } | null {
  const found: { path?: string; size?: string } = {}
  let at = 0
  while (at < bytes.length) {
    const space = bytes.indexOf(32, at)
    const length = Number(decoder.decode(bytes.subarray(at, Math.max(at, space))))
    if (space < 0 || !Number.isInteger(length) || length < 5 || at + length > bytes.length) return null
    if (bytes[at + length - 1] !== 10) return null
    const record = decoder.decode(bytes.subarray(space + 1, at + length - 1))
    const equals = record.indexOf('=')
    const key = record.slice(0, equals)
    if (equals < 1) return null
    if (key === 'path' || key === 'size') found[key] = record.slice(equals + 1)
    at += length
  }
  return found
}
