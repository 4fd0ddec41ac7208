import {
  type Grant,
  type JobId,
  type LeaseTask,
  LIMITS,
  METERING_VERSION,
  type RunInput,
  utf8,
} from '../../protocol/index.ts'
import type { GrantEffect } from '../batch.ts'
import type { PreparedJob } from '../jobs/job.ts'

/** Room left in a frame for its signature and its heads. */
const FRAME_MARGIN_BYTES = 1_024
/** A grant with its numbers at their largest and a part of a blob takes 112 bytes, a task without its texts 103. */
const GRANT_HEAD_BYTES = 112
const TASK_HEAD_BYTES = 128
const TEXT_HEAD_BYTES = 3

/** Grants of one lease message, each job's task named once. */
export class LeaseFrame {
  readonly tasks: LeaseTask[] = []
  readonly grants: Grant[] = []
  private readonly taskIndex = new Map<JobId, number>()
  private bytes = 0

  hasRoom(prepared: PreparedJob, input: RunInput): boolean {
    if (this.grants.length === 0) return true
    const task = this.taskIndex.has(prepared.id) ? 0 : taskBytes(leaseTask(prepared))
    const bytes = this.bytes + task + grantBytes(input)
    return this.grants.length < LIMITS.grantsPerFrameMax && bytes < LIMITS.frameBytesMax - FRAME_MARGIN_BYTES
  }

  add(effect: GrantEffect, prepared: PreparedJob, input: RunInput): void {
    let task = this.taskIndex.get(effect.job)
    if (task === undefined) {
      const stated = leaseTask(prepared)
      task = this.tasks.push(stated) - 1
      this.taskIndex.set(effect.job, task)
      this.bytes += taskBytes(stated)
    }
    const { leaseId, firstUnit, unitCount, leaseMs } = effect
    this.grants.push({ leaseId, task, firstUnit, unitCount, leaseMs, input })
    this.bytes += grantBytes(input)
  }
}

const grantBytes = (input: RunInput): number => GRANT_HEAD_BYTES + (input?.kind === 'inline' ? input.bytes.length : 0)

function taskBytes({ args, cut }: LeaseTask): number {
  const texts = args.reduce((sum, arg) => sum + utf8(arg).length + TEXT_HEAD_BYTES, 0)
  return TASK_HEAD_BYTES + texts + (cut.kind === 'records' ? cut.delimiter.length : 0)
}

function leaseTask(prepared: PreparedJob): LeaseTask {
  const { id, spec, plan, module, moduleBytes, abi, memoryPagesMax } = prepared
  const { unitTimeoutMs, unitFuelMax, args } = spec.task
  const metering = METERING_VERSION
  return {
    job: id,
    module,
    moduleBytes,
    abi,
    memoryPagesMax,
    unitTimeoutMs,
    metering,
    unitFuelMax,
    args: [...args],
    cut: plan.cut,
  }
}
