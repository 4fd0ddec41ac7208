/**
 * After a disagreement only the differing units are worth redoing: the run is cut where the pattern of agreement between
 * its votes changes, and each piece is then decided by itself.
 */
import { createHash } from 'node:crypto'
import { checkOutputs, decodeOutputs, sliceOutputs, type UnitOutcome } from '../../protocol/index.ts'
import { createRun, type Run, type Vote } from './job.ts'

/** More pieces than this and the run is redone whole: a liar must not be able to turn one run into thousands of rows. */
const PIECES_MAX = 64

/**
 * The pieces of a run whose votes differ, in order and covering it exactly; the run itself when it cannot be cut.
 * Votes and leases of the run are attached to every piece.
 */
export function splitRun(run: Run): Run[] {
  const decoded = run.votes.map(vote => decodeOutputs(vote.outputs, run.count))
  const cuts: number[] = []
  let previous = ''
  for (let unit = 0; unit < run.count; unit++) {
    const pattern = agreement(decoded.map(outcomes => outcomes[unit] as UnitOutcome))
    if (pattern !== previous) cuts.push(unit)
    previous = pattern
  }
  if (cuts.length < 2 || cuts.length > PIECES_MAX) return [run]
  return cuts.map((from, index) => piece(run, from, (cuts[index + 1] ?? run.count) - from))
}

/** `count` units of a run starting `from` units into it, with its leases and that part of its votes. */
export function piece(run: Run, from: number, count: number): Run {
  const part = createRun(run.first + from, count)
  part.leases = new Set(run.leases)
  part.votes = run.votes.map(vote => sliceVote(vote, from, count))
  return part
}

/** The part of a vote that covers `count` units starting `from` units into it. */
export function sliceVote(vote: Vote, from: number, count: number): Vote {
  const outputs = sliceOutputs(vote.outputs, from, count)
  const digest = createHash('sha256').update(outputs).digest('hex')
  const { failed, fuel } = checkOutputs(outputs, count)
  return { lease: vote.lease, outputs, isBlob: false, failedUnits: failed, fuel, digest }
}

/** Which votes agree on a unit, such as `0,1,0` when the second stands alone. */
function agreement(outcomes: readonly UnitOutcome[]): string {
  const seen: UnitOutcome[] = []
  return outcomes
    .map(outcome => {
      const known = seen.findIndex(other => isSameOutcome(other, outcome))
      return known >= 0 ? known : seen.push(outcome) - 1
    })
    .join()
}

/** Whether two units came to the same and burned the same. Bytes are compared where they lie: there may be sixteen million of them. */
export function isSameOutcome(a: UnitOutcome, b: UnitOutcome): boolean {
  if (a.fuel !== b.fuel) return false
  if (a.kind === 'ok') return b.kind === 'ok' && Buffer.compare(a.bytes, b.bytes) === 0
  if (a.kind === 'trap') return b.kind === 'trap' && a.trap === b.trap
  if (a.kind === 'exit') return b.kind === 'exit' && a.code === b.code
  return b.kind === 'out_of_fuel'
}
