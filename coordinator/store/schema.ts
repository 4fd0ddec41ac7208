import { PASSED_OVER_STEP } from './schema-passed-over.ts'
import { SETTLEMENT_STEP } from './schema-settlement.ts'

/** Tables that had no sums of their rows before the seventh step. */
const WITHOUT_SUMS = (
  'accepted campaign checkpoint claim device dispute epoch exclusion floor frame hold job judgement lease meta owner peer ' +
  'place sensor submitter'
).split(' ')

/**
 * The coordinator's database, one step per version. A file at version n has had the first n steps applied; a step that
 * has shipped never changes, so every older file can be brought forward.
 *
 * Tables of `SUMMED_TABLES` have a column `sum`. Once all steps have been applied every row whose sum is empty is given its own, so a
 * step that changes such a table, or its rows, empties the sums.
 *
 * Jobs, devices and accounts have short numbers of their own (`no`), because leases, accepted runs and transfers name them
 * millions of times: against the text ids this measured 1.4 times the writes a second and 0.7 times the file. Sensors,
 * profiles and campaigns have them for the sake of frames and judgements.
 */
export const SCHEMA_STEPS: readonly string[] = [
  `
  CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE claim (
    id TEXT PRIMARY KEY,
    key BLOB NOT NULL,
    owner TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    used_by TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE device (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    public_key BLOB NOT NULL,
    owner TEXT NOT NULL,
    label TEXT NOT NULL,
    standing TEXT NOT NULL,
    standing_reason TEXT NOT NULL,
    joined_at_ms INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    checks_passed INTEGER NOT NULL,
    units_accepted INTEGER NOT NULL,
    units_rejected INTEGER NOT NULL,
    leases_expired INTEGER NOT NULL,
    held_young_micro INTEGER NOT NULL,
    held_old_micro INTEGER NOT NULL,
    held_window INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE submitter (
    name TEXT PRIMARY KEY,
    token_hash BLOB NOT NULL,
    created_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE job (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    submitter TEXT NOT NULL,
    ref TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    finished_at_ms INTEGER,
    units INTEGER NOT NULL,
    price_micro INTEGER NOT NULL,
    budget_micro INTEGER NOT NULL,
    paid_micro INTEGER NOT NULL,
    fee_micro INTEGER NOT NULL,
    failed_units INTEGER NOT NULL,
    replica_leases INTEGER NOT NULL,
    speculative_leases INTEGER NOT NULL,
    leases INTEGER NOT NULL,
    result_sha256 TEXT,
    result_bytes INTEGER
  ) STRICT;
  CREATE INDEX job_by_submitter ON job (submitter);
  CREATE INDEX job_by_state ON job (state);

  -- Apart, because a job's counters change often and its specification may be large.
  CREATE TABLE job_spec (
    job INTEGER PRIMARY KEY REFERENCES job (no),
    spec TEXT NOT NULL
  ) STRICT;

  CREATE TABLE lease (
    id INTEGER PRIMARY KEY,
    job INTEGER NOT NULL REFERENCES job (no),
    device INTEGER NOT NULL REFERENCES device (no),
    first_unit INTEGER NOT NULL,
    unit_count INTEGER NOT NULL,
    state TEXT NOT NULL,
    issued_at_ms INTEGER NOT NULL,
    lease_ms INTEGER NOT NULL,
    speculative INTEGER NOT NULL,
    digest BLOB,
    outputs BLOB
  ) STRICT;
  CREATE INDEX lease_by_job ON lease (job);

  CREATE TABLE accepted (
    job INTEGER NOT NULL REFERENCES job (no),
    first_unit INTEGER NOT NULL,
    unit_count INTEGER NOT NULL,
    digest BLOB NOT NULL,
    outputs BLOB,
    solo TEXT,
    PRIMARY KEY (job, first_unit)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE account (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    debits_micro INTEGER NOT NULL,
    credits_micro INTEGER NOT NULL
  ) STRICT;

  -- Unique by purpose, from which the id follows: purposes of a job come in order, so this index grows at its end,
  -- where one by the id would write all over. The rarer questions (by id, account, device) read from the newest back.
  CREATE TABLE transfer (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    debit INTEGER NOT NULL REFERENCES account (no),
    credit INTEGER NOT NULL REFERENCES account (no),
    amount_micro INTEGER NOT NULL,
    purpose TEXT NOT NULL UNIQUE,
    at_ms INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- Jobs of before were priced by the unit, and the outputs they have state no fuel. A price of 0 marks them: those that run
  -- are refunded at the start, those that are over stay as they are.
  ALTER TABLE job RENAME COLUMN price_micro TO gigafuel_price_micro;
  UPDATE job SET gigafuel_price_micro = 0;
  UPDATE job_spec SET spec = json_remove(spec, '$.priceMicro');
  ALTER TABLE job ADD COLUMN replica_micro INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE job ADD COLUMN fuel INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE job ADD COLUMN unit_fuel_least INTEGER;
  ALTER TABLE job ADD COLUMN unit_fuel_greatest INTEGER;
  ALTER TABLE job ADD COLUMN bill_sha256 TEXT;
  ALTER TABLE job ADD COLUMN bill_bytes INTEGER;
  ALTER TABLE accepted ADD COLUMN fuel INTEGER NOT NULL DEFAULT 0;
  `,
  `
  CREATE TABLE place (
    device INTEGER PRIMARY KEY REFERENCES device (no),
    latitude_micro_deg INTEGER NOT NULL,
    longitude_micro_deg INTEGER NOT NULL,
    elevation_m INTEGER NOT NULL,
    indoor INTEGER NOT NULL,
    since_ms INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE sensor (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    device INTEGER NOT NULL REFERENCES device (no),
    model TEXT NOT NULL,
    serial TEXT NOT NULL,
    channels TEXT NOT NULL,
    first_seen_ms INTEGER NOT NULL,
    placed_since_ms INTEGER NOT NULL,
    rival INTEGER REFERENCES device (no)
  ) STRICT;

  CREATE TABLE profile (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    bytes BLOB NOT NULL
  ) STRICT;

  -- A profile comes from a device and may name a sensor that nobody announced, so the sensor is a text here.
  CREATE TABLE profile_channel (
    profile INTEGER NOT NULL REFERENCES profile (no),
    position INTEGER NOT NULL,
    sensor TEXT NOT NULL,
    quantity TEXT NOT NULL,
    PRIMARY KEY (profile, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX profile_channel_by_sensor ON profile_channel (sensor, quantity);

  CREATE TABLE frame (
    id INTEGER PRIMARY KEY,
    device INTEGER NOT NULL REFERENCES device (no),
    seq INTEGER NOT NULL,
    profile INTEGER NOT NULL REFERENCES profile (no),
    received_at_ms INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    frame BLOB NOT NULL,
    UNIQUE (device, seq)
  ) STRICT;
  CREATE INDEX frame_by_time ON frame (profile, device, from_ms);

  -- Which devices have sent frames of a profile, and the time that the longest of those frames covers: no frame that touches
  -- a moment begins earlier than that before it.
  CREATE TABLE frame_series (
    profile INTEGER NOT NULL REFERENCES profile (no),
    device INTEGER NOT NULL REFERENCES device (no),
    span_max_ms INTEGER NOT NULL,
    PRIMARY KEY (profile, device)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX frame_series_by_device ON frame_series (device);

  CREATE TABLE campaign (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    submitter TEXT NOT NULL,
    ref TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    finished_at_ms INTEGER,
    budget_micro INTEGER NOT NULL,
    paid_micro INTEGER NOT NULL,
    fee_micro INTEGER NOT NULL,
    readings INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    late INTEGER NOT NULL,
    frame_bytes INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX campaign_by_submitter ON campaign (submitter);
  CREATE INDEX campaign_by_state ON campaign (state);

  -- Apart, as a job's is.
  CREATE TABLE campaign_spec (
    campaign INTEGER PRIMARY KEY REFERENCES campaign (no),
    spec TEXT NOT NULL
  ) STRICT;

  CREATE TABLE judgement (
    campaign INTEGER NOT NULL REFERENCES campaign (no),
    window_ms INTEGER NOT NULL,
    sensor INTEGER NOT NULL REFERENCES sensor (no),
    device INTEGER NOT NULL REFERENCES device (no),
    cell TEXT NOT NULL,
    revision INTEGER NOT NULL,
    frame_max INTEGER NOT NULL,
    frame_first INTEGER NOT NULL,
    place TEXT NOT NULL,
    flags BLOB NOT NULL,
    readings INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    paid_readings INTEGER NOT NULL,
    paid_micro INTEGER NOT NULL,
    unpaid_reason TEXT NOT NULL,
    PRIMARY KEY (campaign, window_ms, sensor)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX judgement_by_sensor ON judgement (sensor, window_ms);
  CREATE INDEX judgement_by_device ON judgement (device, window_ms);

  -- What a cell came to in a window. Named so because "window" is a word of SQL.
  CREATE TABLE cell_window (
    campaign INTEGER NOT NULL REFERENCES campaign (no),
    window_ms INTEGER NOT NULL,
    cell TEXT NOT NULL,
    revision INTEGER NOT NULL,
    value TEXT,
    least TEXT,
    greatest TEXT,
    readings INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    sensors INTEGER NOT NULL,
    judged_at_ms INTEGER NOT NULL,
    PRIMARY KEY (campaign, window_ms, cell)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX cell_window_by_cell ON cell_window (campaign, cell, window_ms);
  `,
  SETTLEMENT_STEP,
  `
  ALTER TABLE job ADD COLUMN expected_wrong_units REAL NOT NULL DEFAULT 0;
  ALTER TABLE lease ADD COLUMN placement TEXT NOT NULL DEFAULT '';
  ALTER TABLE device ADD COLUMN drain_reason TEXT;

  -- Why a device got nothing of a job, as it last was.
  CREATE TABLE exclusion (
    job INTEGER NOT NULL REFERENCES job (no),
    device INTEGER NOT NULL REFERENCES device (no),
    reason TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (job, device)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX exclusion_by_device ON exclusion (device);
  `,
  `
  -- Owners who have a token, or had one: its hash is null then.
  CREATE TABLE owner (
    name TEXT PRIMARY KEY,
    token_hash BLOB,
    created_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Rows of before have empty sums, which are filled in once all steps are done.
  ${WITHOUT_SUMS.map(table => `ALTER TABLE ${table} ADD COLUMN sum TEXT NOT NULL DEFAULT '';`).join('\n  ')}

  ALTER TABLE account ADD COLUMN remainder INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE job ADD COLUMN rounded_nano INTEGER NOT NULL DEFAULT 0;
  ${PASSED_OVER_STEP}
  `,
]

/** Marks the file as ours in its header: the letters "hrow". */
export const APPLICATION_ID = 0x68_72_6f_77
