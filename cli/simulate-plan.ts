/** Runs a plan with its progress on standard error, and prints what it comes to. */
import type { Plan } from '../simulation/plan/index.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import type { Io } from './io.ts'
import type { Output } from './output.ts'
import { planFacts } from './plan-words.ts'
import { formatCounted } from './terminal/format.ts'
import { ProgressLine } from './terminal/progress.ts'
import { factLines } from './terminal/table.ts'

const REDRAW_MS = 200

/** @throws {Error} when the region refuses the job, with its sentence */
export async function simulatePlan(plan: Plan, { io, out }: { io: Io; out: Output }): Promise<ExitCode> {
  const { runPlan } = await import('../simulation/plan/index.ts')
  const size = `${formatCounted(plan.devices, 'device')} and ${formatCounted(plan.units, 'unit')}`
  out.note(`Simulating ${size} with seed ${plan.seed}. Times and rates are virtual.`)
  const line = new ProgressLine(io)
  let drawnMs = Number.NEGATIVE_INFINITY
  const answer = await runPlan(plan, {
    isStopped: () => io.stop.aborted,
    onStep: progress => {
      const nowMs = io.clock.monotonicMs()
      if (nowMs - drawnMs < REDRAW_MS) return
      drawnMs = nowMs
      line.update(progress())
    },
  }).finally(() => line.clear())
  if (answer === null) {
    out.note('Stopped before the job was over, so there are no figures.')
    return EXIT.interrupted
  }
  out.result(answer, style => factLines(planFacts(answer), style))
  if (answer.state === 'done') return EXIT.ok
  out.note(`The job was not done: ${answer.reason} The figures are of what was done of it.`)
  return EXIT.jobFailed
}
