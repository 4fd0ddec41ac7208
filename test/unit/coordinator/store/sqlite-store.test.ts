import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openSqliteStore, type Write } from '../../../../coordinator/store/index.ts'
import { APPLICATION_ID, SCHEMA_STEPS } from '../../../../coordinator/store/schema.ts'
import { ConfigError, parseStoredJobSpec } from '../../../../protocol/index.ts'
import { DEVICES, deviceRow, fund, JOBS, jobRow, leaseRow } from '../../../support/rows.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const tempDir = tempDirs()
const newPath = () => join(tempDir(), 'coordinator.db')
const [job] = JOBS
const [device] = DEVICES

function failureOf(action: () => unknown): ConfigError {
  try {
    action()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

function startWriter(path: string, options: SpawnOptions = {}): ChildProcess & { stdout: NodeJS.ReadableStream } {
  const script = join(import.meta.dirname, '../../../support/store-writer.ts')
  const child = spawn(process.execPath, [script, path], { ...options, stdio: ['ignore', 'pipe', 'inherit'] })
  if (!child.stdout) throw new Error('no standard output')
  return child as ChildProcess & { stdout: NodeJS.ReadableStream }
}

test('makes its folder, and the file for its owner alone', () => {
  const path = join(tempDir(), 'state', 'coordinator.db')
  openSqliteStore(path).close()
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('refuses a second coordinator of the same process', () => {
  const path = newPath()
  const first = openSqliteStore(path)
  const failure = failureOf(() => openSqliteStore(path))
  expect(failure.info).toEqual({ code: 'in_use', path })
  expect(failure.message).toContain('Another coordinator is using')
  first.commit(fund('submitter:ada', 1n, 1))
  first.close()
  const second = openSqliteStore(path)
  expect(second.transferCount()).toBe(1)
  second.close()
  second.close()
})

test('refuses a second process, and takes over from one that was killed with all it said it had committed', async () => {
  const path = newPath()
  const writer = startWriter(path)
  let told = 0
  for await (const line of createInterface(writer.stdout)) {
    told = Number(line)
    if (told === 25) {
      expect(failureOf(() => openSqliteStore(path)).code).toBe('in_use')
      writer.kill('SIGKILL')
    }
  }
  expect(told).toBeGreaterThanOrEqual(25)
  const store = openSqliteStore(path)
  expect(store.transferCount()).toBeGreaterThanOrEqual(told)
  expect([...store.transfers()].map(row => row.atMs)).toEqual([...Array(store.transferCount()).keys()])
  store.close()
})

test('says in a sentence that the file cannot be written', async () => {
  const path = newPath()
  openSqliteStore(path).close()
  chmodSync(path, 0o444)
  chmodSync(join(path, '..'), 0o555)
  // Root writes where nobody may: the writer runs as somebody else then.
  const writer = startWriter(path, process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {})
  const [line] = (await once(createInterface(writer.stdout), 'line')) as [string]
  chmodSync(join(path, '..'), 0o755)
  expect(JSON.parse(line)).toEqual({
    code: 'bad_option',
    message: `The database ${path} cannot be written: give this user write access to the file and its folder.`,
  })
})

test('says in a sentence that the folder cannot be made', () => {
  const file = join(tempDir(), 'file')
  writeFileSync(file, '')
  expect(failureOf(() => openSqliteStore(join(file, 'coordinator.db'))).info).toMatchObject({ reason: 'not_writable' })
})

test('a commit that does not fit fails in a sentence, whole, and the store goes on', () => {
  const path = newPath()
  const bytesMax = 512 * 1_024
  const store = openSqliteStore(path, { bytesMax })
  store.commit([
    { table: 'device', row: deviceRow(device) },
    { table: 'job', row: jobRow(job) },
  ])
  const large = Array.from({ length: 100 }, (_, index): Write => {
    return { table: 'lease', row: { ...leaseRow(index + 1, job, device), outputs: new Uint8Array(8_192) } }
  })
  const failure = failureOf(() => store.commit([...large, ...fund('submitter:ada', 1n, 1)]))
  expect(failure.info).toEqual({ code: 'no_space', path })
  expect(failure.message).toContain('There is no space left')
  expect([store.leaseIdMax(), store.transferCount()]).toEqual([0, 0])
  store.commit(fund('submitter:ada', 1n, 1))
  expect(store.transferCount()).toBe(1)
  store.close()
})

test('brings a file of before work was metered forward: its jobs have no price of fuel, and nothing else is lost', () => {
  const path = newPath()
  const db = new DatabaseSync(path)
  db.exec(`${SCHEMA_STEPS[0]} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1`)
  const spec = {
    task: { module: { sha256: 'ab'.repeat(32) }, args: [], memoryMiB: 64, unitTimeoutMs: 10_000 },
    split: { kind: 'range', from: 0, to: 256, chunk: 1 },
    aggregate: { kind: 'sum' },
    budgetMicro: '25600',
    priceMicro: '100',
  }
  const insertJob = `INSERT INTO job VALUES (1, ?, 'ada', 'mine', 'running', '', 30, NULL, 256, 100, 25600, 950, 50, 0, 0, 0, 1, NULL, NULL)`
  db.prepare(insertJob).run(job)
  db.prepare('INSERT INTO job_spec VALUES (1, ?)').run(JSON.stringify(spec))
  db.prepare('INSERT INTO accepted VALUES (1, 0, 10, ?, NULL, NULL)').run(new Uint8Array(32))
  db.close()
  const store = openSqliteStore(path)
  const row = store.job(job)
  const kept = { state: 'running', units: 256, budgetMicro: 25_600n, paidMicro: 950n, feeMicro: 50n, leases: 1 }
  const unknown = { gigafuelPriceMicro: 0n, replicaMicro: 0n, fuel: 0n, unitFuelLeast: null, billSha256: null }
  expect(row).toMatchObject({ ...kept, ...unknown })
  expect(parseStoredJobSpec(row?.spec ?? '')).toMatchObject({ budgetMicro: 25_600n, task: { unitFuelMax: 10 ** 9 } })
  expect(store.acceptedRuns(job)).toMatchObject([{ unitCount: 10, fuel: 0 }])
  store.close()
  openSqliteStore(path).close()
})

test('refuses a file of a newer version and leaves it alone', () => {
  const path = newPath()
  openSqliteStore(path).close()
  const db = new DatabaseSync(path)
  db.exec('PRAGMA user_version = 99')
  db.close()
  expect(failureOf(() => openSqliteStore(path)).info).toMatchObject({ code: 'newer_data', found: 99 })
})

test('refuses the database of another program', () => {
  const path = newPath()
  const db = new DatabaseSync(path)
  db.exec('CREATE TABLE theirs (a INTEGER)')
  db.close()
  expect(failureOf(() => openSqliteStore(path)).message).toContain('it is the database of another program')
})

test.each<[string, (path: string) => void]>([
  [
    'is no database',
    path => writeFileSync(path, 'not a database, but long enough to have a header to look at\n'.repeat(99)),
  ],
  ['was cut short', path => truncateSync(path, 8 * 4_096)],
])('refuses a file that %s', (_, spoil) => {
  const path = newPath()
  const store = openSqliteStore(path)
  store.commit(Array.from({ length: 500 }, (_, index) => fund(`submitter:${index}`, 1n, index)).flat())
  store.close()
  spoil(path)
  const failure = failureOf(() => openSqliteStore(path))
  expect(failure.code).toBe('damaged')
  expect(failure.message).toContain('Restore it from a backup')
})

test('copies its log back before the log grows without bound, and removes it when closed', () => {
  const path = newPath()
  const store = openSqliteStore(path)
  store.commit([
    { table: 'device', row: deviceRow(device) },
    { table: 'job', row: jobRow(job) },
  ])
  const outputs = new Uint8Array(40_000)
  for (let id = 1; id <= 1_200; id += 20) {
    const rows = Array.from({ length: 20 }, (_, index) => ({ ...leaseRow(id + index, job, device), outputs }))
    store.commit(rows.map(row => ({ table: 'lease', row })))
  }
  expect(statSync(path).size).toBeGreaterThan(30e6)
  expect(statSync(`${path}-wal`).size).toBeLessThan(20e6)
  store.close()
  expect(existsSync(`${path}-wal`)).toBe(false)
})
