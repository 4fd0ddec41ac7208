import { LIMITS } from '../../protocol/limits.ts'
import { encodeOutputs, type UnitOutcome } from '../../protocol/messages/index.ts'
import { PROGRESS_INTERVAL_MS, type RunRequestFrame, type SandboxReply } from './ipc.ts'
import { programArguments, type Task } from './task.ts'
import { UnitRandom } from './unit-random.ts'

/** Longest head of one element of the outputs. */
const ELEMENT_HEAD_BYTES = 7

/**
 * Runs the units of a lease in order.
 * @param monotonicMs - for progress and the time taken; a task never sees it
 * @param report - takes the progress replies
 * @returns `done`, or `overflow` when the outputs pass {@link LIMITS}.leaseOutputBytesMax
 */
export function runUnits(
  task: Task,
  request: RunRequestFrame,
  monotonicMs: () => number,
  report: (reply: SandboxReply) => void,
): SandboxReply {
  const args = programArguments(request.args)
  const outcomes: UnitOutcome[] = []
  const startMs = monotonicMs()
  let reportedMs = startMs
  let bytes = ELEMENT_HEAD_BYTES
  for (const [index, input] of request.inputs.entries()) {
    const outcome = task.run(args, input, new UnitRandom(request.job, request.firstUnit + index))
    outcomes.push(outcome)
    bytes += ELEMENT_HEAD_BYTES + (outcome.kind === 'ok' ? outcome.bytes.length : 0)
    if (bytes > LIMITS.leaseOutputBytesMax) return { kind: 'overflow', index }
    const nowMs = monotonicMs()
    if (nowMs - reportedMs >= PROGRESS_INTERVAL_MS) {
      reportedMs = nowMs
      report({ kind: 'progress', index: index + 1 })
    }
  }
  return { kind: 'done', outputs: encodeOutputs(outcomes), elapsedMs: Math.round(monotonicMs() - startMs) }
}
