/** What the module of `examples/noop` answers, without running it. */
import { createHash } from 'node:crypto'
import { encodeOutputs, type Grant, type LeaseTask, type UnitOutcome, utf8 } from '../../protocol/index.ts'

const OUTPUT_BYTES = 32
/** Invented: the outputs are the module's, the fuel is not, so that only jobs that trust single answers take them. */
const UNIT_FUEL = 100

/**
 * Outputs and digest of a granted run.
 * @throws {Error} unless the job splits a range
 */
export function noopOutputs(grant: Grant, task: LeaseTask): { outputs: Uint8Array; digest: Uint8Array } {
  const { cut } = task
  if (cut.kind !== 'range') throw new Error(`The load generator works on ranges, not on ${cut.kind}.`)
  const outcomes = Array.from({ length: grant.unitCount }, (_, i): UnitOutcome => {
    const from = cut.from + (grant.firstUnit + i) * cut.chunk
    const bytes = new Uint8Array(OUTPUT_BYTES)
    bytes.set(utf8(`${from} ${Math.min(cut.to, from + cut.chunk)}\n`).subarray(0, OUTPUT_BYTES))
    return { fuel: UNIT_FUEL, kind: 'ok', bytes }
  })
  const outputs = encodeOutputs(outcomes)
  return { outputs, digest: new Uint8Array(createHash('sha256').update(outputs).digest()) }
}
