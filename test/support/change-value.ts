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

/** Another value of a database: one byte, one printable character or one bit differs. */
export function changedValue(value: bigint | string | Uint8Array, by: Change): bigint | string | Uint8Array {
  if (value instanceof Uint8Array) return changedBytes(value, by)
  if (typeof value === 'bigint') return value ^ (1n << BigInt(by.at % 40))
  if (value === '') return 'x'
  const at = by.at % value.length
  const code = 0x21 + ((value.charCodeAt(at) - 0x21 + 94 + (by.by % 93) + 1) % 94)
  return value.slice(0, at) + String.fromCharCode(code) + value.slice(at + 1)
}
