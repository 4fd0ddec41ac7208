/** What sensors measured and no frame carries yet, with what is needed to make frames of it. */
import type { DatabaseSync } from 'node:sqlite'
import { GAP_CAUSES, type GapCause, LIMITS, type ProfileId, profileId, type SensorId } from '../../protocol/index.ts'
import { type Boots, type Moment, openBoots } from './boots.ts'

/** Readings that follow each other in time, as one reading message without its numbers. */
export interface SampleRow {
  readonly id: number
  /** The stream they were taken for. */
  readonly stream: string
  /** The profile they were taken with, and the one that `body` is of: another one once they are thinned. */
  readonly origin: ProfileId
  readonly profile: ProfileId
  /** How often they have been thinned. */
  readonly level: number
  /** Whose clock the times in `body` are of. */
  readonly boot: number
  /** Values in `body`, one for each channel at each moment, missing ones included. */
  readonly readings: number
  readonly body: Uint8Array
}

/** A stretch without readings, or with fewer, that the region has yet to hear of. The end is exclusive. */
export interface GapRow {
  readonly id: number
  readonly profile: ProfileId
  readonly from: Moment
  readonly to: Moment
  readonly cause: GapCause
}

/** How far a stream has come. */
export interface StreamRow {
  readonly key: string
  readonly profile: ProfileId
  /** Where the next reading is expected. */
  readonly end: Moment
}

export interface Samples {
  readonly boots: Boots
  plan(): Uint8Array | null
  savePlan(body: Uint8Array): void
  streams(): StreamRow[]
  saveStream(row: StreamRow): void
  /** Notes where a stream begins, unless it is known already. */
  beginStream(row: StreamRow): void
  removeStream(key: string): void
  profile(id: ProfileId): Uint8Array | null
  saveProfile(id: ProfileId, body: Uint8Array): void
  /** What is remembered of sensors, by id. */
  sensors(): Map<SensorId, string>
  saveSensor(id: SensorId, body: string): void
  /** Up to where the recordings of a sensor have been read; null when none have. */
  readTo(sensor: SensorId): number | null
  saveReadTo(sensor: SensorId, atMs: number): void
  /** Adds readings at the end of a stream; `closed` when no more will join them in a frame. */
  add(row: Omit<SampleRow, 'id'>, closed: boolean): void
  /** Puts thinned readings where those were that they are made of. */
  replace(rows: readonly SampleRow[], by: readonly Omit<SampleRow, 'id'>[]): void
  /** Readings of a stream that more may still join, oldest first. */
  open(stream: string): SampleRow[]
  /** Streams with such readings. */
  openStreams(): string[]
  /** Complete readings, oldest first; `level` restricts to those thinned so often. */
  closed(limit: number, level?: number): SampleRow[]
  /** The oldest complete readings of one stream, profile and clock, oldest first. */
  closedLike(row: SampleRow, limit: number): SampleRow[]
  remove(rows: readonly SampleRow[]): void
  /** Notes a gap; one that meets the profile's newest of the same cause makes that longer. */
  addGap(gap: Omit<GapRow, 'id'>): void
  gaps(profile: ProfileId): GapRow[]
  /** Profiles that have gaps to tell of. */
  gapProfiles(): ProfileId[]
  removeGap(id: number): void
  /** Forgets profiles and boots that nothing refers to any more. */
  tidy(currentBoot: number): void
  /** Bytes kept at each level of thinning, and altogether with gaps. */
  readonly levelBytes: readonly number[]
  readonly bytes: number
  /** Values that are kept here. */
  readonly readings: number
  /** Counts again, after a transaction was undone. */
  recount(): void
}

/** What a row takes beside its body: keys, ids and SQLite's own. */
const ROW_BYTES = 64

