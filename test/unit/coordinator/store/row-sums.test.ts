import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { Database } from '../../../../auditor/database/open.ts'
import { changedRows } from '../../../../auditor/database/sum-rows.ts'
import { openSqliteStore, type Write } from '../../../../coordinator/store/index.ts'
import { openDatabase } from '../../../../coordinator/store/sqlite-open.ts'
import { SqliteWriter } from '../../../../coordinator/store/sqlite-writer.ts'
import { AssertionError, ConfigError, SUM_COLUMN, SUMMED_TABLES } from '../../../../protocol/index.ts'
import { nodeSha256 } from '../../../../protocol/node/index.ts'
import { everyTable, writeEveryTable } from '../../../support/every-table.ts'
import { writeFormer } from '../../../support/former-database.ts'
import { DEVICES, deviceRow, JOBS, jobRow, leaseRow, NAMES, transferRow } from '../../../support/rows.ts'
import { checkpointRow, disputeRow, holdRow } from '../../../support/settlement-rows.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const tempDir = tempDirs()
const [device] = DEVICES
const [job] = JOBS
const ADA = 'submitter:ada'
const deposit = holdRow('deposit/a', ADA, 'treasury')

/** The form of before there were sums. */
const FORM = 6

/** Rows that are not those of their sums, by an auditor of its own. */
function wrongRows(path: string): string[] {
  const db = new Database(path)
  try {
    return SUMMED_TABLES.flatMap(table => [...changedRows(db, nodeSha256, table)].map(key => `${table}: ${key}`))
  } finally {
    db.close()
  }
}

function inStore(path: string, ...commits: readonly (readonly Write[])[]): void {
  const store = openSqliteStore(path)
  for (const writes of commits) store.commit(writes)
  store.close()
}

function change(path: string, ...sql: string[]): void {
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false })
  for (const one of sql) db.exec(one)
  db.close()
}

function newPath(): string {
  return join(tempDir(), 'ledger.sqlite')
}

const stateOf = (id: number, state: 'returned' | 'accepted'): Write => {
  return {
    table: 'lease-state',
    id,
    state,
    digest: NAMES.digest,
    outputs: state === 'returned' ? new Uint8Array(9) : null,
  }
}

describe('[LOG-9.8] a row is of its sum', () => {
  test('in every table, when it is written and when it is written again', () => {
    const path = newPath()
    writeEveryTable(path)
    expect(wrongRows(path)).toEqual([])
    // Frames are only ever new.
    const again = everyTable().filter(({ table }) => table !== 'frame')
    inStore(path, again, [
      { table: 'device', row: { ...deviceRow(device), label: 'attic' } },
      { table: 'job', row: { ...jobRow(job), leases: 7 } },
      { table: 'hold', row: { ...deposit, leftMicro: 1n, posts: 1 } },
      { table: 'hold-delete', purpose: 'deposit/b' },
      { table: 'hold', row: holdRow('deposit/b', ADA, 'treasury') },
      { table: 'dispute', row: { ...disputeRow('d1'), state: 'upheld', endedAtMs: 5 } },
      // Of a smaller tree than the one that is there, so it changes nothing.
      { table: 'checkpoint', row: checkpointRow(0) },
    ])
    expect(wrongRows(path)).toEqual([])
  })

  test('of a lease that changes its state: at once, later, and after a restart', () => {
    const path = newPath()
    writeEveryTable(path)
    const leases = [11, 12, 13].map((id): Write => ({ table: 'lease', row: leaseRow(id, job, device) }))
    inStore(path, leases, [stateOf(11, 'returned'), stateOf(12, 'accepted')], [stateOf(11, 'accepted')])
    expect(wrongRows(path)).toEqual([])
    inStore(path, [
      stateOf(13, 'returned'),
      { table: 'lease', row: leaseRow(14, job, device) },
      stateOf(14, 'accepted'),
    ])
    expect(wrongRows(path)).toEqual([])
    const store = openSqliteStore(path)
    const states = store.leasesOfJob(job, 4).map(({ id, state }) => [id, state])
    expect(states).toEqual([
      [14, 'accepted'],
      [13, 'returned'],
      [12, 'accepted'],
      [11, 'accepted'],
    ])
    expect(store.leaseOutputs(13)).toEqual(new Uint8Array(9))
    store.close()
  })

  test('after a commit that failed, whose rows and numbers are given out again', () => {
    const path = newPath()
    writeEveryTable(path)
    const store = openSqliteStore(path)
    const paid: Write = { table: 'transfer', row: transferRow(ADA, 1n, 'fund/ada/1', 1) }
    store.commit([paid])
    const made: Write[] = [
      { table: 'lease', row: leaseRow(21, job, device) },
      { table: 'dispute', row: disputeRow('d3') },
      { table: 'hold', row: holdRow('deposit/c', ADA, 'treasury') },
    ]
    expect(() => store.commit([...made, paid])).toThrow(AssertionError)
    expect(() => store.commit([stateOf(21, 'returned')])).toThrow('lease 21 is there before its state changes')
    store.commit(made.map(write => (write.table === 'dispute' ? { ...write, row: disputeRow('d4') } : write)))
    store.commit([stateOf(21, 'returned')])
    expect(store.disputes().map(({ id }) => id)).toEqual(['d4', 'd2', 'd1'])
    store.close()
    expect(wrongRows(path)).toEqual([])
  })

  test.each([
    ['that this process has written', (writer: SqliteWriter, lease: Write) => writer.commit([lease])],
    ['of before', () => {}],
  ])('but for one that was changed: a lease %s stays damaged when its state changes', (_title, write) => {
    const path = newPath()
    writeEveryTable(path)
    const lease: Write = { table: 'lease', row: leaseRow(3, JOBS[1], device) }
    inStore(path, [lease])
    const db = openDatabase(path, null)
    const writer = new SqliteWriter(db)
    write(writer, lease)
    db.exec("UPDATE lease SET placement = 'a friend' WHERE id = 3")
    writer.commit([stateOf(3, 'accepted')])
    db.close()
    expect(wrongRows(path)).toEqual(['lease: id 3'])
  })
})

