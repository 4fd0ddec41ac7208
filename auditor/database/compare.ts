/** Compares rows with what they should be, column by column. */
import { equalBytes, toHex } from '../../protocol/index.ts'
import type { Problems } from '../problems.ts'
import type { RuleCode } from '../rules.ts'
import type { Row, Value } from './open.ts'

/**
 * States that a row has the values that the log gives it; of columns that are not expected nothing is said.
 * @param name - what the row is, as the subject of a sentence
 * @param entry - the entry that says so, or null
 */
export function compareRow(
  problems: Problems,
  rule: RuleCode,
  name: string,
  entry: number | null,
  expected: Row,
  found: Row | undefined,
): void {
  if (found === undefined) {
    problems.add(rule, entry, `${name} is in the log and not in the database.`)
    return
  }
  for (const [column, value] of Object.entries(expected)) {
    if (isEqual(value, found[column] ?? null)) continue
    const is = show(found[column] ?? null)
    problems.add(rule, entry, `${name} has the ${column} ${is} in the database, and by the log it is ${show(value)}.`)
  }
}

function isEqual(a: Value, b: Value): boolean {
  return a instanceof Uint8Array ? b instanceof Uint8Array && equalBytes(a, b) : a === b
}

function show(value: Value): string {
  if (value === null) return 'NULL'
  return value instanceof Uint8Array ? toHex(value) : `'${value}'`
}
