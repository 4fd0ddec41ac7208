/**
 * What second looks found to be wrong in jobs that are done, and what is right instead. A job's answer stays as it was given, so this is kept
 * beside it, a note for each dispute: the units exactly, and the right outputs while they are small.
 */
import { createHash } from 'node:crypto'
import { LIMITS, toBase64, toHex, type UnitOutcome } from '../../protocol/index.ts'
import type { Store, Write } from '../store/rows.ts'
import { UnitRanges } from './unit-ranges.ts'

/** What one unit comes to, as people and programs outside read it. */
export interface RightOutcome {
  unit: number
  outcome: 'ok' | 'trap' | 'exit' | 'out_of_fuel'
  fuel: number
  /** What it trapped on, or the code that it ended with; absent for the others. */
  detail?: string
  /** Of an output: its length and its SHA-256 in hex. */
  bytes?: number
  sha256?: string
  /** The output itself, when there was room for it. */
  base64?: string
}

/** What one second look found. */
export interface Correction {
  readonly wrong: UnitRanges
  /** Of the first of the wrong units, in order. */
  readonly right: readonly RightOutcome[]
}

/** Units whose right outcome is kept; of the others only that they are wrong. */
export const RIGHT_UNITS_MAX = 256
/** Outputs of a note together: about what an answer may have inside a reply. */
const RIGHT_BYTES_MAX = LIMITS.inlineBytesMax
/** Ranges of a note. What is beyond them is named as one range, the right units between them included. */
const RANGES_MAX = 4_096

const keyOf = (dispute: string): string => `wrong/${dispute}`

/**
 * Keeps what a second look found.
 * @param wrong - at least one unit, in order
 */
export function noteCorrection(
  dispute: string,
  wrong: readonly { readonly unit: number; readonly right: UnitOutcome }[],
): Write {
  const note = { wrong: rangesOf(wrong.map(({ unit }) => unit)), right: rightOf(wrong.slice(0, RIGHT_UNITS_MAX)) }
  return { table: 'meta', key: keyOf(dispute), value: JSON.stringify(note) }
}

/** What a dispute's second look found to be wrong; null when it found nothing, or was taken before such notes were kept. */
export function correctionOf(store: Pick<Store, 'meta'>, dispute: string): Correction | null {
  const text = store.meta(keyOf(dispute))
  if (text === null) return null
  const { wrong: edges, right } = JSON.parse(text) as { wrong: number[]; right: RightOutcome[] }
  const wrong = new UnitRanges()
  for (let i = 0; i < edges.length; i += 2) wrong.add(edges[i] ?? 0, edges[i + 1] ?? 0)
  return { wrong, right }
}

/** First unit and number of units of each range, one after the other. */
function rangesOf(units: readonly number[]): number[] {
  const ranges = new UnitRanges()
  for (const unit of units) ranges.add(unit, 1)
  const all = [...ranges]
  const beyond = all[RANGES_MAX - 1]
  const last = all.at(-1)
  const kept = all.slice(0, RANGES_MAX - 1)
  if (beyond && last) kept.push({ first: beyond.first, count: last.first + last.count - beyond.first })
  return kept.flatMap(({ first, count }) => [first, count])
}

function rightOf(wrong: readonly { readonly unit: number; readonly right: UnitOutcome }[]): RightOutcome[] {
  let bytesLeft = RIGHT_BYTES_MAX
  return wrong.map(({ unit, right }): RightOutcome => {
    const { kind, fuel } = right
    if (kind === 'trap') return { unit, outcome: kind, fuel, detail: right.trap }
    if (kind === 'exit') return { unit, outcome: kind, fuel, detail: `${right.code}` }
    if (kind === 'out_of_fuel') return { unit, outcome: kind, fuel }
    const bytes = right.bytes.length
    const output = {
      unit,
      outcome: kind,
      fuel,
      bytes,
      sha256: toHex(createHash('sha256').update(right.bytes).digest()),
    }
    if (bytes > bytesLeft) return output
    bytesLeft -= bytes
    return { ...output, base64: toBase64(right.bytes) }
  })
}
