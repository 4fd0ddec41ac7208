import type { DatabaseSync } from 'node:sqlite'
import { ConfigError } from '../../protocol/index.ts'

/** What each form adds to the one before; the first makes a new file. */
const FORMS: readonly string[] = [
  `
  CREATE TABLE counter (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE enrolment (
    only            INTEGER PRIMARY KEY CHECK (only = 1),
    mqtt_url        TEXT NOT NULL,
    region          TEXT NOT NULL,
    region_key      BLOB NOT NULL,
    blob_url        TEXT NOT NULL,
    standing        TEXT NOT NULL,
    standing_reason TEXT NOT NULL
  ) STRICT;
  CREATE TABLE outbox (
    seq   INTEGER PRIMARY KEY,
    frame BLOB NOT NULL
  ) STRICT;
  `,
  // Sensing. A time stands beside the boot whose clock it is of; boot 0 is the region's time.
  `
  ALTER TABLE outbox ADD COLUMN profile TEXT;
  CREATE TABLE plan (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    body BLOB NOT NULL
  ) STRICT;
  CREATE TABLE boot (
    id         INTEGER PRIMARY KEY,
    machine    TEXT NOT NULL,
    first_ms   INTEGER NOT NULL,
    last_ms    INTEGER NOT NULL,
    before_ms  INTEGER,
    offset_ms  INTEGER,
    error_ms   INTEGER,
    learnt_ms  INTEGER,
    after_ms   INTEGER
  ) STRICT;
  CREATE TABLE sensor (
    id         TEXT PRIMARY KEY,
    body       TEXT,
    read_to_ms INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE profile (
    id   TEXT PRIMARY KEY,
    body BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE stream (
    key     TEXT PRIMARY KEY,
    profile TEXT NOT NULL,
    boot    INTEGER NOT NULL,
    end_ms  INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE sample (
    id       INTEGER PRIMARY KEY,
    stream   TEXT NOT NULL,
    origin   TEXT NOT NULL,
    profile  TEXT NOT NULL,
    level    INTEGER NOT NULL,
    boot     INTEGER NOT NULL,
    closed   INTEGER NOT NULL,
    readings INTEGER NOT NULL,
    body     BLOB NOT NULL
  ) STRICT;
  CREATE TABLE gap (
    id        INTEGER PRIMARY KEY,
    profile   TEXT NOT NULL,
    from_boot INTEGER NOT NULL,
    from_ms   INTEGER NOT NULL,
    to_boot   INTEGER NOT NULL,
    to_ms     INTEGER NOT NULL,
    cause     TEXT NOT NULL
  ) STRICT;
  `,
  // SHA-256 of the public key of the region's TLS authority; null where it is none of its own.
  'ALTER TABLE enrolment ADD COLUMN ca_key_sha256 BLOB;',
]

/** The form this software writes. */
const VERSION = FORMS.length

/**
 * Makes the tables of a new file, brings those of an older one up to date, or checks that this software knows them.
 * @throws {ConfigError} `newer_data`
 */
export function prepareSchema(db: DatabaseSync, path: string): void {
  const found = Number(db.prepare('PRAGMA user_version').get()?.user_version)
  if (found > VERSION) {
    const message = `${path} was written by newer software (form ${found}, this software knows ${VERSION}): update this software.`
    throw new ConfigError({ code: 'newer_data', path, found, known: VERSION }, message)
  }
  if (found === VERSION) return
  db.exec(`BEGIN IMMEDIATE; ${FORMS.slice(found).join('')} PRAGMA user_version = ${VERSION}; COMMIT`)
}
