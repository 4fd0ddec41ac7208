/** Whoever changes a byte of a log, of its tiles, of its checkpoint or of the rows beside it is found out. */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AuditReport, auditLog, exportLog, openLogFile } from '../../auditor/index.ts'
import { openSqliteStore } from '../../coordinator/store/index.ts'
import { signCheckpoint } from '../../protocol/index.ts'
import { nodeSha256, nodeVerifier } from '../../protocol/node/index.ts'
import { KEYLESS } from '../support/audit-entries.ts'
import { copyLedger } from '../support/copy-store.ts'
import { DepartmentWorld, honest, liar } from '../support/department-world.ts'
import { type LogParts, partsOf, placesOf, sourceOf, witnessOf } from '../support/log-builder.ts'
import { writeDatabase } from '../support/log-database.ts'
import { sampleLog } from '../support/sample-log.ts'

/** Long enough for a full tile. */
const LOG = sampleLog(40)
const WITNESS = witnessOf('north')
const PARTS = partsOf(LOG, [WITNESS])
const SIZE = PARTS.entries.length
const ports = { hash: nodeSha256, verifier: nodeVerifier() }
const witnesses = [WITNESS.key]

/** Any change of one byte: where, and what is added to it. */
const change = fc.record({ at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) })
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never

function changed(bytes: Uint8Array, { at, by }: Change): Uint8Array {
  const copy = new Uint8Array(bytes)
  const place = at % copy.length
  copy[place] = ((copy[place] ?? 0) + by) & 0xff
  return copy
}

function expectNamed({ ok, problems }: AuditReport): void {
  expect(ok).toBe(false)
  expect(problems.length).toBeGreaterThan(0)
  for (const { rule, message } of problems) expect(`${rule} ${message}`).toMatch(/^[a-z]+\.[a-z]+ .+/)
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hedgerow-tamper-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('a byte that is changed is named', () => {
  test('before anything is changed nothing is', async () => {
    expect((await auditLog(ports, sourceOf(PARTS), { witnesses })).problems).toEqual([])
  })

  test('in any entry', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(SIZE - 1), change, async (index, by) => {
        const entries = PARTS.entries.map((bytes, i) => (i === index ? changed(bytes, by) : bytes))
        const report = await auditLog(ports, sourceOf({ ...PARTS, entries }), { witnesses })
        expectNamed(report)
        expect(report.problems[0]).toMatchObject({ rule: 'tree.tile', entry: index })
      }),
      { numRuns: 150 },
    )
  })

  test('in any entry, though the hashes are made again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(SIZE - 1), change, async (index, by) => {
        const forged = forge(index, by)
        const report = await auditLog(ports, sourceOf(forged), { witnesses })
        expectNamed(report)
        expect(report.problems.map(({ rule }) => rule)).toContain('tree.root')
      }),
      { numRuns: 50 },
    )
  })

  test('in any tile', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(PARTS.levels.length - 1), change, async (level, by) => {
        const levels = PARTS.levels.map((bytes, i) => (i === level ? changed(bytes, by) : bytes))
        const report = await auditLog(ports, sourceOf({ ...PARTS, levels }), { witnesses })
        expectNamed(report)
        expect(report.problems.map(({ rule }) => rule)).toEqual(['tree.tile'])
      }),
      { numRuns: 150 },
    )
  })

  test('in the checkpoint and under it', async () => {
    const path = join(folder, 'checkpoints')
    await exportLog(sourceOf(PARTS), path)
    const bytes = new TextEncoder().encode(PARTS.note)
    await fc.assert(
      fc.asyncProperty(change, async by => {
        writeFileSync(join(path, 'checkpoint'), changed(bytes, by))
        expectNamed(await auditLog(ports, openLogFile(path, nodeSha256).source, { witnesses }))
      }),
      { numRuns: 150 },
    )
  })

  test('in any file of an export', async () => {
    const path = join(folder, 'files')
    await exportLog(sourceOf(PARTS), path)
    const files = placesOf(SIZE).flatMap(({ level, index, width }) => {
      const end = `${`${index}`.padStart(3, '0')}${width === 256 ? '' : `.p/${width}`}`
      return level === 0 ? [`tile/0/${end}`, `tile/entries/${end}`] : [`tile/${level}/${end}`]
    })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), change, async (file, by) => {
        const bytes = readFileSync(join(path, file))
        writeFileSync(join(path, file), changed(bytes, by))
        const report = await auditLog(ports, openLogFile(path, nodeSha256).source, { witnesses })
        writeFileSync(join(path, file), bytes)
        expectNamed(report)
      }),
      { numRuns: 150 },
    )
  })
})

