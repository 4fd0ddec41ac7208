/**
 * From database columns to rows. Statements that read amounts return every integer as `bigint`; the others return numbers.
 * What is read was written by this program and passed the schema's types, so ids are not checked again.
 */
import type { DeviceId, JobId, OwnerName, Sha256Hex, SubmitterName } from '../../protocol/index.ts'
import type {
  AcceptedRow,
  AccountRow,
  ClaimRow,
  DeviceRow,
  DeviceStanding,
  ExclusionRow,
  JobRow,
  JobState,
  LeaseRow,
  LeaseState,
  OwnerRow,
  PassedOverRow,
  SubmitterRow,
  TransferKind,
  TransferPhase,
  TransferRow,
} from './rows.ts'
import { bigInt, blob, type Columns, int, nullable, real, text } from './sqlite-columns.ts'

/** A whole row of `claim`. */
export function claimRow(columns: Columns): ClaimRow {
  return {
    id: text(columns, 'id'),
    key: blob(columns, 'key'),
    owner: text(columns, 'owner') as OwnerName,
    expiresAtMs: int(columns, 'expires_at_ms'),
    usedBy: nullable(text, columns, 'used_by') as DeviceId | null,
  }
}

/** A whole row of `device`, read as bigint. */
export function deviceRow(columns: Columns): DeviceRow {
  return {
    id: text(columns, 'id') as DeviceId,
    publicKey: blob(columns, 'public_key'),
    owner: text(columns, 'owner') as OwnerName,
    label: text(columns, 'label'),
    standing: text(columns, 'standing') as DeviceStanding,
    standingReason: text(columns, 'standing_reason'),
    joinedAtMs: int(columns, 'joined_at_ms'),
    counter: int(columns, 'counter'),
    checksPassed: int(columns, 'checks_passed'),
    unitsAccepted: int(columns, 'units_accepted'),
    unitsRejected: int(columns, 'units_rejected'),
    leasesExpired: int(columns, 'leases_expired'),
    heldYoungMicro: bigInt(columns, 'held_young_micro'),
    heldOldMicro: bigInt(columns, 'held_old_micro'),
    heldWindow: int(columns, 'held_window'),
    statementSeq: int(columns, 'statement_seq'),
    decayedAtMs: int(columns, 'decayed_at_ms'),
    drainReason: nullable(text, columns, 'drain_reason'),
  }
}

/** A whole row of `submitter`. */
export function submitterRow(columns: Columns): SubmitterRow {
  return {
    name: text(columns, 'name') as SubmitterName,
    tokenHash: blob(columns, 'token_hash'),
    createdAtMs: int(columns, 'created_at_ms'),
  }
}

/** A whole row of `owner`. */
export function ownerRow(columns: Columns): OwnerRow {
  return {
    name: text(columns, 'name') as OwnerName,
    tokenHash: nullable(blob, columns, 'token_hash'),
    createdAtMs: int(columns, 'created_at_ms'),
  }
}

/** A row of `job` with its `spec`, read as bigint. */
export function jobRow(columns: Columns): JobRow {
  return {
    id: text(columns, 'id') as JobId,
    submitter: text(columns, 'submitter') as SubmitterName,
    ref: text(columns, 'ref'),
    spec: text(columns, 'spec'),
    state: text(columns, 'state') as JobState,
    reason: text(columns, 'reason'),
    createdAtMs: int(columns, 'created_at_ms'),
    finishedAtMs: nullable(int, columns, 'finished_at_ms'),
    units: int(columns, 'units'),
    gigafuelPriceMicro: bigInt(columns, 'gigafuel_price_micro'),
    feeBasisPoints: int(columns, 'fee_basis_points'),
    budgetMicro: bigInt(columns, 'budget_micro'),
    paidMicro: bigInt(columns, 'paid_micro'),
    feeMicro: bigInt(columns, 'fee_micro'),
    replicaMicro: bigInt(columns, 'replica_micro'),
    roundedNano: bigInt(columns, 'rounded_nano'),
    fuel: bigInt(columns, 'fuel'),
    failedUnits: int(columns, 'failed_units'),
    replicaLeases: int(columns, 'replica_leases'),
    speculativeLeases: int(columns, 'speculative_leases'),
    leases: int(columns, 'leases'),
    resultSha256: nullable(text, columns, 'result_sha256') as Sha256Hex | null,
    resultBytes: nullable(int, columns, 'result_bytes'),
    unitFuelLeast: nullable(int, columns, 'unit_fuel_least'),
    unitFuelGreatest: nullable(int, columns, 'unit_fuel_greatest'),
    billSha256: nullable(text, columns, 'bill_sha256') as Sha256Hex | null,
    billBytes: nullable(int, columns, 'bill_bytes'),
    expectedWrongUnits: real(columns, 'expected_wrong_units'),
  }
}

