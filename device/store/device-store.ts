/** A device's durable memory: one SQLite file, owned by one process. */
import { DatabaseSync } from 'node:sqlite'
import { ConfigError, LIMITS } from '../../protocol/index.ts'
import { type Enrolment, readEnrolment, writeEnrolment } from './enrolment-row.ts'
import { type Outbox, openOutbox } from './outbox.ts'
import { openSamples, type Samples } from './samples.ts'
import { prepareSchema } from './schema.ts'
import { damagedStore, isDiskFull, storeFailure } from './store-failure.ts'

export interface DeviceStore {
  /**
   * A CONNECT counter never given before, on stable storage before it is returned.
   * @param leap - how far beyond the last one, at least 1
   */
  nextCounter(leap?: number): number
  enrolment(): Enrolment | null
  /** On stable storage when it returns. */
  saveEnrolment(enrolment: Enrolment): void
  readonly outbox: Outbox
  /** Its writes belong into {@link commit}. */
  readonly samples: Samples
  /** Bytes that readings may take, kept or in the outbox. */
  readonly samplesQuotaBytes: number
  /**
   * Runs writes as one transaction, which is on stable storage when this returns. When it throws, nothing was written.
   * @returns `full` when the disk had no room, and nothing was written
   */
  commit(write: () => void): 'stored' | 'full'
  close(): void
}

export interface DeviceStoreInit {
  /** Bytes of unacknowledged results kept at most. At least two frames; default 64 MiB. */
  readonly outboxQuotaBytes?: number
  /** Bytes of readings kept at most, as samples or as unacknowledged frames. At least 16 KiB; default 32 MiB. */
  readonly samplesQuotaBytes?: number
}

const OUTBOX_QUOTA_BYTES = 64 * 1024 * 1024
const SAMPLES_QUOTA_BYTES = 32 * 1024 * 1024
/** Less would be thinned before it makes a frame. */
const SAMPLES_QUOTA_BYTES_MIN = 16 * 1024
const OUTBOX_QUOTA_BYTES_MIN = 2 * LIMITS.frameBytesMax

/**
 * Opens the store and locks it for this process. What must survive a power cut (counters, enrolment) is written with
 * `synchronous=FULL`, which in WAL mode also syncs everything before it; results ride on `NORMAL`, so that a device that
 * works does not sync its card for every lease.
 * @param path - the file, made when missing; `:memory:` for simulation
 * @throws {ConfigError} `in_use`, `damaged`, `newer_data`, `no_space` or `bad_option`
 */
export function openDeviceStore(path: string, init: DeviceStoreInit = {}): DeviceStore {
  const quotas: Quotas = {
    outbox: init.outboxQuotaBytes ?? OUTBOX_QUOTA_BYTES,
    samples: init.samplesQuotaBytes ?? SAMPLES_QUOTA_BYTES,
  }
  checkQuota('outbox', quotas.outbox, OUTBOX_QUOTA_BYTES_MIN)
  checkQuota('samples', quotas.samples, SAMPLES_QUOTA_BYTES_MIN)
  return guard(path, () => open(path, quotas))
}

interface Quotas {
  readonly outbox: number
  readonly samples: number
}

function checkQuota(name: keyof Quotas, bytes: number, min: number): void {
  if (bytes >= min) return
  const reason = `it must be at least ${min} bytes`
  const message = `The ${name} quota is ${bytes}: ${reason}.`
  throw new ConfigError({ code: 'bad_option', path: `${name}QuotaBytes`, reason }, message)
}

function open(path: string, quotas: Quotas): DeviceStore {
  const db = new DatabaseSync(path)
  try {
    // Exclusive before WAL: one process, and no shared-memory file.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    db.exec('PRAGMA cache_size = -256; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 1048576')
    db.exec('BEGIN IMMEDIATE; COMMIT')
    checkSound(db, path)
    prepareSchema(db, path)
    return openTables(db, path, quotas)
  } catch (thrown) {
    db.close()
    throw thrown
  }
}

function checkSound(db: DatabaseSync, path: string): void {
  const verdict = db.prepare('PRAGMA quick_check(1)').get()?.quick_check
  if (verdict !== 'ok') throw damagedStore(path, String(verdict))
}

function openTables(db: DatabaseSync, path: string, quotas: Quotas): DeviceStore {
  const raise = db.prepare(
    'INSERT INTO counter VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = value + ?2 RETURNING value',
  )
  const durably = <T>(write: () => T): T =>
    guard(path, () => {
      db.exec('PRAGMA synchronous = FULL')
      try {
        return write()
      } finally {
        db.exec('PRAGMA synchronous = NORMAL')
      }
    })
  const raiseCounter = (name: string, by: number) => durably(() => Number(raise.get(name, by)?.value))
  let enrolment = readEnrolmentOf(db, path)
  const outbox = openOutbox(db, {
    quotaBytes: quotas.outbox,
    reserveBytes: LIMITS.frameBytesMax,
    raiseCounter,
    guard: act => guard(path, act),
  })
  const samples = openSamples(db)
  const recount = () => {
    samples.recount()
    outbox.recount()
  }

  return {
    nextCounter: (leap = 1) => raiseCounter('connect', leap),
    enrolment: () => enrolment,
    saveEnrolment(next) {
      durably(() => writeEnrolment(db, next))
      enrolment = next
    },
    outbox,
    samples,
    samplesQuotaBytes: quotas.samples,
    commit: write => durably(() => transact(db, write, recount)),
    close: () => db.close(),
  }
}

/** @param undone - called when nothing was written after all */
function transact(db: DatabaseSync, write: () => void, undone: () => void): 'stored' | 'full' {
  db.exec('BEGIN IMMEDIATE')
  try {
    write()
    db.exec('COMMIT')
    return 'stored'
  } catch (thrown) {
    if (db.isTransaction) db.exec('ROLLBACK')
    undone()
    if (isDiskFull(thrown)) return 'full'
    throw thrown
  }
}

function readEnrolmentOf(db: DatabaseSync, path: string): Enrolment | null {
  try {
    return readEnrolment(db)
  } catch (cause) {
    throw damagedStore(path, 'its enrolment cannot be read', cause)
  }
}

function guard<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (thrown) {
    throw storeFailure(path, thrown)
  }
}
