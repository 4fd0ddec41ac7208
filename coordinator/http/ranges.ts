/** The bytes asked for, both included. */
export interface ByteRange {
  start: number
  end: number
}

const RANGE = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i

/**
 * Reads a `Range` header for content of `size` bytes.
 * @returns the part to send, `unsatisfiable` (416), or null to send everything: no header, another unit, bad syntax, or
 *   several parts, which a server may ignore
 * @see RFC 9110 §14.1.2, §14.2
 */
export function parseRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | null {
  const match = header === undefined ? null : RANGE.exec(header)
  if (!match) return null
  const [, first = '', last = ''] = match
  if (first === '') return last === '' ? null : suffix(Number(last), size)
  const start = Number(first)
  const end = last === '' ? Number.POSITIVE_INFINITY : Number(last)
  if (end < start) return null
  return start < size ? { start, end: Math.min(end, size - 1) } : 'unsatisfiable'
}

function suffix(length: number, size: number): ByteRange | 'unsatisfiable' | null {
  if (length === 0) return 'unsatisfiable'
  // Everything, of content that has no byte to name as the first.
  if (size === 0) return null
  return { start: Math.max(0, size - length), end: size - 1 }
}
