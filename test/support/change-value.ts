/** Changes one byte of something, as somebody who should not. */

/** Where, and what is added to it. */
export interface Change {
  readonly at: number
  /** 1..255. */
  readonly by: number
}

/** The same bytes but for one. */
export function changedBytes(bytes: Uint8Array, { at, by }: Change): Uint8Array {
  const copy = new Uint8Array(bytes)
  const place = at % copy.length
  copy[place] = ((copy[place] ?? 0) + by) & 0xff
  return copy
}

/** A value of a database that is not NULL. */
export type Value = bigint | number | string | Uint8Array

/** Another value of a database: one byte, one printable character or one bit differs. */
export function changedValue(value: Value, by: Change): Value {
  if (value instanceof Uint8Array) return value.length === 0 ? Uint8Array.of(by.by) : changedBytes(value, by)
  if (typeof value === 'bigint') return value ^ (1n << BigInt(by.at % 40))
  if (typeof value === 'number') return value + by.by
  if (value === '') return 'x'
  const at = by.at % value.length
  const code = 0x21 + ((value.charCodeAt(at) - 0x21 + 94 + (by.by % 93) + 1) % 94)
  return value.slice(0, at) + String.fromCharCode(code) + value.slice(at + 1)
}

/** Every value of which one byte is another, each byte once, or one more when there is none. A text comes as the bytes it would be stored as, which may be none of UTF-8. */
export function* changesOfEveryByte(value: Value): Iterable<bigint | number | Uint8Array> {
  if (typeof value === 'bigint') {
    for (let at = 0n; at < 64n; at += 8n) yield BigInt.asIntN(64, value ^ (0x5an << at))
    return
  }
  const bytes = bytesOf(value)
  if (bytes.length === 0) yield Uint8Array.of(0x5a)
  for (let at = 0; at < bytes.length; at++) {
    const changed = changedBytes(bytes, { at, by: 0x5a })
    yield typeof value === 'number' ? new DataView(changed.buffer).getFloat64(0) : changed
  }
}

function bytesOf(value: number | string | Uint8Array): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string') return new TextEncoder().encode(value)
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value)
  return bytes
}
