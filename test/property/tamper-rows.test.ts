/**
 * Whoever changes a byte of a row in a coordinator's database is found out; and who knows how rows are summed, and sums the row again,
 * but for the columns that are listed.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SCHEMA_STEPS } from '../../coordinator/store/schema.ts'
import { type DeviceId, formatVerifierKey, logKeyOf, SUM_COLUMN, SUMMED_TABLES } from '../../protocol/index.ts'
import { auditFile, auditWorld, writeWorld } from '../support/audit-rows.ts'
import { type Change, changedValue, type Value } from '../support/change-value.ts'
import { DepartmentWorld, honest, liar } from '../support/department-world.ts'
import { jobOf, partsOf, witnessOf } from '../support/log-builder.ts'
import { writeDatabase } from '../support/log-database.ts'
import { ownerRow } from '../support/rows.ts'
import { sampleLog } from '../support/sample-log.ts'
import { writeSmallRegion } from '../support/small-region.ts'
import { sumAgain } from '../support/sum-again.ts'
import { UNPROVEN, type Unproven } from '../support/unproven-columns.ts'

/** A log written by hand in which everything happens; departments with a liar among them; and a region of real devices. */
const SOURCES = ['sample', 'world', 'region'] as const
type Source = (typeof SOURCES)[number]

/** What a world without keys and blobs does not have right to begin with. */
const NOT_IN_WORLD: Readonly<Record<string, readonly string[]>> = {
  job: ['unit_fuel_least', 'unit_fuel_greatest', 'bill_sha256', 'bill_bytes'],
  meta: ['key', 'value'],
}
/** What is done to a value: a byte of it is changed, it becomes NULL, or it is no longer NULL. */
const WAYS = ['byte', 'clear', 'fill'] as const
type How = (typeof WAYS)[number]

/** The database itself does not take the change. */
const REFUSED = 'refused'

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

const TITLE = '[LOG-9.1] [LOG-9.2] [LOG-9.3] [LOG-9.4] [LOG-9.5] [LOG-9.7] a row of which a byte is changed is named'
const TABLES = tablesOf()

describe(TITLE, () => {
  test.each(SOURCES)('before anything is changed nothing is, in the %s', async source => {
    expect(await audit(pathOf(source), source)).toEqual([])
  })

  test.each(SUMMED_TABLES)(
    'in any column of %s',
    async table => {
      const columns = TABLES.get(table)?.map(({ name }) => name) ?? []
      const untried = new Set(columns)
      const attempts = columns.flatMap(column => WAYS.flatMap(how => SOURCES.map(source => ({ column, how, source }))))
      for (const { column, how, source } of attempts) {
        if (!untried.has(column)) continue
        const path = join(folder, 'changed.sqlite')
        copyFileSync(pathOf(source), path)
        const [row, by] = fc.sample(fc.tuple(fc.nat(), change), 1)[0] ?? [0, { at: 0, by: 1 }]
        const done = changeOne(path, { table, column, how, row, by, where: 'TRUE' })
        if (done === null) continue
        untried.delete(column)
        if (done === REFUSED) continue
        const named = expect.stringMatching(`^row.sum: The row of ${table} with the `)
        expect(await audit(path, source), `${source}: ${done}`).toContainEqual(named)
      }
      expect([...untried]).toEqual([])
    },
    120_000,
  )

  test.each([...TABLES.keys()])(
    'in %s, though the row is summed again, unless only its sum speaks for it',
    async table => {
      const provable = (TABLES.get(table) ?? []).filter(({ name }) => !isUnproven(table, name))
      const untried = new Set(provable.map(({ name }) => name))
      for (const source of SOURCES) {
        for (const { name, isNullable } of provable) {
          if (source === 'world' && NOT_IN_WORLD[table]?.includes(name)) continue
          const attempt = async (how: How, row: number, by: Change) => {
            const path = join(folder, 'changed.sqlite')
            copyFileSync(pathOf(source), path)
            const where = listed(table, name)?.butWhere ?? 'TRUE'
            const done = changeOne(path, { table, column: name, how, row, by, where }, sumAgain)
            if (done === null || done === REFUSED) return
            untried.delete(name)
            expect(await audit(path, source), `${source}: ${done}`).not.toEqual([])
          }
          for (const how of WAYS) {
            if (how !== 'byte' && !isNullable) continue
            if (how === 'clear' && listed(table, name)?.mayBeCleared) continue
            const tried = fc.asyncProperty(fc.nat(), change, (row, by) => attempt(how, row, by))
            await fc.assert(tried, { numRuns: 1, endOnFailure: true })
          }
        }
      }
      // Whatever is not tried is listed.
      expect([...untried]).toEqual([])
    },
    120_000,
  )

  test('and tables of which only a sum can tell that a column was changed have sums', () => {
    for (const [table, listed] of Object.entries(UNPROVEN)) {
      const columns = TABLES.get(table)?.map(({ name }) => name)
      for (const column of Object.keys(listed)) expect([...(columns ?? []), '*'], table).toContain(column)
      expect(SUMMED_TABLES).toContain(table)
    }
    const withSums = [...TABLES].filter(([, columns]) => columns.some(({ name }) => name === SUM_COLUMN))
    expect(withSums.map(([table]) => table)).toEqual([...SUMMED_TABLES].sort())
  })
})

