/** Signed frames of results and readings that the coordinator has not acknowledged yet. */
import type { DatabaseSync } from 'node:sqlite'
import { type ProfileId, profileId } from '../../protocol/index.ts'
import { isDiskFull } from './store-failure.ts'

export interface OutboxRow {
  readonly seq: number
  readonly frame: Uint8Array
  /** What explains the columns of a reading; null for a result. */
  readonly profile: ProfileId | null
}

/** What came of keeping a frame; `full` means that the quota or the disk has no room and nothing was kept. */
export type OutboxPut = 'stored' | 'full'

export interface Outbox {
  /**
   * A number never given before in this device's life, larger than all given before.
   * @throws {ConfigError} `no_space`
   */
  nextSeq(): number
  /**
   * Sees to it that so many numbers can be given without a write, so that they can be within a transaction.
   * @throws {ConfigError} `no_space`
   */
  reserve(count: number): void
  /** Keeps a result. */
  put(seq: number, frame: Uint8Array): OutboxPut
  /** Keeps a reading, within a transaction of the caller. */
  putReading(seq: number, frame: Uint8Array, profile: ProfileId): void
  /**
   * Forgets frames; unknown numbers do nothing. On a full disk they stay, to be acknowledged again.
   * @returns how many were forgotten
   */
  forget(seqs: readonly number[]): number
  /** Frames with a larger number than `seq`, oldest first. */
  after(seq: number, limit: number): OutboxRow[]
  /** Of results and readings. */
  readonly frames: number
  /** Of results; readings have a quota of their own. */
  readonly bytes: number
  readonly readingFrames: number
  readonly readingBytes: number
  /** Whether another result would probably not find room. Work should not begin then. */
  readonly full: boolean
  /** Counts again, after a transaction of the caller was undone. */
  recount(): void
}

export interface OutboxInit {
  /** Bytes of results kept at most. */
  readonly quotaBytes: number
  /** Bytes that count as no room left: a frame may be this large. */
  readonly reserveBytes: number
  /** Makes a counter durable before it returns. @throws {ConfigError} `no_space` */
  raiseCounter(name: string, by: number): number
  /** Runs a database call; failures become sentences. */
  guard<T>(act: () => T): T
}

/** Numbers reserved by one synced write; a crash leaves a gap of at most this. */
const SEQ_BLOCK = 65_536

/**
 * The outbox table of an open database. Results are written without a sync of their own: a power cut may lose the newest, whose
 * leases then expire and are done again; it never loses a number, so an old ack cannot meet a new frame.
 */
export function openOutbox(db: DatabaseSync, init: OutboxInit): Outbox {
  const insert = db.prepare('INSERT INTO outbox (seq, frame, profile) VALUES (?, ?, ?)')
  const remove = db.prepare('DELETE FROM outbox WHERE seq = ? RETURNING length(frame) AS bytes, profile')
  const select = db.prepare('SELECT seq, frame, profile FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?')
  const total = db.prepare(
    `SELECT count(*) AS frames, coalesce(sum(length(frame)), 0) AS bytes, count(profile) AS reading_frames,
       coalesce(sum(iif(profile IS NULL, 0, length(frame))), 0) AS reading_bytes FROM outbox`,
  )
  const held = { frames: 0, bytes: 0, readingFrames: 0, readingBytes: 0 }
  let lastSeq = 0
  let reservedTo = 0

  function recount(): void {
    const row = total.get()
    held.frames = Number(row?.frames)
    held.readingFrames = Number(row?.reading_frames)
    held.readingBytes = Number(row?.reading_bytes)
    held.bytes = Number(row?.bytes) - held.readingBytes
  }

  function count(bytes: number, isReading: boolean, sign: 1 | -1): void {
    held.frames += sign
    if (isReading) held.readingFrames += sign
    held[isReading ? 'readingBytes' : 'bytes'] += sign * bytes
  }

  /** Runs a write; null when the disk has no room for it. */
  function unlessFull<T>(write: () => T): T | null {
    try {
      return write()
    } catch (thrown) {
      if (db.isTransaction) db.exec('ROLLBACK')
      if (isDiskFull(thrown)) return null
      throw thrown
    }
  }

  function removeAll(seqs: readonly number[]): { bytes: number; isReading: boolean }[] {
    const removed: { bytes: number; isReading: boolean }[] = []
    if (seqs.length > 1) db.exec('BEGIN')
    for (const seq of seqs) {
      const row = remove.get(seq)
      if (row !== undefined) removed.push({ bytes: Number(row.bytes), isReading: row.profile !== null })
    }
    if (seqs.length > 1) db.exec('COMMIT')
    return removed
  }

  function reserve(count: number): void {
    if (reservedTo - lastSeq >= count) return
    reservedTo = init.raiseCounter('outbox_seq', SEQ_BLOCK)
    lastSeq = reservedTo - SEQ_BLOCK
  }

  recount()
  return {
    nextSeq() {
      reserve(1)
      lastSeq += 1
      return lastSeq
    },
    reserve,
    put(seq, frame) {
      if (held.bytes + frame.length > init.quotaBytes) return 'full'
      const written = init.guard(() => unlessFull(() => insert.run(seq, frame, null)))
      if (written === null) return 'full'
      count(frame.length, false, 1)
      return 'stored'
    },
    putReading(seq, frame, profile) {
      insert.run(seq, frame, profile)
      count(frame.length, true, 1)
    },
    forget(seqs) {
      const removed = init.guard(() => unlessFull(() => removeAll(seqs))) ?? []
      for (const { bytes, isReading } of removed) count(bytes, isReading, -1)
      return removed.length
    },
    after: (seq, limit) => init.guard(() => select.all(seq, limit).map(readRow)),
    get frames() {
      return held.frames
    },
    get bytes() {
      return held.bytes
    },
    get readingFrames() {
      return held.readingFrames
    },
    get readingBytes() {
      return held.readingBytes
    },
    get full() {
      return held.bytes + init.reserveBytes > init.quotaBytes
    },
    recount,
  }
}

function readRow(row: Record<string, unknown>): OutboxRow {
  const profile = row.profile === null ? null : profileId(String(row.profile))
  return { seq: Number(row.seq), frame: row.frame as Uint8Array, profile }
}
