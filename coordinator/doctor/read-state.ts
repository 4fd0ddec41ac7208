/** Looks into a coordinator's database without taking it: it is the coordinator's alone while that runs. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { messageOf } from '../../protocol/index.ts'

export type CoordinatorState =
  /** No coordinator was started with this folder. */
  | { readonly kind: 'none' }
  /** A coordinator runs on it. */
  | { readonly kind: 'in_use' }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | {
      readonly kind: 'read'
      /** `ok`, or what is wrong. */
      readonly integrity: string
      readonly entries: number
      /** Entries of the newest checkpoint; null before the first. */
      readonly signed: number | null
      /** Where it listened last; null before its first start. */
      readonly mqttPort: number | null
      readonly mqttsPort: number | null
      readonly httpPort: number | null
    }

/** SQLITE_BUSY */
const BUSY = 5

/** Reads and checks a database; takes a second for each gigabyte or so. */
export function readCoordinatorState(folder: string): CoordinatorState {
  const path = join(folder, 'ledger.sqlite')
  if (!existsSync(path)) return { kind: 'none' }
  let db: DatabaseSync | null = null
  try {
    db = new DatabaseSync(path, { readOnly: true })
    return read(db)
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === BUSY) return { kind: 'in_use' }
    return { kind: 'unreadable', reason: messageOf(error) }
  } finally {
    db?.close()
  }
}

function read(db: DatabaseSync): CoordinatorState {
  const integrity = String(db.prepare('PRAGMA quick_check(1)').get()?.quick_check)
  const meta = (key: string) => {
    const value = db.prepare('SELECT value FROM meta WHERE key = ?').get(key)?.value
    return value === undefined ? null : Number(value)
  }
  const signed = db.prepare('SELECT size FROM checkpoint ORDER BY size DESC LIMIT 1').get()?.size
  return {
    kind: 'read',
    integrity,
    entries: Number(db.prepare('SELECT count(*) AS n FROM entry').get()?.n),
    signed: signed === undefined ? null : Number(signed),
    mqttPort: meta('mqtt-port'),
    mqttsPort: meta('mqtts-port'),
    httpPort: meta('http-port'),
  }
}
