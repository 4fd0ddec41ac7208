/** Adds up counts by key, such as the words of a text. */
import { fromUtf8, LIMITS, utf8 } from '../../protocol/index.ts'
import { type AggregateSink, type Reducer, refuseOutput, shownBytes } from './aggregator.ts'
import { ChunkWriter } from './chunks.ts'
import { sortByCodePoint } from './code-points.ts'

/** A machine number while it is a safe integer. */
type Count = number | bigint

const INTEGER = /^[+-]?[0-9]+$/
const MACHINE_DIGITS = 15
const LINES_AT_ONCE = 1_024

/**
 * Outputs are lines `key<TAB>integer`; a key may repeat. The answer has one line per key with the exact sum of its integers, in the
 * order of the keys' UTF-8 bytes. Keys are UTF-8 without tab and newline, compared as they are.
 */
export class MergeMap implements Reducer {
  readonly ordered = false
  readonly #sink: AggregateSink
  readonly #counts = new Map<string, Count>()

  constructor(sink: AggregateSink) {
    this.#sink = sink
  }

  add(unit: number, output: Uint8Array): void {
    const counts = readCounts(unit, output)
    this.#checkRoom(unit, counts)
    for (const [key, count] of counts) {
      const sum = this.#counts.get(key)
      if (sum !== undefined) this.#counts.set(key, plus(sum, count))
      // A key cut out of the output would keep the whole output in memory, so a new one is copied.
      else this.#counts.set(fromUtf8(utf8(key)), count)
    }
  }

  skip(): void {}

  finish(): Uint8Array {
    const chunks = new ChunkWriter(this.#sink)
    const keys = sortByCodePoint([...this.#counts.keys()])
    for (let at = 0; at < keys.length; at += LINES_AT_ONCE) {
      const lines = keys.slice(at, at + LINES_AT_ONCE).map(key => `${key}\t${this.#counts.get(key)}\n`)
      chunks.write(utf8(lines.join('')))
    }
    return chunks.rest()
  }

  #checkRoom(unit: number, counts: ReadonlyMap<string, Count>): void {
    const limit = LIMITS.mergeMapKeysMax
    if (this.#counts.size + counts.size <= limit) return
    let keys = this.#counts.size
    for (const key of counts.keys()) if (!this.#counts.has(key)) keys++
    if (keys > limit) refuseOutput(unit, `expected at most ${limit} different keys in the whole job, found ${keys}`)
  }
}

/** The counts of one unit. */
function readCounts(unit: number, output: Uint8Array): Map<string, Count> {
  const text = readText(unit, output)
  const counts = new Map<string, Count>()
  let start = 0
  for (let line = 1; start < text.length; line++) {
    const newline = text.indexOf('\n', start)
    const end = newline < 0 ? text.length : newline
    readLine(unit, line, text.slice(start, end), counts)
    start = end + 1
  }
  return counts
}

function readText(unit: number, output: Uint8Array): string {
  try {
    return fromUtf8(output)
  } catch {
    refuseOutput(unit, `expected lines of UTF-8 text, found other bytes, beginning with ${shownBytes(output)}`)
  }
}

function readLine(unit: number, number: number, line: string, counts: Map<string, Count>): void {
  const tab = line.indexOf('\t')
  const digits = line.slice(tab + 1)
  if (tab < 0 || !INTEGER.test(digits)) {
    refuseOutput(
      unit,
      `expected lines of a key, a tab and an integer, found ${shownBytes(utf8(line))} in line ${number}`,
    )
  }
  if (digits.length > LIMITS.mergeMapDigitsMax) {
    refuseOutput(
      unit,
      `expected integers of at most ${LIMITS.mergeMapDigitsMax} characters, found a longer one in line ${number}`,
    )
  }
  const key = line.slice(0, tab)
  if (key.length * 3 > LIMITS.mergeMapKeyBytesMax && utf8(key).length > LIMITS.mergeMapKeyBytesMax) {
    refuseOutput(
      unit,
      `expected keys of at most ${LIMITS.mergeMapKeyBytesMax} bytes, found a longer one in line ${number}`,
    )
  }
  const count = digits.length <= MACHINE_DIGITS ? Number(digits) + 0 : BigInt(digits)
  const sum = counts.get(key)
  counts.set(key, sum === undefined ? count : plus(sum, count))
}

function plus(a: Count, b: Count): Count {
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a + b)) return a + b
  return BigInt(a) + BigInt(b)
}
