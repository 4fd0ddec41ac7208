/** Works every answer out again, and asks of every wrong unit how it came to be accepted. */
import { createHash } from 'node:crypto'
import type { JobRow } from '../../coordinator/store/index.ts'
import { decodeOutputs, encodeOutputs, equalBytes, sha256Hex, toHex, type UnitOutcome } from '../../protocol/index.ts'
import type { Coordinator } from '../actors/coordinator.ts'
import { answerOf, rightOutcomes } from '../actors/draw-job.ts'
import type { Order } from '../actors/sim-submitter.ts'
import { demand } from './broken.ts'

/** Who may be behind a wrong answer. */
export interface Suspects {
  /** Ids of devices that hand in wrong answers which look right. */
  readonly cheats: ReadonlySet<string>
  /** Devices that were paid, by run: `job/first+count`. */
  readonly paid: ReadonlyMap<string, ReadonlySet<string>>
}

/** Why a job may have failed. */
const EXCUSES = [/budget/, /deadline/i, /unit \d+|trap|ended without|failed/i, /without a result/]

/**
 * Checks how one order ended.
 * @returns units that were accepted wrongly
 * @throws {Broken}
 */
export function judgeOrder(coordinator: Coordinator, order: Order, row: JobRow, suspects: Suspects): number {
  demand(
    row.state === 'done' || row.state === 'failed' || row.state === 'cancelled',
    'not ended',
    () => `Job ${row.id} is ${row.state}.`,
  )
  demand(row.units === order.drawn.units, 'units', () => `Job ${row.id} has ${row.units} units.`)
  demand(
    row.state !== 'cancelled' || order.cancelAsked,
    'cancelled',
    () => `Job ${row.id} was cancelled and nobody asked for it.`,
  )
  if (row.state === 'failed') judgeFailure(order, row)
  if (row.state !== 'done') return 0
  const right = rightOutcomes(order.drawn)
  const accepted: UnitOutcome[] = []
  let wrongUnits = 0
  for (const run of coordinator.store.acceptedOutputs(row.id)) {
    const { firstUnit, unitCount } = run
    const bytes = run.outputs ?? coordinator.blobs.read(sha256Hex(toHex(run.digest)))
    accepted.push(...decodeOutputs(bytes, unitCount))
    const expected = right.slice(firstUnit, firstUnit + unitCount)
    if (equalBytes(bytes, encodeOutputs(expected))) continue
    wrongUnits += unitCount
    const paid = [...(suspects.paid.get(`${row.id}/${firstUnit}+${unitCount}`) ?? [])]
    demand(
      paid.length > 0 && paid.every(device => suspects.cheats.has(device)),
      'wrong answer',
      () => `Units ${firstUnit}+${unitCount} of job ${row.id} are wrong and ${paid.join(', ') || 'nobody'} was paid.`,
    )
  }
  const answer = answerOf(order.drawn, accepted)
  const digest = createHash('sha256').update(answer).digest('hex')
  demand(digest === row.resultSha256, 'aggregate', () => `The answer of job ${row.id} is not what its units add up to.`)
  return wrongUnits
}

function judgeFailure({ drawn }: Order, { id, reason }: JobRow): void {
  demand(
    EXCUSES.some(excuse => excuse.test(reason)),
    'failed',
    () => `Job ${id} failed, and this is no reason: ${reason}`,
  )
  const isDeadline = /deadline/i.test(reason)
  demand(!isDeadline || drawn.deadlineMs !== null, 'failed', () => `Job ${id} has no deadline: ${reason}`)
}