/** A row of `lease` with the ids of its job and device as `job_id` and `device_id`. */
export function leaseRow(columns: Columns): LeaseRow {
  return {
    id: int(columns, 'id'),
    job: text(columns, 'job_id') as JobId,
    device: text(columns, 'device_id') as DeviceId,
    firstUnit: int(columns, 'first_unit'),
    unitCount: int(columns, 'unit_count'),
    state: text(columns, 'state') as LeaseState,
    issuedAtMs: int(columns, 'issued_at_ms'),
    leaseMs: int(columns, 'lease_ms'),
    speculative: int(columns, 'speculative') === 1,
    placement: text(columns, 'placement'),
    digest: nullable(blob, columns, 'digest'),
    outputs: nullable(blob, columns, 'outputs'),
  }
}

/** A row of `exclusion` with the ids of its job and device as `job_id` and `device_id`. */
export function exclusionRow(columns: Columns): ExclusionRow {
  return {
    job: text(columns, 'job_id') as JobId,
    device: text(columns, 'device_id') as DeviceId,
    reason: text(columns, 'reason'),
    atMs: int(columns, 'at_ms'),
  }
}

/** A whole row of `passed_over`. */
export function passedOverRow(columns: Columns): PassedOverRow {
  return {
    scope: text(columns, 'scope'),
    kind: text(columns, 'kind'),
    reason: text(columns, 'reason'),
    times: int(columns, 'times'),
    firstAtMs: int(columns, 'first_at_ms'),
    lastAtMs: int(columns, 'last_at_ms'),
    untilMs: nullable(int, columns, 'until_ms'),
  }
}

/** A row of `accepted` without its outputs. */
export function acceptedRun(job: JobId, columns: Columns): Omit<AcceptedRow, 'outputs'> {
  return {
    job,
    firstUnit: int(columns, 'first_unit'),
    unitCount: int(columns, 'unit_count'),
    digest: blob(columns, 'digest'),
    solo: nullable(text, columns, 'solo') as DeviceId | null,
    fuel: int(columns, 'fuel'),
  }
}

/** A row of `accepted`. */
export function acceptedRow(job: JobId, columns: Columns): AcceptedRow {
  return { ...acceptedRun(job, columns), outputs: nullable(blob, columns, 'outputs') }
}

/** A whole row of `account`, read as bigint. */
export function accountRow(columns: Columns): AccountRow {
  return {
    id: text(columns, 'id'),
    debitsMicro: bigInt(columns, 'debits_micro'),
    creditsMicro: bigInt(columns, 'credits_micro'),
    debitsPendingMicro: bigInt(columns, 'debits_pending_micro'),
    creditsPendingMicro: bigInt(columns, 'credits_pending_micro'),
    remainder: Number(bigInt(columns, 'remainder')),
  }
}

/** A row of `transfer` with the ids of its accounts as `debit_id` and `credit_id`, read as bigint. */
export function transferRow(columns: Columns): TransferRow {
  return {
    id: text(columns, 'id'),
    kind: text(columns, 'kind') as TransferKind,
    phase: text(columns, 'phase') as TransferPhase,
    debit: text(columns, 'debit_id'),
    credit: text(columns, 'credit_id'),
    amountMicro: bigInt(columns, 'amount_micro'),
    purpose: text(columns, 'purpose'),
    pending: nullable(text, columns, 'pending'),
    timeoutMs: nullable(int, columns, 'timeout_ms'),
    atMs: int(columns, 'at_ms'),
  }
}
