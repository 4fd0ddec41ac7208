import type { DatabaseSync } from 'node:sqlite'
import { BulkInsert } from './bulk-insert.ts'
import type { AccountRow, ClaimRow, DeviceRow, JobRow, OwnerRow, SubmitterRow } from './rows.ts'
import { type ColumnsOf, insertSql, upsert, upsertSql } from './sqlite-upsert.ts'

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
}

const LEASE = [
  'id',
  'job',
  'device',
  'first_unit',
  'unit_count',
  'state',
  'issued_at_ms',
  'lease_ms',
  'speculative',
  'placement',
  'digest',
  'outputs',
]
const ACCEPTED_KEY = ['job', 'first_unit']
const ACCEPTED = ['job', 'first_unit', 'unit_count', 'digest', 'outputs', 'solo', 'fuel']
const TRANSFER = ['id', 'kind', 'debit', 'credit', 'amount_micro', 'purpose', 'at_ms', 'phase', 'pending', 'timeout_ms']

/** The statements that change rows. Those that name other rows by number take their columns in the order above. */
export function prepareWrites(db: DatabaseSync) {
  return {
    meta: db.prepare(upsertSql('meta', ['key'], ['key', 'value'])),
    claim: upsert(db, 'claim', ['id'], CLAIM),
    device: upsert(db, 'device', ['id'], DEVICE),
    submitter: upsert(db, 'submitter', ['name'], SUBMITTER),
    owner: upsert(db, 'owner', ['name'], OWNER),
    job: upsert(db, 'job', ['id'], JOB),
    jobSpec: db.prepare(insertSql('job_spec', ['job', 'spec'])),
    account: upsert(db, 'account', ['id'], ACCOUNT),
    lease: new BulkInsert(db, LEASE.length, rows => upsertSql('lease', ['id'], LEASE, rows)),
    leaseState: db.prepare('UPDATE lease SET state = ?, digest = ?, outputs = ? WHERE id = ?'),
    exclusion: db.prepare(upsertSql('exclusion', ['job', 'device'], ['job', 'device', 'reason', 'at_ms'])),
    accepted: new BulkInsert(db, ACCEPTED.length, rows => upsertSql('accepted', ACCEPTED_KEY, ACCEPTED, rows)),
    acceptedDelete: db.prepare(
      'DELETE FROM accepted WHERE job = ?1 AND first_unit >= ?2 AND first_unit < ?3 AND first_unit + unit_count <= ?3',
    ),
    transfer: new BulkInsert(db, TRANSFER.length, rows => insertSql('transfer', TRANSFER, rows)),
  }
}
