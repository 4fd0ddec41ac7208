import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { type AuditReport, auditLog, openLogFile } from '../../../auditor/index.ts'
import { openSqliteStore } from '../../../coordinator/store/index.ts'
import { formatVerifierKey, logKeyOf } from '../../../protocol/index.ts'
import { nodeSha256, nodeVerifier } from '../../../protocol/node/index.ts'
import { ALICE, LogBuilder, partsOf, witnessOf } from '../../support/log-builder.ts'
import { writeDatabase } from '../../support/log-database.ts'
import { accountRow, transferRow } from '../../support/rows.ts'
import { sampleLog } from '../../support/sample-log.ts'
import { tempDirs } from '../../support/temp-dir.ts'

const tempDir = tempDirs()

function sampleDatabase(jobs = 0): string {
  const path = join(tempDir(), 'ledger.sqlite')
  const log = sampleLog(jobs)
  writeDatabase(path, log, partsOf(log, [witnessOf('north')]))
  return path
}

async function audit(path: string): Promise<AuditReport> {
  const { source, rows, knownWitnesses } = openLogFile(path, nodeSha256)
  try {
    const options = { knownWitnesses, ...(rows === null ? {} : { rows }) }
    return await auditLog({ hash: nodeSha256, verifier: nodeVerifier() }, source, options)
  } finally {
    source.close()
  }
}

const rulesOf = async (path: string) => (await audit(path)).problems.map(({ rule }) => rule)

/** Changes the file as nobody should. */
function change(path: string, ...sql: string[]): void {
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false })
  for (const one of sql) db.exec(one)
  db.close()
}

describe('a database', () => {
  test('that is as its log says', async () => {
    const report = await audit(sampleDatabase(40))
    expect(report.problems).toEqual([])
    expect(report.figures.pending).toBe(2)
  })

  test.each([
    ['row.transfer', 'UPDATE transfer SET amount_micro = amount_micro + 1 WHERE no = 3'],
    ['row.transfer', "UPDATE transfer SET id = '00' WHERE no = 3"],
    ['row.transfer', 'DELETE FROM transfer WHERE no = 9'],
    ['row.transfer', 'UPDATE transfer SET no = 9999 WHERE no = (SELECT max(no) FROM transfer)'],
    ['row.account', "UPDATE account SET credits_micro = credits_micro + 1 WHERE id = 'fee'"],
    ['row.account', "INSERT INTO account (id, debits_micro, credits_micro) VALUES ('dust', 0, 1)"],
    ['row.account', "DELETE FROM account WHERE id = 'submitter:alice'"],
    ['row.hold', 'UPDATE hold SET left_micro = left_micro - 1'],
    ['row.hold', 'DELETE FROM hold'],
    ['row.receipt', 'UPDATE receipt SET entry = entry + 1'],
    ['row.receipt', 'DELETE FROM receipt WHERE device = (SELECT min(device) FROM receipt)'],
    ['row.epoch', 'UPDATE epoch SET total_micro = total_micro + 1'],
    ['row.epoch', "UPDATE epoch SET state = 'pbid'"],
    ['row.payout', 'UPDATE payout SET amount_micro = amount_micro + 1'],
    ['row.payout', 'UPDATE payout SET cumulative_micro = cumulative_micro - 1'],
    ['row.payout', "UPDATE payout SET fee_micro = fee_micro + 1 WHERE payee = 'bob'"],
    ['row.payout', 'DELETE FROM payout'],
    ['row.payout', 'UPDATE payout SET epoch = epoch + 7'],
    ['row.price', "UPDATE price SET price_micro = 9 WHERE what = 'gigafuel'"],
    ['row.price', 'UPDATE price SET epoch = epoch - 1'],
    ['row.price', 'DELETE FROM price'],
    ['row.binding', 'UPDATE binding SET seq = seq + 1'],
    ['row.binding', "UPDATE binding SET address = x'00'"],
    ['row.dispute', 'UPDATE dispute SET deposit_micro = 0'],
    ['row.dispute', "UPDATE dispute SET state = 'upheld'"],
    ['row.dispute', 'UPDATE dispute SET lease = NULL'],
    ['row.dispute', 'UPDATE dispute SET job = job + 1'],
    ['row.dispute', "UPDATE dispute SET id = 'aaa' || substr(id, 4)"],
    ['row.device', "UPDATE device SET owner = 'mallory' WHERE owner = 'ann'"],
    ['row.device', "UPDATE device SET standing = 'joined'"],
    ['row.device', "DELETE FROM device WHERE owner = 'fay'"],
    ['transfer.twice', "UPDATE meta SET value = '1' WHERE key = 'transfers-before-log'"],
    ['row.meta', "UPDATE meta SET value = 'no' WHERE key = 'transfers-before-log'"],
    ['row.meta', "UPDATE meta SET value = 'other' WHERE key = 'region-name'"],
    ['row.meta', "DELETE FROM meta WHERE key = 'logged-policy'"],
    ['row.checkpoint', 'UPDATE checkpoint SET size = size - 1'],
    ['log.unreadable', 'DELETE FROM entry WHERE no = 5'],
    ['tree.size', 'DELETE FROM entry WHERE no = (SELECT max(no) FROM entry)'],
    ['entry.form', "UPDATE entry SET bytes = x'00' WHERE no = 5"],
  ])('%s: %s', async (rule, sql) => {
    const path = sampleDatabase()
    change(path, sql)
    expect(await rulesOf(path)).toContain(rule)
  })

  test('with a tile that is damaged or gone', async () => {
    const path = sampleDatabase(40)
    change(path, 'UPDATE tile SET hashes = zeroblob(8192)')
    expect(await rulesOf(path)).toContain('tree.tile')
    change(path, 'DELETE FROM tile')
    expect(await rulesOf(path)).toContain('log.unreadable')
  })

  test('is audited beyond its checkpoint, and without one', async () => {
    const path = join(tempDir(), 'ledger.sqlite')
    const log = sampleLog()
    const { note } = partsOf(log)
    writeDatabase(path, log.fund(7n), { ...partsOf(log), note })
    // The row still says how many entries there are, which is more than was signed.
    change(path, 'UPDATE checkpoint SET size = size - 1')
    const report = await audit(path)
    expect(report.problems).toEqual([])
    expect(report.figures.entries).toBe((report.checkpoint?.size ?? 0) + 1)
    expect(report.notes).toContain('The last 1 entries are not signed yet.')
    change(path, 'DELETE FROM checkpoint')
    expect(await audit(path)).toMatchObject({ ok: true, checkpoint: null })
  })

  test('checks cosignatures with the keys of its peers, and that these can be read', async () => {
    const path = sampleDatabase()
    const { key } = witnessOf('north')
    const other = formatVerifierKey(logKeyOf('hedgerow/log/north', key.publicKey))
    const peer = `INSERT INTO peer VALUES ('hedgerow/log/north', '${other}', '${formatVerifierKey(key)}', 'http://north', 0, x'', 0)`
    change(path, peer)
    const report = await audit(path)
    expect(report.problems).toEqual([])
    expect(report.checkpoint?.cosignatures).toMatchObject([{ verified: true }])
    change(path, "UPDATE peer SET witness_key = replace(witness_key, '+', '-')")
    expect(await rulesOf(path)).toEqual(['row.peer'])
  })
})

