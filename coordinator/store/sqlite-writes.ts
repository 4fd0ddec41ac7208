import type { DatabaseSync } from 'node:sqlite'
import { BulkInsert } from './bulk-insert.ts'
import type { AllRowNumbers } from './row-numbers.ts'
import type { AccountRow, ClaimRow, DeviceRow, JobRow, OwnerRow, PassedOverRow, SubmitterRow } from './rows.ts'
import { SqliteLeases } from './sqlite-leases.ts'
import { type ColumnsOf, insert, upsert, upsertFields, upsertNumbered } from './sqlite-upsert.ts'

const CLAIM: ColumnsOf<ClaimRow> = {
  id: 'id',
  key: 'key',
  owner: 'owner',
  expiresAtMs: 'expires_at_ms',
  usedBy: 'used_by',
}

const DEVICE: ColumnsOf<DeviceRow> = {
  id: 'id',
  publicKey: 'public_key',
  owner: 'owner',
  label: 'label',
  standing: 'standing',
  standingReason: 'standing_reason',
  joinedAtMs: 'joined_at_ms',
  counter: 'counter',
  checksPassed: 'checks_passed',
  unitsAccepted: 'units_accepted',
  unitsRejected: 'units_rejected',
  leasesExpired: 'leases_expired',
  heldYoungMicro: 'held_young_micro',
  heldOldMicro: 'held_old_micro',
  heldWindow: 'held_window',
  statementSeq: 'statement_seq',
  decayedAtMs: 'decayed_at_ms',
  drainReason: 'drain_reason',
}

const SUBMITTER: ColumnsOf<SubmitterRow> = { name: 'name', tokenHash: 'token_hash', createdAtMs: 'created_at_ms' }

const OWNER: ColumnsOf<OwnerRow> = { name: 'name', tokenHash: 'token_hash', createdAtMs: 'created_at_ms' }

const JOB: ColumnsOf<Omit<JobRow, 'spec'>> = {
  id: 'id',
  submitter: 'submitter',
  ref: 'ref',
  state: 'state',
  reason: 'reason',
  createdAtMs: 'created_at_ms',
  finishedAtMs: 'finished_at_ms',
  units: 'units',
  gigafuelPriceMicro: 'gigafuel_price_micro',
  feeBasisPoints: 'fee_basis_points',
  budgetMicro: 'budget_micro',
  paidMicro: 'paid_micro',
  feeMicro: 'fee_micro',
  replicaMicro: 'replica_micro',
  roundedNano: 'rounded_nano',
  fuel: 'fuel',
  failedUnits: 'failed_units',
  replicaLeases: 'replica_leases',
  speculativeLeases: 'speculative_leases',
  leases: 'leases',
  resultSha256: 'result_sha256',
  resultBytes: 'result_bytes',
  unitFuelLeast: 'unit_fuel_least',
  unitFuelGreatest: 'unit_fuel_greatest',
  billSha256: 'bill_sha256',
  billBytes: 'bill_bytes',
  expectedWrongUnits: 'expected_wrong_units',
}

const ACCOUNT: ColumnsOf<AccountRow> = {
  id: 'id',
  debitsMicro: 'debits_micro',
  creditsMicro: 'credits_micro',
  debitsPendingMicro: 'debits_pending_micro',
  creditsPendingMicro: 'credits_pending_micro',
  remainder: 'remainder',
}

const PASSED_OVER: ColumnsOf<PassedOverRow> = {
  scope: 'scope',
  kind: 'kind',
  reason: 'reason',
  times: 'times',
  firstAtMs: 'first_at_ms',
  lastAtMs: 'last_at_ms',
  untilMs: 'until_ms',
}

const ACCEPTED_KEY = ['job', 'first_unit']
const ACCEPTED = ['job', 'first_unit', 'unit_count', 'digest', 'outputs', 'solo', 'fuel']
const TRANSFER = ['id', 'kind', 'debit', 'credit', 'amount_micro', 'purpose', 'at_ms', 'phase', 'pending', 'timeout_ms']

/** The statements that change rows. Those that name other rows by number take their columns in the order above. */
export function prepareWrites(db: DatabaseSync, numbers: AllRowNumbers) {
  return {
    meta: upsert(db, 'meta', ['key'], ['key', 'value']),
    claim: upsertFields(db, 'claim', ['id'], CLAIM),
    device: upsertNumbered(db, numbers, 'device', DEVICE),
    submitter: upsertFields(db, 'submitter', ['name'], SUBMITTER),
    owner: upsertFields(db, 'owner', ['name'], OWNER),
    job: upsertNumbered(db, numbers, 'job', JOB),
    jobSpec: insert(db, 'job_spec', ['job', 'spec']),
    account: upsertFields(db, 'account', ['id'], ACCOUNT),
    lease: new SqliteLeases(db, numbers),
    exclusion: upsert(db, 'exclusion', ['job', 'device'], ['job', 'device', 'reason', 'at_ms']),
    passedOver: upsertFields(db, 'passed_over', ['scope', 'kind'], PASSED_OVER),
    accepted: new BulkInsert(db, 'accepted', ACCEPTED_KEY, ACCEPTED),
    acceptedDelete: db.prepare(
      'DELETE FROM accepted WHERE job = ?1 AND first_unit >= ?2 AND first_unit < ?3 AND first_unit + unit_count <= ?3',
    ),
    transfer: new BulkInsert(db, 'transfer', null, TRANSFER),
  }
}