/** The log of somebody who changes an entry and computes all hashes again, but cannot sign. */
function forge(index: number, by: Change): LogParts {
  const entries = PARTS.entries.map((bytes, i) => (i === index ? changed(bytes, by) : bytes))
  return { ...partsOf(LOG, [WITNESS], entries), note: PARTS.note }
}

/**
 * Every column that the log has a word about. Not here are: numbers by which rows name each other (`no`), which mean nothing by themselves
 * and break what names them when they change; when a checkpoint was signed, by the clock of the coordinator; the signatures of an epoch, which
 * a contract checks; the words with which somebody opened a dispute; and of a device what is the coordinator's own opinion or bookkeeping.
 */
const COLUMNS: Record<string, readonly string[]> = {
  entry: ['no', 'bytes'],
  tile: ['level', 'tile_index', 'hashes'],
  checkpoint: ['size', 'note'],
  transfer: [
    'no',
    'id',
    'kind',
    'debit',
    'credit',
    'amount_micro',
    'purpose',
    'at_ms',
    'phase',
    'pending',
    'timeout_ms',
  ],
  account: ['id', 'debits_micro', 'credits_micro', 'debits_pending_micro', 'credits_pending_micro'],
  hold: ['purpose', 'kind', 'debit', 'credit', 'left_micro', 'posts', 'at_ms', 'timeout_ms'],
  receipt: ['device', 'seq', 'entry', 'earned_micro', 'lost_micro', 'released_micro', 'paid_out_micro'],
  epoch: ['epoch', 'method', 'state', 'closed_at_ms', 'root', 'payees', 'epoch_micro', 'total_micro'],
  payout: ['epoch', 'payee', 'amount_micro', 'fee_micro', 'cumulative_micro'],
  price: ['what', 'price_micro', 'epoch'],
  binding: ['device', 'seq', 'address', 'bound_at_ms', 'effective_at_ms'],
  dispute: ['id', 'account', 'deposit_micro', 'state', 'detail', 'opened_at_ms', 'ended_at_ms', 'lease', 'job'],
  device: ['id', 'public_key', 'owner', 'standing', 'standing_reason'],
  meta: ['key', 'value'],
}

describe('a byte that is changed in a database is named', () => {
  test('before anything is changed nothing is', async () => {
    expect((await auditDatabase(database('good'))).problems).toEqual([])
  })

  test.each(Object.entries(COLUMNS))('in %s', async (table, columns) => {
    const path = database(table)
    let tried = 0
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.constantFrom(...columns), change, async (row, column, by) => {
        copyFileSync(join(folder, 'good.sqlite'), path)
        if (!changeValue(path, table, row, column, by)) return
        tried++
        expectNamed(await auditDatabase(path))
      }),
      { numRuns: 40 },
    )
    expect(tried).toBeGreaterThan(10)
  })
})

/** Their keys are made up, so what depends on keys is not looked at; what is signed is. */
const WORLD_RULES: readonly string[] = [...KEYLESS, 'checkpoint.origin', 'row.meta']

