/** Whoever changes a byte of a row in a coordinator's database is found out, but for the columns that are listed. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SCHEMA_STEPS } from '../../coordinator/store/schema.ts'
import { type DeviceId, formatVerifierKey, logKeyOf } from '../../protocol/index.ts'
import { auditFile, auditWorld, writeWorld } from '../support/audit-rows.ts'
import { type Change, changedValue } from '../support/change-value.ts'
import { DepartmentWorld, honest, liar } from '../support/department-world.ts'
import { partsOf, witnessOf } from '../support/log-builder.ts'
import { writeDatabase } from '../support/log-database.ts'
import { sampleLog } from '../support/sample-log.ts'
import { writeSmallRegion } from '../support/small-region.ts'
import { UNPROVEN, type Unproven } from '../support/unproven-columns.ts'

/** A log written by hand in which everything happens; departments with a liar among them; and a region of real devices. */
const SOURCES = ['sample', 'world', 'region'] as const
type Source = (typeof SOURCES)[number]

/** Changes that are tried of each column in each of them. */
const TRIES = 2
/** What a world without keys and blobs does not have right to begin with. */
const NOT_IN_WORLD: Readonly<Record<string, readonly string[]>> = {
  job: ['unit_fuel_least', 'unit_fuel_greatest', 'bill_sha256', 'bill_bytes'],
  meta: ['key', 'value'],
}
const change: fc.Arbitrary<Change> = fc.record({ at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) })

let folder: string
const pathOf = (source: Source): string => join(folder, `${source}.sqlite`)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hedgerow-tamper-rows-'))
  writeSample(pathOf('sample'))
  writeWorld(pathOf('world'), liarsWorld().store)
  await writeSmallRegion(pathOf('region'))
}, 60_000)
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const TITLE = '[LOG-9.1] [LOG-9.2] [LOG-9.3] [LOG-9.4] [LOG-9.5] a row of which a byte is changed is named'
const TABLES = tablesOf()

describe(TITLE, () => {
  test.each(SOURCES)('before anything is changed nothing is, in the %s', async source => {
    expect(await audit(pathOf(source), source)).toEqual([])
  })

  test.each([...TABLES.keys()])(
    'in %s',
    async table => {
      const provable = [...(TABLES.get(table) ?? [])].filter(column => !isUnproven(table, column))
      const untried = new Set(provable)
      for (const source of SOURCES) {
        for (const column of provable) {
          if (source === 'world' && NOT_IN_WORLD[table]?.includes(column)) continue
          const attempt = async (row: number, by: Change) => {
            const path = join(folder, 'changed.sqlite')
            copyFileSync(pathOf(source), path)
            const done = changeOne(path, table, column, row, by)
            if (done === null) return
            untried.delete(column)
            expect(await audit(path, source), `${source}: ${done}`).not.toEqual([])
          }
          await fc.assert(fc.asyncProperty(fc.nat(), change, attempt), { numRuns: TRIES, endOnFailure: true })
        }
      }
      // Whatever is not tried is listed.
      expect([...untried]).toEqual([])
    },
    120_000,
  )

  test('and what is listed as not proven is there, but nothing else', () => {
    for (const [table, listed] of Object.entries(UNPROVEN)) {
      const columns = TABLES.get(table)
      for (const column of Object.keys(listed)) expect([...(columns ?? []), '*'], table).toContain(column)
    }
  })
})

/** Every column of every table. */
function tablesOf(): Map<string, string[]> {
  const db = new DatabaseSync(':memory:')
  for (const step of SCHEMA_STEPS) db.exec(step)
  const sql =
    'SELECT m.name AS name, c.name AS column FROM sqlite_master m JOIN pragma_table_info(m.name) c ' +
    "WHERE m.type = 'table' AND m.name NOT GLOB 'sqlite_*' ORDER BY 1, c.cid"
  const tables = new Map<string, string[]>()
  for (const { name, column } of db.prepare(sql).all()) {
    tables.set(String(name), [...(tables.get(String(name)) ?? []), String(column)])
  }
  db.close()
  return tables
}

