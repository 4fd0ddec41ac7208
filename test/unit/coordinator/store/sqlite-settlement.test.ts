import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { createMemoryStore, openSqliteStore } from '../../../../coordinator/store/index.ts'
import { APPLICATION_ID, SCHEMA_STEPS } from '../../../../coordinator/store/schema.ts'
import { SqliteWriter } from '../../../../coordinator/store/sqlite-writer.ts'
import { AssertionError } from '../../../../protocol/index.ts'
import { accountRow, DEVICES, deviceRow, fund, transferRow } from '../../../support/rows.ts'
import {
  checkpointRow,
  disputeRow,
  entryRow,
  epochRow,
  holdRow,
  payoutRow,
  receiptRow,
  tileRow,
} from '../../../support/settlement-rows.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const tempDir = tempDirs()
const [device] = DEVICES
const ada = 'submitter:ada'

test('brings a file of before settlement forward: its transfers moved money at once, and its log is empty', () => {
  const path = join(tempDir(), 'coordinator.db')
  const db = new DatabaseSync(path)
  db.exec(SCHEMA_STEPS.slice(0, 3).join('\n'))
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 3`)
  const { publicKey, owner, label, standing } = deviceRow(device)
  db.prepare('INSERT INTO device VALUES (1, ?, ?, ?, ?, ?, ?, 10, 1, 0, 0, 0, 0, 0, 0, 0)').run(
    ...[device, publicKey, owner, label, standing, ''],
  )
  db.exec(`INSERT INTO account VALUES (1, 'treasury', ${2n ** 62n + 5n}, 0), (2, '${ada}', 0, ${2n ** 62n + 5n})`)
  const old = [transferRow(ada, 5n, 'fund/ada/1', 1), transferRow(ada, 2n ** 62n, 'fund/ada/2', 2)]
  const insert = db.prepare("INSERT INTO transfer VALUES (NULL, ?, 'fund', 1, 2, ?, ?, ?)")
  for (const row of old) insert.run(row.id, row.amountMicro, row.purpose, row.atMs)
  db.close()

  const store = openSqliteStore(path)
  expect(store.devices()).toEqual([deviceRow(device)])
  expect(store.accounts()).toEqual([accountRow(ada, 0n, 2n ** 62n + 5n), accountRow('treasury', 2n ** 62n + 5n, 0n)])
  expect([...store.transfers()]).toEqual(old)
  expect(store.transferFor('fund/ada/2')).toEqual(old[1])
  expect([store.entryCount(), store.holds(), store.checkpoint()]).toEqual([0, [], null])
  store.commit([
    { table: 'entry', row: entryRow(0) },
    { table: 'receipt', row: receiptRow(device) },
    { table: 'hold', row: holdRow('deposit/d1', ada, 'treasury') },
  ])
  expect(() => store.commit([{ table: 'transfer', row: transferRow(ada, 7n, 'fund/ada/1', 9) }])).toThrow(
    AssertionError,
  )
  expect([store.transferCount(), store.entryCount(), store.receipts()]).toEqual([2, 1, [receiptRow(device)]])
  store.close()
  openSqliteStore(path).close()
})

test('finds transfers by purpose, leases, entries, tiles and disputes by their indexes', () => {
  const db = new DatabaseSync(':memory:')
  for (const step of SCHEMA_STEPS) db.exec(step)
  const planOf = (sql: string) =>
    db
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(row => String(row.detail))
  const plans = [
    planOf('SELECT * FROM transfer WHERE purpose = ?'),
    planOf('SELECT bytes FROM entry WHERE no >= ? AND no < ? ORDER BY no'),
    planOf('SELECT hashes FROM tile WHERE level = ? AND tile_index = ?'),
    planOf("SELECT * FROM dispute WHERE state IN ('open') ORDER BY no DESC"),
    planOf('SELECT * FROM dispute WHERE job = ? ORDER BY no DESC'),
    planOf('SELECT * FROM payout WHERE epoch = ? ORDER BY payee'),
  ]
  for (const plan of plans) expect(plan).toEqual([expect.stringMatching(/^SEARCH \w+ USING/)])
  db.close()
})

test('goes on with the log after a commit that failed', () => {
  const db = new DatabaseSync(':memory:')
  for (const step of SCHEMA_STEPS) db.exec(step)
  const writer = new SqliteWriter(db)
  writer.commit([{ table: 'entry', row: entryRow(0) }])
  const twice = fund(ada, 1n, 1).slice(2)
  expect(() => writer.commit([{ table: 'entry', row: entryRow(1) }, ...twice])).toThrow(AssertionError)
  writer.commit([{ table: 'entry', row: entryRow(1) }])
  expect(() => writer.commit([{ table: 'entry', row: entryRow(3) }])).toThrow(
    'entry 3 of the log is the next one, which is 2',
  )
  expect(db.prepare('SELECT no FROM entry').all()).toEqual([{ no: 0 }, { no: 1 }])
  db.close()
})

test('a crash in memory takes back settlement that was not synced', () => {
  const store = createMemoryStore({ sync: 'manual' })
  store.commit([
    { table: 'device', row: deviceRow(device) },
    { table: 'account', row: accountRow(ada, 0n, 200n) },
    { table: 'account', row: accountRow('escrow:d1', 0n, 0n) },
    { table: 'hold', row: holdRow('a', ada, 'escrow:d1') },
    { table: 'hold', row: holdRow('b', ada, 'escrow:d1') },
    { table: 'entry', row: entryRow(0) },
    { table: 'checkpoint', row: checkpointRow(1) },
    { table: 'epoch', row: epochRow(1) },
  ])
  store.sync()
  store.commit([
    { table: 'hold-delete', purpose: 'a' },
    { table: 'hold', row: { ...holdRow('b', ada, 'escrow:d1'), leftMicro: 1n } },
    { table: 'entry', row: entryRow(1) },
    { table: 'tile', row: tileRow(0, 0) },
  ])
  store.commit([
    { table: 'entry', row: entryRow(2) },
    { table: 'checkpoint', row: checkpointRow(3) },
    { table: 'payout', row: payoutRow(1, 'greta') },
    { table: 'receipt', row: receiptRow(device) },
    { table: 'dispute', row: disputeRow('d1') },
    ...fund(ada, 1n, 1),
  ])
  store.crash()
  expect(store.holds()).toEqual([holdRow('a', ada, 'escrow:d1'), holdRow('b', ada, 'escrow:d1')])
  expect([store.entryCount(), store.entries(0, 9), store.tile(0, 0)]).toEqual([1, [entryRow(0).bytes], null])
  expect(store.checkpoint()).toEqual(checkpointRow(1))
  expect([store.payouts(1), store.receipts(), store.disputes(), store.transferFor('fund/submitter:ada/1')]).toEqual([
    [],
    [],
    [],
    null,
  ])
  store.commit([{ table: 'entry', row: entryRow(1) }, ...fund(ada, 1n, 1)])
  expect([store.entryCount(), store.transferCount()]).toEqual([2, 1])
})