describe("a byte that is changed in a region's own database is named", () => {
  test.each(['entry', 'transfer', 'account', 'tile', 'device'])('in %s', async table => {
    const good = join(folder, 'world.sqlite')
    writeWorld(good)
    const seen = async (path: string) => {
      const { problems } = await auditDatabase(path, [])
      return problems.filter(({ rule }) => !WORLD_RULES.includes(rule))
    }
    expect(await seen(good)).toEqual([])
    const columns = COLUMNS[table] ?? []
    const path = join(folder, `world-${table}.sqlite`)
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.constantFrom(...columns), change, async (row, column, by) => {
        copyFileSync(good, path)
        if (!changeValue(path, table, row, column, by)) return
        expect(await seen(path)).not.toEqual([])
      }),
      { numRuns: 20 },
    )
  })
})

/** Some jobs of a region with a liar in it, through the departments. */
function writeWorld(path: string): void {
  if (existsSync(path)) return
  const world = new DepartmentWorld({ seed: 'tamper', policy: { holdbackWindowMs: 1_000 } })
  world.join(['ann', honest], ['bob', honest], ['cyd', honest], ['eve', liar], ['fay', honest])
  for (let i = 0; i < 4; i++) {
    world.run(world.submit({ split: { kind: 'range', from: 0, to: 60, chunk: 1 }, leaseUnitsMax: 2 }).id)
    world.advance(700)
  }
  const store = openSqliteStore(path)
  copyLedger(world.store, store)
  const head = world.log.head()
  const note = signCheckpoint(head, `hedgerow/log/${'a'.repeat(26)}`, LOG.signer)
  store.commit([{ table: 'checkpoint', row: { size: head.size, note, atMs: 1 } }])
  store.close()
}

/** The sample log as a database of its own. */
function database(name: string): string {
  const good = join(folder, 'good.sqlite')
  const path = join(folder, `${name}.sqlite`)
  if (name === 'good') writeDatabase(good, LOG, PARTS)
  else copyFileSync(good, path)
  return path
}

async function auditDatabase(path: string, asked = witnesses): Promise<AuditReport> {
  const { source, rows } = openLogFile(path, nodeSha256)
  try {
    return await auditLog(ports, source, rows === null ? { witnesses: asked } : { witnesses: asked, rows })
  } finally {
    source.close()
  }
}

const WITHOUT_ROWID = ['meta', 'tile', 'price', 'binding', 'payout']

/** What tells the rows of a table apart. */
function keyOf(db: DatabaseSync, table: string): string {
  if (!WITHOUT_ROWID.includes(table)) return 'rowid'
  const columns = db.prepare('SELECT name FROM pragma_table_info(?) WHERE pk > 0').all(table)
  return columns.map(({ name }) => name).join(', ')
}

/** Changes one byte of one value. @returns false when there is nothing to change, or the database itself refuses the change */
function changeValue(path: string, table: string, row: number, column: string, by: Change): boolean {
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false })
  try {
    const key = keyOf(db, table)
    const count = Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n)
    const chosen = `FROM ${table} ORDER BY ${key} LIMIT 1 OFFSET ${row % count}`
    const read = db.prepare(`SELECT ${column} AS value ${chosen}`)
    read.setReadBigInts(true)
    const value = read.get()?.value
    if (value === null || value === undefined) return false
    const other = otherValue(value, by)
    if (other === value) return false
    const where = `(${key}) = (SELECT ${key} ${chosen})`
    db.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${where}`).run(other)
    return true
  } catch (error) {
    // Two rows under one key, or a second checkpoint.
    if (String(error).includes('constraint')) return false
    throw error
  } finally {
    db.close()
  }
}

function otherValue(value: bigint | number | string | Uint8Array, by: Change): bigint | string | Uint8Array {
  if (value instanceof Uint8Array) return changed(value, by)
  if (typeof value === 'string') {
    if (value === '') return 'x'
    // Another printable character of ASCII.
    const at = by.at % value.length
    const code = 0x21 + ((value.charCodeAt(at) - 0x21 + 94 + (by.by % 93) + 1) % 94)
    return value.slice(0, at) + String.fromCharCode(code) + value.slice(at + 1)
  }
  return BigInt(value) ^ (1n << BigInt(by.at % 40))
}