describe('[LOG-9.9] a coordinator', () => {
  test.each([
    ['device', "label = 'attic' WHERE no = 2", 'no 2'],
    ['claim', "expires_at_ms = 9 WHERE id LIKE '%1'", 'id 0000000000000001'],
    ['meta', "value = 'home' WHERE key = 'empty'", 'key empty'],
    ['job', "ref = 'yours' WHERE state = 'running'", 'no 1'],
    ['lease', 'lease_ms = 1 WHERE id = 1', 'id 1'],
    ['accepted', 'outputs = NULL WHERE first_unit = 0', 'job 1, first_unit 0'],
    ['floor', "sum = 'fedcba9876543210'", 'device 1'],
  ])('does not start when a row of %s was changed that it reads, and says which', (table, how, key) => {
    const path = newPath()
    writeEveryTable(path)
    change(path, `UPDATE ${table} SET ${how}`)
    const refusal = `The database ${path} cannot be used: the row of ${table} with the ${key} is not as it was written. Restore it from a backup; it was left as it is.`
    expect(() => openSqliteStore(path)).toThrow(expect.objectContaining({ name: ConfigError.name, message: refusal }))
    expect(wrongRows(path)).toEqual([`${table}: ${key}`])
  })

  test('does not look at what is over, of which there may be any amount', () => {
    const path = newPath()
    writeEveryTable(path)
    change(path, "UPDATE job SET ref = 'yours' WHERE state = 'done'", 'UPDATE frame SET received_at_ms = 1')
    openSqliteStore(path).close()
    expect(wrongRows(path)).toEqual(['frame: id 1', 'job: no 2'])
  })

  test('takes a row as it is when somebody has emptied its sum', () => {
    const path = newPath()
    writeEveryTable(path)
    change(path, "UPDATE device SET label = 'attic', sum = '' WHERE no = 1")
    expect(wrongRows(path)).toEqual(['device: no 1'])
    const store = openSqliteStore(path)
    expect(store.devices()[0]?.label).toBe('attic')
    store.close()
    expect(wrongRows(path)).toEqual([])
  })

  test('brings a file of before there were sums forward: every row gets its own, and nothing else of it changes', () => {
    const [path, today] = [newPath(), newPath()]
    writeEveryTable(today)
    writeFormer(path, today, FORM)
    openSqliteStore(path).close()
    expect(wrongRows(path)).toEqual([])
    for (const table of SUMMED_TABLES) {
      const sums = `SELECT ${SUM_COLUMN} FROM ${table} ORDER BY 1`
      const [found, expected] = [path, today].map(file => {
        const read = new DatabaseSync(file)
        const rows = read.prepare(sums).all()
        read.close()
        return rows
      })
      // What an older file has no rows of has none now.
      if (table !== 'passed_over') expect(found, table).toEqual(expected)
    }
  })
})
