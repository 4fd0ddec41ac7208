/** Signed result frames that the coordinator has not acknowledged yet. */
import type { DatabaseSync } from 'node:sqlite'
import { isDiskFull } from './store-failure.ts'

export interface OutboxRow {
  readonly seq: number
  readonly frame: Uint8Array
}

/** What came of keeping a frame; `full` means that the quota or the disk has no room and nothing was kept. */
export type OutboxPut = 'stored' | 'full'

export interface Outbox {
  /**
   * A number never given before in this device's life, larger than all given before.
   * @throws {ConfigError} `no_space`
   */
  nextSeq(): number
  put(seq: number, frame: Uint8Array): OutboxPut
  /**
   * Forgets frames; unknown numbers do nothing. On a full disk they stay, to be acknowledged again.
   * @returns how many were forgotten
   */
  forget(seqs: readonly number[]): number
  /** Frames with a larger number than `seq`, oldest first. */
  after(seq: number, limit: number): OutboxRow[]
  readonly frames: number
  readonly bytes: number
  /** Whether another frame would probably not find room. Work should not begin then. */
  readonly full: boolean
}

export interface OutboxInit {
  /** Bytes of frames kept at most. */
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
 * The outbox table of an open database. Rows are written without a sync of their own: a power cut may lose the newest, whose
 * leases then expire and are done again; it never loses a number, so an old ack cannot meet a new frame.
 */
export function openOutbox(db: DatabaseSync, init: OutboxInit): Outbox {
  const insert = db.prepare('INSERT INTO outbox (seq, frame) VALUES (?, ?)')
  const remove = db.prepare('DELETE FROM outbox WHERE seq = ? RETURNING length(frame) AS bytes')
  const select = db.prepare('SELECT seq, frame FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?')
  const total = db.prepare('SELECT count(*) AS frames, coalesce(sum(length(frame)), 0) AS bytes FROM outbox').get()
  let frames = Number(total?.frames)
  let bytes = Number(total?.bytes)
  let lastSeq = 0
  let reservedTo = 0

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

  function removeAll(seqs: readonly number[]): number[] {
    const sizes: number[] = []
    if (seqs.length > 1) db.exec('BEGIN')
    for (const seq of seqs) {
      const row = remove.get(seq)
      if (row !== undefined) sizes.push(Number(row.bytes))
    }
    if (seqs.length > 1) db.exec('COMMIT')
    return sizes
  }

  return {
    nextSeq() {
      if (lastSeq === reservedTo) {
        reservedTo = init.raiseCounter('outbox_seq', SEQ_BLOCK)
        lastSeq = reservedTo - SEQ_BLOCK
      }
      lastSeq += 1
      return lastSeq
    },
    put(seq, frame) {
      if (bytes + frame.length > init.quotaBytes) return 'full'
      const written = init.guard(() => unlessFull(() => insert.run(seq, frame)))
      if (written === null) return 'full'
      frames += 1
      bytes += frame.length
      return 'stored'
    },
    forget(seqs) {
      const sizes = init.guard(() => unlessFull(() => removeAll(seqs))) ?? []
      frames -= sizes.length
      for (const size of sizes) bytes -= size
      return sizes.length
    },
    after: (seq, limit) =>
      init.guard(() => select.all(seq, limit).map(row => ({ seq: Number(row.seq), frame: row.frame as Uint8Array }))),
    get frames() {
      return frames
    },
    get bytes() {
      return bytes
    },
    get full() {
      return bytes + init.reserveBytes > init.quotaBytes
    },
  }
}
