/** Values as JSON, for vectors: bytes are `{"hex": "…"}`, amounts `{"micro": "…"}`, everything else is itself. */
import { fromHex, toHex } from '../../protocol/bytes.ts'

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** A message as JSON. */
export function toDiag(value: unknown): Json {
  if (value instanceof Uint8Array) return { hex: toHex(value) }
  if (typeof value === 'bigint') return { micro: `${value}` }
  if (Array.isArray(value)) return value.map(toDiag)
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value
  if (typeof value !== 'object') throw new Error(`A vector cannot hold ${String(value)}.`)
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toDiag(field)]))
}

/** The message of its JSON. */
export function fromDiag(value: Json): unknown {
  if (Array.isArray(value)) return value.map(fromDiag)
  if (value === null || typeof value !== 'object') return value
  const names = Object.keys(value)
  if (names.length === 1 && names[0] === 'hex' && typeof value.hex === 'string') return fromHex(value.hex)
  if (names.length === 1 && names[0] === 'micro' && typeof value.micro === 'string') return BigInt(value.micro)
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, fromDiag(field)]))
}