interface Column {
  readonly name: string
  readonly isNullable: boolean
}

/** Every column of every table. */
function tablesOf(): Map<string, Column[]> {
  const db = new DatabaseSync(':memory:')
  for (const step of SCHEMA_STEPS) db.exec(step)
  const sql =
    'SELECT m.name AS name, c.name AS column, c."notnull" OR c.pk AS is_there FROM sqlite_master m JOIN pragma_table_info(m.name) c ' +
    "WHERE m.type = 'table' AND m.name NOT GLOB 'sqlite_*' ORDER BY 1, c.cid"
  const tables = new Map<string, Column[]>()
  for (const { name, column, is_there } of db.prepare(sql).all()) {
    const columns = tables.get(String(name)) ?? []
    tables.set(String(name), [...columns, { name: String(column), isNullable: is_there === 0 }])
  }
  db.close()
  return tables
}

const listed = (table: string, column: string): Unproven | undefined =>
  UNPROVEN[table]?.[column] ?? UNPROVEN[table]?.['*']

/** Nothing but the sum speaks for any row, or it is the sum. */
function isUnproven(table: string, column: string): boolean {
  const found = listed(table, column)
  return column === SUM_COLUMN || (found !== undefined && found.butWhere === undefined && !found.mayBeCleared)
}

function writeSample(path: string): void {
  const log = sampleLog(40)
  const { key } = witnessOf('north')
  const origin = 'hedgerow/log/north'
  const keys = { logKey: formatVerifierKey(logKeyOf(origin, key.publicKey)), witnessKey: formatVerifierKey(key) }
  const other = { url: 'http://north', size: 0, root: new Uint8Array(), addedAtMs: 1 }
  const passedOver = log.entries.find(entry => entry.type === 'device')
  if (passedOver === undefined) throw new Error('The sample has no device.')
  const { device } = passedOver
  writeDatabase(path, log, partsOf(log, [witnessOf('north')]), [
    { table: 'peer', row: { origin, ...keys, ...other } },
    { table: 'owner', row: ownerRow() },
    { table: 'exclusion', row: { job: jobOf('one'), device, reason: 'it is asleep', atMs: 1 } },
  ])
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

interface Tampering {
  readonly table: string
  readonly column: string
  readonly how: How
  /** Which of the rows. */
  readonly row: number
  readonly by: Change
  /** A condition of SQL for rows. */
  readonly where: string
}

/**
 * Changes one value.
 * @param after - what is done to the table then
 * @returns what it did; null when there is nothing to change
 */
function changeOne(
  path: string,
  { table, column, how, row, by, where }: Tampering,
  after: (db: DatabaseSync, tables: readonly string[]) => void = () => {},
): string | null {
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false, readBigInts: true })
  try {
    const key = keyOf(db, table)
    const rows = `FROM ${table} WHERE ${column} IS ${how === 'fill' ? '' : 'NOT '}NULL AND (${where})`
    const count = Number(db.prepare(`SELECT count(*) AS n ${rows}`).get()?.n)
    if (count === 0) return null
    const chosen = `${rows} ORDER BY ${key} LIMIT 1 OFFSET ${row % count}`
    const value = db.prepare(`SELECT ${column} AS value ${chosen}`).get()?.value as Value | null
    const other = value === null ? emptyOf(db, table, column) : how === 'clear' ? null : changedValue(value, by)
    db.prepare(`UPDATE ${table} SET ${column} = ? WHERE (${key}) = (SELECT ${key} ${chosen})`).run(other)
    after(db, SUMMED_TABLES.includes(table) ? [table] : [])
    return `${column} of row ${row % count} from ${value} to ${other}`
  } catch (error) {
    // Two rows under one key, or a second checkpoint.
    if (String(error).includes('constraint')) return REFUSED
    throw error
  } finally {
    db.close()
  }
}

/** Something that a column can hold. */
function emptyOf(db: DatabaseSync, table: string, column: string): Value {
  const type = db.prepare('SELECT type FROM pragma_table_info(?) WHERE name = ?').get(table, column)?.type
  return type === 'INTEGER' ? 0n : type === 'TEXT' ? '' : new Uint8Array()
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