describe('a database of before there was a log', () => {
  function oldDatabase(): string {
    const path = join(tempDir(), 'ledger.sqlite')
    const log = new LogBuilder(false).genesis().opening({ treasury: [500n, 0n], [`submitter:${ALICE}`]: [0n, 500n] })
    log.policy().fund(50n)
    const before = transferRow(`submitter:${ALICE}`, 500n, 'fund/alice/before', 1)
    const more = [
      { table: 'meta', key: 'transfers-before-log', value: '1' },
      { table: 'account', row: accountRow('treasury', 550n, 0n) },
      { table: 'account', row: accountRow(`submitter:${ALICE}`, 0n, 550n) },
    ] as const
    writeDatabase(path, log, partsOf(log), more)
    // The rows of before come first.
    const store = openSqliteStore(path)
    store.commit([{ table: 'transfer', row: before }])
    store.close()
    change(
      path,
      'UPDATE transfer SET no = 0 WHERE no = 2',
      'UPDATE transfer SET no = 2 WHERE no = 1',
      'UPDATE transfer SET no = 1 WHERE no = 0',
    )
    return path
  }

  test('is replayed from its first transfer', async () => {
    const report = await audit(oldDatabase())
    expect(report.problems).toEqual([])
    expect(report.notes.join(' ')).toContain('taken as it is told')
  })

  test.each([
    ['row.transfer', 'UPDATE transfer SET amount_micro = 499 WHERE no = 1'],
    ['row.transfer', "UPDATE transfer SET purpose = 'x' WHERE no = 1"],
    ['row.meta', "UPDATE meta SET value = '7' WHERE key = 'transfers-before-log'"],
    ['row.transfer', "UPDATE meta SET value = '0' WHERE key = 'transfers-before-log'"],
    ['transfer.twice', "UPDATE meta SET value = '2' WHERE key = 'transfers-before-log'"],
  ])('%s: %s', async (rule, sql) => {
    const path = oldDatabase()
    change(path, sql)
    expect(await rulesOf(path)).toContain(rule)
  })
})

describe('what is no database of a coordinator', () => {
  test('is not one that has not begun yet, which has nothing to audit', async () => {
    const path = join(tempDir(), 'ledger.sqlite')
    openSqliteStore(path).close()
    expect(await audit(path)).toMatchObject({ ok: true, region: null, figures: { entries: 0 } })
  })

  test('is refused in words', async () => {
    const path = join(tempDir(), 'ledger.sqlite')
    expect(() => openLogFile(path, nodeSha256)).toThrow('There is nothing at')
    change(path, 'CREATE TABLE t (x)')
    expect(() => openLogFile(path, nodeSha256)).toThrow('the database of another program')
    const old = sampleDatabase()
    change(old, 'PRAGMA user_version = 3')
    expect(() => openLogFile(old, nodeSha256)).toThrow('kept no public log')
  })

  test('nor one that its coordinator is using', async () => {
    const path = sampleDatabase()
    const store = openSqliteStore(path)
    expect(() => openLogFile(path, nodeSha256)).toThrow('audit the running one with --url')
    store.close()
    expect((await audit(path)).ok).toBe(true)
  })
})