/** The sampling tables of an open database. Nothing here begins or ends a transaction. */
export function openSamples(db: DatabaseSync): Samples {
  const prepare = (sql: string) => db.prepare(sql)
  const sql = {
    plan: prepare('SELECT body FROM plan'),
    savePlan: prepare('INSERT OR REPLACE INTO plan VALUES (1, ?)'),
    streams: prepare('SELECT * FROM stream'),
    saveStream: prepare('INSERT OR REPLACE INTO stream VALUES (?, ?, ?, ?)'),
    beginStream: prepare('INSERT OR IGNORE INTO stream VALUES (?, ?, ?, ?)'),
    removeStream: prepare('DELETE FROM stream WHERE key = ?'),
    profile: prepare('SELECT body FROM profile WHERE id = ?'),
    saveProfile: prepare('INSERT OR IGNORE INTO profile VALUES (?, ?)'),
    sensors: prepare('SELECT id, body FROM sensor WHERE body IS NOT NULL'),
    saveSensor: prepare('INSERT INTO sensor (id, body) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET body = ?2'),
    readTo: prepare('SELECT read_to_ms FROM sensor WHERE id = ?'),
    saveReadTo: prepare(
      'INSERT INTO sensor (id, read_to_ms) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET read_to_ms = ?2',
    ),
    add: prepare(
      'INSERT INTO sample (id, stream, origin, profile, level, boot, closed, readings, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    open: prepare('SELECT * FROM sample WHERE stream = ? AND closed = 0 ORDER BY id'),
    openStreams: prepare('SELECT DISTINCT stream FROM sample WHERE closed = 0'),
    closed: prepare('SELECT * FROM sample WHERE closed = 1 ORDER BY id LIMIT ?'),
    closedAt: prepare('SELECT * FROM sample WHERE closed = 1 AND level = ? ORDER BY id LIMIT ?'),
    closedLike: prepare(
      'SELECT * FROM sample WHERE closed = 1 AND stream = ? AND profile = ? AND boot = ? ORDER BY id LIMIT ?',
    ),
    remove: prepare('DELETE FROM sample WHERE id = ?'),
    addGap: prepare('INSERT INTO gap (profile, from_boot, from_ms, to_boot, to_ms, cause) VALUES (?, ?, ?, ?, ?, ?)'),
    gaps: prepare('SELECT * FROM gap WHERE profile = ? ORDER BY id'),
    newestGap: prepare('SELECT * FROM gap WHERE profile = ? AND cause = ? ORDER BY id DESC LIMIT 1'),
    gapProfiles: prepare('SELECT profile FROM gap GROUP BY profile ORDER BY min(id)'),
    removeGap: prepare('DELETE FROM gap WHERE id = ?'),
    usage: prepare(
      `SELECT level, sum(length(body) + ${ROW_BYTES}) AS bytes, sum(readings) AS readings FROM sample GROUP BY level`,
    ),
    gapCount: prepare('SELECT count(*) AS gaps FROM gap'),
    tidyProfiles: prepare(`DELETE FROM profile WHERE id NOT IN
      (SELECT origin FROM sample UNION SELECT profile FROM sample UNION SELECT profile FROM gap
       UNION SELECT profile FROM stream UNION SELECT profile FROM outbox WHERE profile IS NOT NULL)`),
    tidyBoots: prepare(`DELETE FROM boot WHERE id <> ? AND id < (SELECT max(id) FROM boot) AND id NOT IN
      (SELECT boot FROM sample UNION SELECT from_boot FROM gap UNION SELECT to_boot FROM gap UNION SELECT boot FROM stream)`),
  }
  let levelBytes: number[] = []
  let gaps = 0
  let readings = 0

  const count = (level: number, bytes: number) => {
    levelBytes[level] = (levelBytes[level] ?? 0) + bytes
  }

  function insert(id: number | null, row: Omit<SampleRow, 'id'>, closed: boolean): void {
    const { stream, origin, profile, level, boot, readings: values, body } = row
    sql.add.run(id, stream, origin, profile, level, boot, closed ? 1 : 0, values, body)
    count(level, body.length + ROW_BYTES)
    readings += values
  }

  const samples: Samples = {
    boots: openBoots(db),
    plan: () => (sql.plan.get()?.body as Uint8Array | undefined) ?? null,
    savePlan: body => void sql.savePlan.run(body),
    streams: () => sql.streams.all().map(readStream),
    saveStream: ({ key, profile, end }) => void sql.saveStream.run(key, profile, end.boot, end.ms),
    beginStream: ({ key, profile, end }) => void sql.beginStream.run(key, profile, end.boot, end.ms),
    removeStream: key => void sql.removeStream.run(key),
    profile: id => (sql.profile.get(id)?.body as Uint8Array | undefined) ?? null,
    saveProfile: (id, body) => void sql.saveProfile.run(id, body),
    sensors: () => new Map(sql.sensors.all().map(row => [String(row.id) as SensorId, String(row.body)])),
    saveSensor: (id, body) => void sql.saveSensor.run(id, body),
    readTo(sensor) {
      const at = sql.readTo.get(sensor)?.read_to_ms
      return at === null || at === undefined ? null : Number(at)
    },
    saveReadTo: (sensor, atMs) => void sql.saveReadTo.run(sensor, atMs),
    add: (row, closed) => insert(null, row, closed),
    replace(rows, by) {
      samples.remove(rows)
      // Thinning makes fewer rows, so each finds an old place.
      for (const [i, row] of by.entries()) insert(rows[i]?.id ?? null, row, true)
    },
    open: stream => sql.open.all(stream).map(readSample),
    openStreams: () => sql.openStreams.all().map(row => String(row.stream)),
    closed: (limit, level) =>
      (level === undefined ? sql.closed.all(limit) : sql.closedAt.all(level, limit)).map(readSample),
    closedLike: ({ stream, profile, boot }, limit) => sql.closedLike.all(stream, profile, boot, limit).map(readSample),
    remove(rows) {
      for (const { id, level, readings: values, body } of rows) {
        if (Number(sql.remove.run(id).changes) !== 1) continue
        count(level, -body.length - ROW_BYTES)
        readings -= values
      }
    },
    addGap(gap) {
      const { profile, cause } = gap
      const row = sql.newestGap.get(profile, cause)
      const newest = row === undefined ? null : readGap(row)
      const merged = newest === null ? null : joined(newest, gap)
      if (newest !== null && merged !== null) sql.removeGap.run(newest.id)
      else gaps += 1
      const { from, to } = merged ?? gap
      sql.addGap.run(profile, from.boot, from.ms, to.boot, to.ms, cause)
      if (merged === null && samples.gaps(profile).length > LIMITS.frameNotesMax) mergeOldest(profile)
    },
    gaps: profile => sql.gaps.all(profile).map(readGap),
    gapProfiles: () => sql.gapProfiles.all().map(row => profileId(String(row.profile))),
    removeGap(id) {
      gaps -= Number(sql.removeGap.run(id).changes)
    },
    tidy(currentBoot) {
      sql.tidyProfiles.run()
      sql.tidyBoots.run(currentBoot)
    },
    get levelBytes() {
      return levelBytes
    },
    get bytes() {
      return levelBytes.reduce((sum, bytes) => sum + bytes, gaps * ROW_BYTES)
    },
    get readings() {
      return readings
    },
    recount() {
      levelBytes = []
      readings = 0
      for (const row of sql.usage.all()) {
        count(Number(row.level), Number(row.bytes))
        readings += Number(row.readings)
      }
      gaps = Number(sql.gapCount.get()?.gaps)
    },
  }

  /** More gaps than one frame tells of: the two oldest become one, which says less but nothing false. */
  function mergeOldest(profile: ProfileId): void {
    const [first, second] = samples.gaps(profile)
    if (first === undefined || second === undefined) return
    samples.removeGap(first.id)
    samples.removeGap(second.id)
    const { from, cause } = first
    sql.addGap.run(profile, from.boot, from.ms, second.to.boot, second.to.ms, cause)
    gaps += 1
  }

  samples.recount()
  return samples
}

/** One gap of two that meet by the same clock; null when they do not. */
function joined(before: GapRow, after: Omit<GapRow, 'id'>): { from: Moment; to: Moment } | null {
  const { boot } = before.from
  if (before.to.boot !== boot || after.from.boot !== boot || after.to.boot !== boot) return null
  if (after.from.ms > before.to.ms || after.to.ms < before.from.ms) return null
  const from = { boot, ms: Math.min(before.from.ms, after.from.ms) }
  return { from, to: { boot, ms: Math.max(before.to.ms, after.to.ms) } }
}

type Row = Record<string, unknown>

function readSample(row: Row): SampleRow {
  return {
    id: Number(row.id),
    stream: String(row.stream),
    origin: profileId(String(row.origin)),
    profile: profileId(String(row.profile)),
    level: Number(row.level),
    boot: Number(row.boot),
    readings: Number(row.readings),
    body: row.body as Uint8Array,
  }
}

function readGap(row: Row): GapRow {
  return {
    id: Number(row.id),
    profile: profileId(String(row.profile)),
    from: { boot: Number(row.from_boot), ms: Number(row.from_ms) },
    to: { boot: Number(row.to_boot), ms: Number(row.to_ms) },
    cause: GAP_CAUSES.find(cause => cause === row.cause) ?? 'restart',
  }
}

function readStream(row: Row): StreamRow {
  return {
    key: String(row.key),
    profile: profileId(String(row.profile)),
    end: { boot: Number(row.boot), ms: Number(row.end_ms) },
  }
}
