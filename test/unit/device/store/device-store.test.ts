import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { type DeviceStore, type Enrolment, openDeviceStore } from '../../../../device/store/index.ts'
import { LIMITS, profileId, regionName } from '../../../../protocol/index.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const folder = tempDirs()

const ENROLMENT: Enrolment = {
  caKeySha256: Uint8Array.from({ length: 32 }, (_, index) => index),
  mqttUrl: 'mqtt://region.example:1883',
  region: regionName('north'),
  regionKey: new Uint8Array(32).fill(7),
  blobUrl: 'http://region.example:8080',
  standing: 'joined',
  standingReason: '',
}

const PROFILE = profileId('00112233445566ff')

/** As the first release made it. */
const FIRST_FORM = `
  CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE enrolment (only INTEGER PRIMARY KEY CHECK (only = 1), mqtt_url TEXT NOT NULL, region TEXT NOT NULL,
    region_key BLOB NOT NULL, blob_url TEXT NOT NULL, standing TEXT NOT NULL, standing_reason TEXT NOT NULL) STRICT;
  CREATE TABLE outbox (seq INTEGER PRIMARY KEY, frame BLOB NOT NULL) STRICT;
  PRAGMA user_version = 1;
`

/** Opens what a power cut at this moment would leave: the files as they are, without the owner's goodbye. */
function afterCrash(path: string): DeviceStore {
  const copy = join(folder(), 'device.db')
  copyFileSync(path, copy)
  if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`)
  return openDeviceStore(copy)
}

describe('the CONNECT counter', () => {
  it('rises strictly, over restarts too', () => {
    const path = join(folder(), 'device.db')
    const store = openDeviceStore(path)
    const given = [store.nextCounter(), store.nextCounter(), store.nextCounter(1_000)]
    store.close()
    const again = openDeviceStore(path)
    given.push(again.nextCounter())
    again.close()
    expect(given).toEqual([1, 2, 1_002, 1_003])
  })

  it('is on disk before it is given', () => {
    const path = join(folder(), 'device.db')
    const store = openDeviceStore(path)
    const last = store.nextCounter(40)
    const survivor = afterCrash(path)
    expect(survivor.nextCounter()).toBeGreaterThan(last)
    survivor.close()
    store.close()
  })
})

describe('the outbox', () => {
  it('numbers frames once in a lifetime, whatever is deleted [RESULT-2.1]', () => {
    const path = join(folder(), 'device.db')
    const store = openDeviceStore(path)
    const first = store.outbox.nextSeq()
    const second = store.outbox.nextSeq()
    expect(second).toBeGreaterThan(first)
    store.outbox.put(first, new Uint8Array(3))
    store.outbox.put(second, new Uint8Array(3))
    store.outbox.forget([first, second])
    store.close()
    const again = openDeviceStore(path)
    expect(again.outbox.nextSeq()).toBeGreaterThan(second)
    again.close()
  })

  it('does not give a number again after a crash that lost its row', () => {
    const path = join(folder(), 'device.db')
    const store = openDeviceStore(path)
    const last = [store.outbox.nextSeq(), store.outbox.nextSeq()].at(-1)
    const survivor = afterCrash(path)
    expect(survivor.outbox.frames).toBe(0)
    expect(survivor.outbox.nextSeq()).toBeGreaterThan(last ?? Number.NaN)
    survivor.close()
    store.close()
  })

  it('hands frames out oldest first and forgets what is acknowledged [RESULT-2.1] [RESULT-3.2]', () => {
    const store = openDeviceStore(':memory:')
    const seqs = [1, 2, 3, 4].map(fill => {
      const seq = store.outbox.nextSeq()
      store.outbox.put(seq, new Uint8Array(10).fill(fill))
      return seq
    })
    const [first = 0, second = 0, third = 0, fourth = 0] = seqs
    expect(store.outbox.after(0, 2).map(row => row.seq)).toEqual([first, second])
    expect(store.outbox.after(second, 9).map(row => [row.seq, row.frame[0]])).toEqual([
      [third, 3],
      [fourth, 4],
    ])
    expect(store.outbox.forget([first, third, 999])).toBe(2)
    expect(store.outbox.forget([first])).toBe(0)
    expect(store.outbox).toMatchObject({ frames: 2, bytes: 20 })
    store.close()
  })

  it('keeps to its quota and says when it is nearly full', () => {
    const store = openDeviceStore(':memory:', { outboxQuotaBytes: 2 * LIMITS.frameBytesMax })
    const frame = new Uint8Array(LIMITS.frameBytesMax)
    expect(store.outbox.full).toBe(false)
    expect(store.outbox.put(store.outbox.nextSeq(), frame)).toBe('stored')
    expect(store.outbox.full).toBe(false)
    const second = store.outbox.nextSeq()
    expect(store.outbox.put(second, frame)).toBe('stored')
    expect(store.outbox.full).toBe(true)
    expect(store.outbox.put(store.outbox.nextSeq(), new Uint8Array(1))).toBe('full')
    store.outbox.forget([second])
    expect(store.outbox.full).toBe(false)
    store.close()
  })

  it('counts what an earlier process left', () => {
    const path = join(folder(), 'device.db')
    const store = openDeviceStore(path)
    store.outbox.put(store.outbox.nextSeq(), new Uint8Array(100))
    store.close()
    const again = openDeviceStore(path)
    expect(again.outbox).toMatchObject({ frames: 1, bytes: 100 })
    again.close()
  })
})

describe('the enrolment', () => {
  it('comes back as it was kept, and replaces the one before', () => {
    const path = join(folder(), 'device.db')
    const store = openDeviceStore(path)
    expect(store.enrolment()).toBeNull()
    store.saveEnrolment(ENROLMENT)
    store.saveEnrolment({ ...ENROLMENT, standing: 'caught', standingReason: 'job x, unit 3' })
    store.close()
    const again = openDeviceStore(path)
    expect(again.enrolment()).toEqual({ ...ENROLMENT, standing: 'caught', standingReason: 'job x, unit 3' })
    again.close()
  })
})

describe('a store of older software', () => {
  it('keeps what it held and takes readings from then on', () => {
    const path = join(folder(), 'device.db')
    const db = new DatabaseSync(path)
    db.exec(FIRST_FORM)
    db.prepare('INSERT INTO outbox (seq, frame) VALUES (7, ?)').run(new Uint8Array([1, 2, 3]))
    db.exec("INSERT INTO counter VALUES ('connect', 41)")
    db.prepare("INSERT INTO enrolment VALUES (1, 'mqtt://a:1', 'home', ?, 'http://a:2', 'joined', '')").run(
      new Uint8Array(32),
    )
    db.close()
    const store = openDeviceStore(path)
    expect(store.nextCounter()).toBe(42)
    expect(store.enrolment()).toMatchObject({ mqttUrl: 'mqtt://a:1', region: 'home', caKeySha256: null })
    expect(store.outbox.after(0, 9)).toEqual([{ seq: 7, frame: new Uint8Array([1, 2, 3]), profile: null }])
    expect(store.samples.plan()).toBeNull()
    expect(store.commit(() => store.samples.savePlan(new Uint8Array([9])))).toBe('stored')
    store.close()
    const again = openDeviceStore(path)
    expect(again.samples.plan()).toEqual(new Uint8Array([9]))
    again.close()
  })
})

describe('a commit', () => {
  it('is on disk when it returns', () => {
    const path = join(folder(), 'device.db')
    const store = openDeviceStore(path)
    store.commit(() => store.samples.savePlan(new Uint8Array([1])))
    const survivor = afterCrash(path)
    expect(survivor.samples.plan()).toEqual(new Uint8Array([1]))
    survivor.close()
    store.close()
  })

  it('that fails has written nothing, and counts as before', () => {
    const store = openDeviceStore(':memory:')
    const row = {
      stream: 's',
      origin: PROFILE,
      profile: PROFILE,
      level: 0,
      boot: 0,
      readings: 5,
      body: new Uint8Array(9),
    }
    store.commit(() => store.samples.add(row, true))
    const { bytes } = store.samples
    store.outbox.reserve(2)
    const failing = () => {
      store.samples.add(row, true)
      store.outbox.putReading(store.outbox.nextSeq(), new Uint8Array(4), PROFILE)
      throw new Error('a bug')
    }
    expect(() => store.commit(failing)).toThrow('a bug')
    expect(store.samples).toMatchObject({ bytes, readings: 5 })
    expect(store.samples.closed(9)).toHaveLength(1)
    expect(store.outbox).toMatchObject({ frames: 0, readingBytes: 0 })
    store.close()
  })
})

describe('a store that cannot be used', () => {
  it('refuses a second process on the same folder', () => {
    const path = join(folder(), 'device.db')
    const store = openDeviceStore(path)
    expect(() => openDeviceStore(path)).toThrow(expect.objectContaining({ info: { code: 'in_use', path } }))
    store.close()
    openDeviceStore(path).close()
  })

  it('says what to do about a damaged file', () => {
    const path = join(folder(), 'device.db')
    writeFileSync(path, 'this is not a database, however long it may be'.repeat(100))
    expect(() => openDeviceStore(path)).toThrow(/is damaged: .* Move it away and start with a new claim/)
  })

  it('refuses records of newer software', () => {
    const path = join(folder(), 'device.db')
    openDeviceStore(path).close()
    const db = new DatabaseSync(path)
    db.exec('PRAGMA user_version = 99')
    db.close()
    const info = { code: 'newer_data', path, found: 99, known: 3 }
    expect(() => openDeviceStore(path)).toThrow(expect.objectContaining({ info }))
  })

  it('names a folder that is not there', () => {
    const path = join(folder(), 'missing', 'device.db')
    expect(() => openDeviceStore(path)).toThrow(/cannot be written: check that the folder exists/)
  })

  it('refuses a quota that would hold hardly any reading', () => {
    expect(() => openDeviceStore(':memory:', { samplesQuotaBytes: 100 })).toThrow(/The samples quota is 100/)
  })

  it('refuses a quota that would not hold two frames', () => {
    expect(() => openDeviceStore(':memory:', { outboxQuotaBytes: 1_000 })).toThrow(/The outbox quota is 1000/)
  })
})
