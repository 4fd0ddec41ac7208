import type { JobRow } from '../store/rows.ts'
import type { PreparedJob } from './job.ts'

/** The row of a job that has just been taken: nothing leased, nothing paid. Amounts in micro-credits, times in wall milliseconds. */
export function newRow(
  prepared: PreparedJob,
  submitter: JobRow['submitter'],
  {
    gigafuelPriceMicro,
    feeBasisPoints,
    budgetMicro,
  }: Pick<JobRow, 'gigafuelPriceMicro' | 'feeBasisPoints' | 'budgetMicro'>,
  nowMs: number,
): JobRow {
  return {
    id: prepared.id,
    submitter,
    ref: prepared.ref,
    spec: prepared.specJson,
    state: 'running',
    reason: '',
    createdAtMs: nowMs,
    finishedAtMs: null,
    units: prepared.plan.units,
    gigafuelPriceMicro,
    feeBasisPoints,
    budgetMicro,
    paidMicro: 0n,
    feeMicro: 0n,
    replicaMicro: 0n,
    roundedNano: 0n,
    fuel: 0n,
    failedUnits: 0,
    replicaLeases: 0,
    speculativeLeases: 0,
    leases: 0,
    resultSha256: null,
    resultBytes: null,
    unitFuelLeast: null,
    unitFuelGreatest: null,
    billSha256: null,
    billBytes: null,
    expectedWrongUnits: 0,
  }
}
