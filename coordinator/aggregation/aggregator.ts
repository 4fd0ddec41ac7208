/** What every way of putting units' outputs together has in common. */
import { TaskError } from '../../protocol/index.ts'

/** Takes the next piece of an answer that is too long to be held in memory; the piece is the sink's to keep. */
export type AggregateSink = (chunk: Uint8Array) => void

/** One way of putting outputs together. Its callers keep count of the units. */
export interface Reducer {
  /** Whether units must come in ascending order. Where it is false, every order gives the same bytes. */
  readonly ordered: boolean
  /**
   * Takes the output of a unit; bytes are not kept beyond the call.
   * @throws {TaskError} `bad_output` with the unit and what was expected; nothing of the output has been taken then
   */
  add(unit: number, output: Uint8Array): void
  /** Takes note that a unit has no output. */
  skip(unit: number): void
  /** The end of the answer: what the sink has not got. */
  finish(): Uint8Array
}

/**
 * Refuses the output of a unit.
 * @param reason - "expected …, found …"
 * @throws {TaskError} `bad_output`, always
 */
export function refuseOutput(unit: number, reason: string): never {
  const message = `The output of unit ${unit} does not suit the job's aggregate: ${reason}.`
  throw new TaskError({ code: 'bad_output', unit, reason }, message)
}

/** A unit's own bytes as they fit a sentence: at most 32 of them, and none that a terminal or a log would act on. */
export function shownBytes(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 32))
  return JSON.stringify(text).replaceAll(/[^ -~]/g, '\u00b7') + (bytes.length > 32 ? '…' : '')
}
