/**
 * The numbers of metering version 1, taken from its specification and not from the code that is tested: the table of costs is read out of
 * `protocol/spec/metering.md`, the others are written here as its clauses have them.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What calling an imported function costs beyond the instruction. [FUEL-2.2] */
export const HOST_CALL_FUEL = 200
/** Bytes that are moved or filled for one fuel. [FUEL-3.1] */
export const BYTES_PER_FUEL = 8
/** An entry of a table that is filled, copied or grown by. [FUEL-3.2] [FUEL-3.3] */
export const FUEL_PER_ENTRY = 8
/** A page that a memory grows by. [FUEL-3.3] */
export const FUEL_PER_PAGE = 8_192
/** Entries that a table may have, whatever its own maximum is. [PROFILE-2.1] */
export const TABLE_ENTRIES_MAX = 100_000
/** Slots of a frame besides parameters, locals and operands. [STACK-1.1] */
export const FRAME_SLOTS = 16
/** Slots that a call of the host begins with. [STACK-1.2] */
export const STACK_SLOTS = 131_072

/** Fuel of each instruction by its opcode, apart from what it costs by length; those behind the prefix as `0xfc00 + number`. [FUEL-2.1] */
export const FUEL: ReadonlyMap<number, number> = new Map(
  costRows().flatMap(([first, last, fuel]) =>
    Array.from({ length: last - first + 1 }, (_, at) => [first + at, fuel] as const),
  ),
)

/** Rows such as `| 02-03 | … | 0 |`. */
function costRows(): (readonly [first: number, last: number, fuel: number])[] {
  const path = join(import.meta.dirname, '..', '..', 'protocol', 'spec', 'metering.md')
  const rows = readFileSync(path, 'utf8').matchAll(/^\| ([0-9a-f]+)(?:-([0-9a-f]+))? \| .* \| (\d+) \|$/gm)
  return [...rows].map(([, first = '', last = first, fuel]) => [parseInt(first, 16), parseInt(last, 16), Number(fuel)])
}
