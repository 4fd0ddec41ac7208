import type { DatabaseSync } from 'node:sqlite'
import { ConfigError } from '../../protocol/index.ts'

const VERSION = 1

const TABLES = `
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
`

/**
 * Makes the tables of a new file, or checks that this software knows those of an old one.
 * @throws {ConfigError} `newer_data`
 */
export function prepareSchema(db: DatabaseSync, path: string): void {
  const found = Number(db.prepare('PRAGMA user_version').get()?.user_version)
  if (found > VERSION) {
    const message = `${path} was written by newer software (form ${found}, this software knows ${VERSION}): update this software.`
    throw new ConfigError({ code: 'newer_data', path, found, known: VERSION }, message)
  }
  if (found === VERSION) return
  db.exec(`BEGIN IMMEDIATE; ${TABLES} PRAGMA user_version = ${VERSION}; COMMIT`)
}
