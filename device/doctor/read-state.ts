/** Looks into a device's database without taking it: it belongs to the device while that runs. */
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { messageOf } from '../../protocol/index.ts'
import { type Enrolment, readEnrolment } from '../store/enrolment-row.ts'
import { prepareSchema } from '../store/schema.ts'

export type DeviceState =
  /** No device was started with this folder. */
  | { readonly kind: 'none' }
  /** It cannot be read, and why. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  | {
      readonly kind: 'read'
      /** Whether a program has the database open. */
      readonly inUse: boolean
      /** `ok`, or what is wrong; null while it is in use, since it was checked when that began. */
      readonly integrity: string | null
      readonly enrolment: Enrolment | null
      /** Frames that the region has not acknowledged. */
      readonly outboxFrames: number
    }

const NAME = 'device.db'
const COPY_BYTES_MAX = 256 * 1_048_576
/** SQLITE_BUSY */
const BUSY = 5

/** Reads what a device keeps, from a copy that takes as much room as it has. */
export function readDeviceState(stateDir: string): DeviceState {
  const path = join(stateDir, NAME)
  if (!existsSync(path)) return { kind: 'none' }
  try {
    return readCopy(path, integrityOf(path))
  } catch (error) {
    return { kind: 'unreadable', reason: messageOf(error) }
  }
}

/** `ok`, or what is wrong; null while it is in use. */
function integrityOf(path: string): string | null {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    return String(db.prepare('PRAGMA quick_check(1)').get()?.quick_check)
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === BUSY) return null
    throw error
  } finally {
    db.close()
  }
}

/** A copy may be brought to the form that this software reads, where the device itself has not been started since. */
function readCopy(path: string, integrity: string | null): DeviceState {
  if (statSync(path).size > COPY_BYTES_MAX) return { kind: 'unreadable', reason: 'it is too large to be copied' }
  const folder = mkdtempSync(join(tmpdir(), 'hedgerow-doctor-'))
  try {
    const copy = join(folder, NAME)
    copyFileSync(path, copy)
    if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`)
    return read(copy, integrity)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function read(copy: string, integrity: string | null): DeviceState {
  const db = new DatabaseSync(copy)
  try {
    prepareSchema(db, copy)
    const outboxFrames = Number(db.prepare('SELECT count(*) AS n FROM outbox').get()?.n)
    return { kind: 'read', inUse: integrity === null, integrity, enrolment: readEnrolment(db), outboxFrames }
  } finally {
    db.close()
  }
}
