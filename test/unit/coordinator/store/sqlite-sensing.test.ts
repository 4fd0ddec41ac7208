import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { createMemoryStore, openSqliteStore } from '../../../../coordinator/store/index.ts'
import { APPLICATION_ID, SCHEMA_STEPS } from '../../../../coordinator/store/schema.ts'
import { SqliteSensingReader } from '../../../../coordinator/store/sqlite-sensing-reader.ts'
import { SqliteWriter } from '../../../../coordinator/store/sqlite-writer.ts'
import { Statements } from '../../../../coordinator/store/statements.ts'
import { DEVICES, deviceRow, JOBS } from '../../../support/rows.ts'
import {
  CAMPAIGNS,
  CELLS,
  campaignRow,
  frameRow,
  judgementRow,
  PROFILES,
  profileRow,
  SENSORS,
  sensorRow,
} from '../../../support/sensing-rows.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const tempDir = tempDirs()
const [device] = DEVICES
const [sensor] = SENSORS
const [profile] = PROFILES
const [campaign] = CAMPAIGNS
const [job] = JOBS

test('brings a file of before sensing forward and loses nothing of it', () => {
  const path = join(tempDir(), 'coordinator.db')
  const db = new DatabaseSync(path)
  db.exec(`${SCHEMA_STEPS[0]} ${SCHEMA_STEPS[1]}`)
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 2`)
  const { publicKey, owner, label, standing } = deviceRow(device)
  db.prepare('INSERT INTO device VALUES (1, ?, ?, ?, ?, ?, ?, 10, 1, 0, 0, 0, 0, 0, 0, 0)').run(
    ...[device, publicKey, owner, label, standing, ''],
  )
  db.prepare(
    `INSERT INTO job (id, submitter, ref, state, reason, created_at_ms, units, gigafuel_price_micro, budget_micro, paid_micro,
    fee_micro, failed_units, replica_leases, speculative_leases, leases, fuel) VALUES (?, 'ada', '', 'done', '', 30, 4, 5, 6, 7, 8, 0, 0, 0, 1, 99)`,
  ).run(job)
  db.exec("INSERT INTO job_spec VALUES (1, '{}')")
  db.close()
  const store = openSqliteStore(path)
  expect(store.devices()).toEqual([deviceRow(device)])
  expect(store.job(job)).toMatchObject({ state: 'done', gigafuelPriceMicro: 5n, paidMicro: 7n, fuel: 99n })
  store.commit([
    { table: 'sensor', row: sensorRow(sensor, device) },
    { table: 'profile', row: profileRow(profile, [sensor, 'pm10']) },
    { table: 'frame', row: frameRow(1, device, profile) },
  ])
  expect([...store.frames({ sensor })]).toEqual([frameRow(1, device, profile)])
  store.close()
  openSqliteStore(path).close()
})

/** Remembers what was asked of the database. */
class RecordedStatements extends Statements {
  readonly asked = new Set<string>()

  override plain(sql: string): StatementSync {
    this.asked.add(sql)
    return super.plain(sql)
  }
}

test('asks for frames, judgements and windows by their indexes, and sorts none of the frames', () => {
  const db = new DatabaseSync(':memory:')
  for (const step of SCHEMA_STEPS) db.exec(step)
  new SqliteWriter(db).commit([
    { table: 'device', row: deviceRow(device) },
    { table: 'sensor', row: sensorRow(sensor, device) },
    { table: 'profile', row: profileRow(profile, [sensor, 'pm10']) },
    { table: 'frame', row: frameRow(1, device, profile) },
    { table: 'campaign', row: campaignRow(campaign) },
  ])
  const plansOf = (ask: (reader: SqliteSensingReader) => unknown): string[] => {
    const statements = new RecordedStatements(db)
    ask(new SqliteSensingReader(statements))
    const plan = (sql: string) => db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
    return [...statements.asked].flatMap(plan).map(row => String(row.detail))
  }
  const plans = [
    plansOf(reader => [...reader.frames({ sensor, quantity: 'pm10', fromMs: 60_000 })]),
    plansOf(reader => [...reader.frames({ sensor, newestFirst: true })]),
    plansOf(reader => [...reader.frames({ device })]),
    plansOf(reader => reader.hasFrame(device, 1)),
  ]
  for (const plan of plans) {
    expect(plan.filter(step => /TEMP B-TREE|SCAN (?!CONSTANT)/.test(step))).toEqual([])
    expect(plan).toContainEqual(expect.stringMatching(/SEARCH frame USING (COVERING )?INDEX/))
  }
  const received = plansOf(reader => [...reader.framesAbove(1)])
  expect(received[0]).toContain('SEARCH f USING INTEGER PRIMARY KEY')
  expect(received.filter(step => step.includes('TEMP B-TREE'))).toEqual([])
  const byKey = [
    plansOf(reader => reader.judgements({ campaign, fromMs: 0, toMs: 9 })),
    plansOf(reader => reader.judgements({ sensor, fromMs: 0 })),
    plansOf(reader => reader.judgements({ device, fromMs: 0 })),
  ]
  for (const plan of byKey) {
    expect(plan[0]).toMatch(/SEARCH j USING (PRIMARY KEY|INDEX)/)
    // Only what shares a window is sorted, so the first few of many cost no more than a few.
    expect(plan.filter(step => step.includes('TEMP B-TREE'))).toEqual([
      expect.stringMatching(/LAST .*TERMS? OF ORDER BY/),
    ])
  }
  expect(plansOf(reader => reader.windows({ campaign, newestFirst: true, limit: 5 }))[0]).toContain(
    'PRIMARY KEY (campaign=?',
  )
  expect(plansOf(reader => reader.windows({ campaign, cell: CELLS[0] }))[0]).toContain('cell_window_by_cell')
  db.close()
})

test('a crash in memory takes back sensing that was not synced', () => {
  const store = createMemoryStore({ sync: 'manual' })
  store.commit([
    { table: 'device', row: deviceRow(device) },
    { table: 'sensor', row: sensorRow(sensor, device) },
    { table: 'profile', row: profileRow(profile, [sensor, 'pm10']) },
    { table: 'campaign', row: campaignRow(campaign) },
  ])
  store.sync()
  store.commit([
    { table: 'frame', row: frameRow(1, device, profile) },
    { table: 'judgement', row: judgementRow(campaign, 0, sensor, device) },
    { table: 'campaign', row: { ...campaignRow(campaign), state: 'done' } },
  ])
  store.crash()
  expect([[...store.frames({})], store.hasFrame(device, 1), store.judgements({})]).toEqual([[], false, []])
  expect(store.campaign(campaign)).toEqual(campaignRow(campaign))
})
