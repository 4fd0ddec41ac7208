import { LIMITS } from '../../protocol/limits.ts'
import { encodeOutputs, type UnitOutcome } from '../../protocol/messages/index.ts'
import { type InspectRequest, PROGRESS_INTERVAL_MS, type RunRequestFrame, type SandboxReply } from './ipc.ts'
import { programArguments } from './program-arguments.ts'
import type { Task } from './task.ts'

/** Longest head of one element of the outputs: its array, fuel, number and exit code, or the head of its bytes. */
const ELEMENT_HEAD_BYTES = 16

/**
 * Runs the units of a lease in order.
 * @param monotonicMs - for progress and the time taken; a task never sees it
 * @param report - takes the progress replies
 * @returns `done`, or `overflow` when the outputs pass {@link LIMITS}.leaseOutputBytesMax
 * @throws {HostTrouble}
 */
export function runUnits(
  task: Task,
  request: RunRequestFrame,
  monotonicMs: () => number,
  report: (reply: SandboxReply) => void,
): SandboxReply {
  const { job, firstUnit, unitFuelMax } = request
  const args = programArguments(request.args)
  const outcomes: UnitOutcome[] = []
  const startMs = monotonicMs()
  let reportedMs = startMs
  let bytes = ELEMENT_HEAD_BYTES
  for (const [index, input] of request.inputs.entries()) {
    const outcome = task.run({ job, number: firstUnit + index, args, input }, unitFuelMax)
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

/**
 * Runs one unit for its developer.
 * @throws {HostTrouble}
 */
export function inspectUnit(task: Task, request: InspectRequest, monotonicMs: () => number): SandboxReply {
  const { job, firstUnit, input, unitFuelMax, profile } = request
  const startMs = monotonicMs()
  const unit = { job, number: firstUnit, args: programArguments(request.args), input }
  const seen = task.inspect(unit, unitFuelMax, { profile })
  return {
    kind: 'inspected',
    outputs: encodeOutputs([seen.outcome]),
    elapsedMs: Math.round(monotonicMs() - startMs),
    stderr: seen.stderr,
    trace: seen.trace,
    profile: seen.profile.flatMap(({ index, fuel }) => (fuel === 0 ? [] : [index, fuel])),
  }
}
