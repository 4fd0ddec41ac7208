/** The step of the schema that brought the public log, two-phase transfers and what settles by them; see `schema.ts`. */
export const SETTLEMENT_STEP = `
  -- Transfers of before moved money at once, which is what the defaults say of them.
  ALTER TABLE device ADD COLUMN statement_seq INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE device ADD COLUMN decayed_at_ms INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE account ADD COLUMN debits_pending_micro INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE account ADD COLUMN credits_pending_micro INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE transfer ADD COLUMN phase TEXT NOT NULL DEFAULT 'single';
  ALTER TABLE transfer ADD COLUMN pending TEXT;
  ALTER TABLE transfer ADD COLUMN timeout_ms INTEGER;

  CREATE TABLE hold (
    no INTEGER PRIMARY KEY,
    purpose TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    debit INTEGER NOT NULL REFERENCES account (no),
    credit INTEGER NOT NULL REFERENCES account (no),
    left_micro INTEGER NOT NULL,
    posts INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    timeout_ms INTEGER NOT NULL
  ) STRICT;

  -- The public log. Its entries are numbered from 0 without gaps, so the number is the index.
  CREATE TABLE entry (
    no INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
  ) STRICT;

  CREATE TABLE tile (
    level INTEGER NOT NULL,
    tile_index INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, tile_index)
  ) STRICT, WITHOUT ROWID;

  -- One row at most.
  CREATE TABLE checkpoint (
    no INTEGER PRIMARY KEY CHECK (no = 0),
    size INTEGER NOT NULL,
    note TEXT NOT NULL,
    at_ms INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE receipt (
    device INTEGER PRIMARY KEY REFERENCES device (no),
    seq INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    earned_micro INTEGER NOT NULL,
    lost_micro INTEGER NOT NULL,
    released_micro INTEGER NOT NULL,
    paid_out_micro INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE peer (
    origin TEXT PRIMARY KEY,
    log_key TEXT NOT NULL,
    witness_key TEXT NOT NULL,
    url TEXT NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    added_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE floor (
    device INTEGER PRIMARY KEY REFERENCES device (no),
    gigafuel_micro INTEGER NOT NULL,
    reading_micro INTEGER NOT NULL,
    seq INTEGER NOT NULL
  ) STRICT;

  -- What is under way in this moment goes on with the usual fee.
  ALTER TABLE job ADD COLUMN fee_basis_points INTEGER NOT NULL DEFAULT 500;
  ALTER TABLE campaign ADD COLUMN fee_basis_points INTEGER NOT NULL DEFAULT 500;

  CREATE TABLE price (
    what TEXT PRIMARY KEY,
    price_micro INTEGER NOT NULL,
    epoch INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE binding (
    device INTEGER NOT NULL REFERENCES device (no),
    seq INTEGER NOT NULL,
    address BLOB NOT NULL,
    bound_at_ms INTEGER NOT NULL,
    effective_at_ms INTEGER NOT NULL,
    PRIMARY KEY (device, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE epoch (
    epoch INTEGER PRIMARY KEY,
    method TEXT NOT NULL,
    state TEXT NOT NULL,
    closed_at_ms INTEGER NOT NULL,
    root BLOB NOT NULL,
    payees INTEGER NOT NULL,
    epoch_micro INTEGER NOT NULL,
    total_micro INTEGER NOT NULL,
    signatures TEXT NOT NULL
  ) STRICT;

  CREATE TABLE payout (
    epoch INTEGER NOT NULL REFERENCES epoch (epoch),
    payee TEXT NOT NULL,
    amount_micro INTEGER NOT NULL,
    fee_micro INTEGER NOT NULL,
    cumulative_micro INTEGER NOT NULL,
    PRIMARY KEY (epoch, payee)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE dispute (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    deposit_micro INTEGER NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    detail TEXT NOT NULL,
    opened_at_ms INTEGER NOT NULL,
    ended_at_ms INTEGER,
    lease INTEGER REFERENCES lease (id),
    job INTEGER REFERENCES job (no),
    campaign INTEGER REFERENCES campaign (no),
    window_ms INTEGER,
    sensor INTEGER REFERENCES sensor (no)
  ) STRICT;
  CREATE INDEX dispute_by_state ON dispute (state);
  CREATE INDEX dispute_by_job ON dispute (job);
  `
