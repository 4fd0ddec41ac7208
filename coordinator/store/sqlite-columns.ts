/** Reads one column of a row as what the schema says it is. */
import type { SQLOutputValue } from 'node:sqlite'
import { assert } from '../../protocol/index.ts'

/** One row as node:sqlite returns it. */
export type Columns = Record<string, SQLOutputValue>

/** A text. */
export function text(columns: Columns, name: string): string {
  const value = columns[name]
  assert(typeof value === 'string', `column ${name} is text`)
  return value
}

/** An integer that fits a `number`. */
export function int(columns: Columns, name: string): number {
  const value = columns[name]
  assert(typeof value === 'number' || typeof value === 'bigint', `column ${name} is an integer`)
  return Number(value)
}

/** A number with a fraction. */
export function real(columns: Columns, name: string): number {
  const value = columns[name]
  assert(typeof value === 'number', `column ${name} is a real number`)
  return value
}

/** An integer beyond a `number`, such as an amount. */
export function bigInt(columns: Columns, name: string): bigint {
  const value = columns[name]
  assert(typeof value === 'bigint', `column ${name} is read as bigint`)
  return value
}

/** A byte string. */
export function blob(columns: Columns, name: string): Uint8Array {
  const value = columns[name]
  assert(value instanceof Uint8Array, `column ${name} is a blob`)
  return value
}

/** What `read` makes of the column, or null. */
export function nullable<T>(read: (columns: Columns, name: string) => T, columns: Columns, name: string): T | null {
  return columns[name] === null ? null : read(columns, name)
}
