import {
  type Grant,
  type JobId,
  jobId,
  type LeaseMessage,
  type LeaseTask,
  METERING_VERSION,
  sha256Hex,
} from '../../../protocol/index.ts'

export const JOB: JobId = jobId('a'.repeat(16))
export const MODULE = sha256Hex('ab'.repeat(32))
export const MODULE_BYTES = new Uint8Array([0, 0x61, 0x73, 0x6d])

/** A task whose units are numbers of a range, ten each. */
export const TASK: LeaseTask = {
  job: JOB,
  module: MODULE,
  moduleBytes: MODULE_BYTES.length,
  abi: 'wasi',
  memoryPagesMax: 16,
  unitTimeoutMs: 1_000,
  metering: METERING_VERSION,
  unitFuelMax: 1_000_000_000,
  args: ['--fast'],
  cut: { kind: 'range', from: 0, to: 1_000_000, chunk: 10 },
}

export function grant(leaseId: number, partial: Partial<Grant> = {}): Grant {
  return { leaseId, task: 0, firstUnit: leaseId * 10, unitCount: 2, leaseMs: 60_000, input: null, ...partial }
}

export function leases(session: number, ...grants: Grant[]): LeaseMessage {
  return { session, tasks: [TASK], grants }
}