const listed = (table: string, column: string): Unproven | undefined =>
  UNPROVEN[table]?.[column] ?? UNPROVEN[table]?.['*']

/** Nothing is said of any row. */
function isUnproven(table: string, column: string): boolean {
  const found = listed(table, column)
  return found !== undefined && found.butWhere === undefined
}

function writeSample(path: string): void {
  const log = sampleLog(40)
  const { key } = witnessOf('north')
  const origin = 'hedgerow/log/north'
  const keys = { logKey: formatVerifierKey(logKeyOf(origin, key.publicKey)), witnessKey: formatVerifierKey(key) }
  const other = { url: 'http://north', size: 0, root: new Uint8Array(), addedAtMs: 1 }
  writeDatabase(path, log, partsOf(log, [witnessOf('north')]), [{ table: 'peer', row: { origin, ...keys, ...other } }])
}

/** Some jobs, the last of them in the middle, with answers that wait for others. */
function liarsWorld(): DepartmentWorld {
  const world = new DepartmentWorld({ seed: 'tamper', policy: { holdbackWindowMs: 1_000 } })
  world.advance(10)
  const devices = world.join(['ann', honest], ['bob', honest], ['cyd', honest], ['eve', liar], ['fay', honest])
  const job = { split: { kind: 'range', from: 0, to: 60, chunk: 1 }, leaseUnitsMax: 2 }
  for (let i = 0; i < 3; i++) {
    world.run(world.submit(job).id)
    world.advance(700)
  }
  const { id } = world.submit({ ...job, verify: { theta: 0.99999 } })
  const waits = () => world.store.openLeases(id).some(({ outputs }) => outputs !== null)
  for (let i = 0; !waits() && i < 100; i++) world.answer(devices[i % devices.length] as DeviceId)
  return world
}

/** What an auditor names. Of a world without real keys what depends on them is not looked at. */
async function audit(path: string, source: Source): Promise<string[]> {
  if (source === 'world') return auditWorld(path)
  return auditFile(path, [], source === 'sample' ? [witnessOf('north').key] : [])
}

/** Changes one byte of one value. @returns what it did; null when there is nothing to change, or the database itself refuses the change */
function changeOne(path: string, table: string, column: string, row: number, by: Change): string | null {
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false, readBigInts: true })
  try {
    const key = keyOf(db, table)
    const rows = `FROM ${table} WHERE ${column} IS NOT NULL AND (${listed(table, column)?.butWhere ?? 'TRUE'})`
    const count = Number(db.prepare(`SELECT count(*) AS n ${rows}`).get()?.n)
    if (count === 0) return null
    const chosen = `${rows} ORDER BY ${key} LIMIT 1 OFFSET ${row % count}`
    const value = db.prepare(`SELECT ${column} AS value ${chosen}`).get()?.value as bigint | string | Uint8Array
    const other = changedValue(value, by)
    db.prepare(`UPDATE ${table} SET ${column} = ? WHERE (${key}) = (SELECT ${key} ${chosen})`).run(other)
    return `${column} of row ${row % count} from ${value} to ${other}`
  } catch (error) {
    // Two rows under one key, or a second checkpoint.
    if (String(error).includes('constraint')) return null
    throw error
  } finally {
    db.close()
  }
}

/** What tells the rows of a table apart. */
function keyOf(db: DatabaseSync, table: string): string {
  const isPlain = !String(db.prepare('SELECT sql FROM sqlite_master WHERE name = ?').get(table)?.sql).includes(
    'WITHOUT ROWID',
  )
  if (isPlain) return 'rowid'
  const columns = db.prepare('SELECT name FROM pragma_table_info(?) WHERE pk > 0').all(table)
  return columns.map(({ name }) => name).join(', ')
}
