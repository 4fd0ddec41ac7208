import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { type AuditReport, auditLog, openLogFile } from '../../../auditor/index.ts'
import { openSqliteStore } from '../../../coordinator/store/index.ts'
import { formatVerifierKey, logKeyOf } from '../../../protocol/index.ts'
import { nodeSha256, nodeVerifier } from '../../../protocol/node/index.ts'
import { writeFormer } from '../../support/former-database.ts'
import { ALICE, LogBuilder, partsOf, witnessOf } from '../../support/log-builder.ts'
import { writeDatabase } from '../../support/log-database.ts'
import { accountRow, transferRow } from '../../support/rows.ts'
import { sampleLog } from '../../support/sample-log.ts'
import { sumAgain } from '../../support/sum-again.ts'
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

/** Does so, and sums the rows again. */
function forge(path: string, sql: string): void {
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false })
  db.exec(sql)
  sumAgain(db)
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
    forge(path, sql)
    expect(await rulesOf(path)).toContain(rule)
  })

  test.each([
    ['row.job', 'UPDATE job SET units = units + 1'],
    ['row.job', "UPDATE job SET submitter = 'bob'"],
    ['row.job', 'UPDATE job SET gigafuel_price_micro = 1'],
    ['row.job', 'UPDATE job SET budget_micro = 1'],
    ['row.job', "UPDATE job SET state = 'cancelled' WHERE state = 'done'"],
    ['row.job', "UPDATE job SET state = 'done' WHERE state = 'running'"],
    ['row.job', "UPDATE job SET reason = 'why' WHERE state = 'done'"],
    ['row.job', 'UPDATE job SET paid_micro = paid_micro + 1'],
    ['row.job', 'UPDATE job SET fee_micro = fee_micro - 1 WHERE fee_micro > 0'],
    ['row.job', 'UPDATE job SET replica_micro = replica_micro + 1'],
    ['row.job', 'UPDATE job SET fuel = fuel + 1'],
    ['row.job', "UPDATE job SET result_sha256 = replace(result_sha256, 'a', 'b')"],
    ['row.job', 'UPDATE job SET finished_at_ms = finished_at_ms + 1'],
    ['row.job', "DELETE FROM job WHERE state = 'running'"],
    ['row.job', "UPDATE job SET id = 'a' || substr(id, 2) WHERE state = 'running'"],
    ['row.spec', "UPDATE job_spec SET spec = spec || ' '"],
    ['row.spec', 'DELETE FROM job_spec'],
    ['row.spec', "UPDATE campaign_spec SET spec = '{}'"],
    ['row.bill', "UPDATE job SET bill_bytes = 1 WHERE state = 'running'"],
    ['row.bill', 'UPDATE job SET failed_units = -1'],
    ['row.count', 'UPDATE job SET leases = leases - 1'],
    ['row.count', 'UPDATE job SET leases = leases + 3'],
    ['row.count', 'UPDATE job SET speculative_leases = 9'],
    ['row.count', 'UPDATE job SET replica_leases = 99'],
    ['row.count', "UPDATE device SET leases_expired = 1 WHERE owner = 'ann'"],
    ['row.count', "UPDATE device SET units_accepted = 1 WHERE owner = 'ann'"],
    ['row.count', "UPDATE device SET units_rejected = 1 WHERE owner = 'ann'"],
  ])('[LOG-9.1] %s: %s', async (rule, sql) => {
    const path = sampleDatabase()
    forge(path, sql)
    expect(await rulesOf(path)).toContain(rule)
  })

  test.each([
    ['row.accepted', 'DELETE FROM accepted WHERE first_unit = 0'],
    ['row.accepted', 'UPDATE accepted SET fuel = fuel + 1'],
    ['row.accepted', "UPDATE accepted SET digest = x'00'"],
    ['row.accepted', 'UPDATE accepted SET unit_count = unit_count - 1'],
    ['row.accepted', "UPDATE accepted SET solo = (SELECT id FROM device WHERE owner = 'cyd')"],
    ['row.accepted', 'INSERT INTO accepted SELECT job, 90, 1, digest, NULL, NULL, 7, sum FROM accepted LIMIT 1'],
    ['row.outputs', "UPDATE accepted SET outputs = x'80'"],
    ['row.outputs', "UPDATE lease SET outputs = x'80', state = 'returned' WHERE id = 1"],
    ['row.lease', 'UPDATE lease SET unit_count = unit_count + 1 WHERE id = 1'],
    ['row.lease', 'UPDATE lease SET first_unit = first_unit + 1 WHERE id = 1'],
    ['row.lease', "UPDATE lease SET device = (SELECT no FROM device WHERE owner = 'fay') WHERE id = 1"],
    ['row.lease', "UPDATE lease SET state = 'expired' WHERE id = 1"],
    ['row.lease', "UPDATE lease SET state = 'accepte' WHERE id = 1"],
    ['row.lease', 'UPDATE lease SET digest = zeroblob(32) WHERE id = 1'],
    ['row.lease', 'UPDATE lease SET speculative = 2 WHERE id = 1'],
    ['row.lease', 'UPDATE lease SET issued_at_ms = 1 WHERE id = 1'],
    ['row.lease', 'DELETE FROM lease WHERE id = 1'],
    ['row.lease', 'UPDATE lease SET id = 99 WHERE id = 9'],
    ['row.reference', 'UPDATE lease SET device = 99 WHERE id = 3'],
    ['row.reference', 'UPDATE job SET no = no + 99'],
  ])('[LOG-9.2] [LOG-9.3] %s: %s', async (rule, sql) => {
    const path = sampleDatabase()
    forge(path, sql)
    expect(await rulesOf(path)).toContain(rule)
  })

  test.each([
    ['row.campaign', 'UPDATE campaign SET budget_micro = 1'],
    ['row.campaign', 'UPDATE campaign SET start_ms = start_ms + 1'],
    ['row.campaign', "UPDATE campaign SET state = 'running'"],
    ['row.campaign', 'UPDATE campaign SET paid_micro = paid_micro - 1'],
    ['row.campaign', 'UPDATE campaign SET fee_micro = fee_micro + 1'],
    ['row.campaign', 'UPDATE campaign SET accepted = accepted + 1'],
    ['row.campaign', 'UPDATE campaign SET late = 1'],
    ['row.campaign', "UPDATE campaign SET id = 'a' || substr(id, 2)"],
    ['row.judgement', 'UPDATE judgement SET revision = 1'],
    ['row.judgement', 'UPDATE judgement SET flags = zeroblob(120)'],
    ['row.judgement', 'UPDATE judgement SET paid_readings = 60'],
    ['row.judgement', 'UPDATE judgement SET paid_micro = paid_micro + 1'],
    ['row.judgement', 'UPDATE judgement SET frame_first = 1'],
    ['row.judgement', "UPDATE judgement SET unpaid_reason = 'why'"],
    ['row.judgement', 'UPDATE judgement SET rank = 2'],
    ['row.judgement', "UPDATE judgement SET place = '[]'"],
    ['row.judgement', 'DELETE FROM judgement'],
    [
      'row.judgement',
      'INSERT INTO judgement SELECT campaign, 7, sensor, device, cell, revision, frame_max, frame_first, place, flags, readings, accepted, rank, paid_readings, 0, unpaid_reason, sum FROM judgement LIMIT 1',
    ],
    ['row.window', "UPDATE cell_window SET value = '20.6'"],
    ['row.window', 'UPDATE cell_window SET least = NULL'],
    ['row.window', 'UPDATE cell_window SET readings = readings + 1'],
    ['row.window', 'UPDATE cell_window SET judged_at_ms = judged_at_ms + 1'],
    ['row.window', 'UPDATE cell_window SET revision = 1'],
    ['row.window', 'DELETE FROM cell_window'],
    ['row.frame', 'UPDATE frame SET seq = seq + 1'],
    ['row.frame', 'UPDATE frame SET to_ms = to_ms + 1'],
    ['row.frame', "UPDATE frame SET device = (SELECT no FROM device WHERE owner = 'fay') WHERE id = 1"],
    ['row.frame', 'UPDATE frame SET frame = (SELECT frame FROM frame WHERE id = 2) WHERE id = 1'],
    ['row.frame', 'UPDATE frame SET id = 9 WHERE id = 2'],
    ['row.frame', 'UPDATE frame_series SET span_max_ms = 1'],
    ['row.frame', 'DELETE FROM frame_series'],
  ])('[LOG-9.4] %s: %s', async (rule, sql) => {
    const path = sampleDatabase()
    forge(path, sql)
    expect(await rulesOf(path)).toContain(rule)
  })

  test.each([
    ['row.holdback', "UPDATE device SET held_young_micro = held_young_micro + 1 WHERE owner = 'cyd'"],
    ['row.holdback', 'UPDATE device SET held_old_micro = held_young_micro, held_young_micro = 0'],
    ['row.holdback', 'UPDATE device SET held_window = 7'],
    ['row.device', 'UPDATE device SET joined_at_ms = joined_at_ms + 1'],
    ['row.device', 'UPDATE device SET statement_seq = 1'],
    ['row.profile', 'UPDATE profile SET bytes = (SELECT bytes FROM profile WHERE no = 2)'],
    ['row.profile', "UPDATE profile SET bytes = x'00'"],
    ['row.profile', "UPDATE profile_channel SET quantity = 'humidity'"],
    ['row.profile', "INSERT INTO profile_channel VALUES (1, 1, 'other', 'humidity')"],
    ['row.sensor', "UPDATE sensor SET serial = 'other'"],
    ['row.place', 'UPDATE place SET latitude_micro_deg = 90000001'],
    ['row.claim', "UPDATE claim SET owner = 'bob'"],
    ['row.claim', "UPDATE claim SET used_by = 'nobody'"],
    ['row.claim', "UPDATE claim SET key = x'00'"],
    ['row.submitter', 'DELETE FROM submitter'],
    ['row.submitter', "UPDATE submitter SET token_hash = x''"],
    ['row.floor', 'UPDATE floor SET gigafuel_micro = -1'],
  ])('[LOG-9.5] [LOG-9.6] %s: %s', async (rule, sql) => {
    const path = sampleDatabase()
    forge(path, sql)
    expect(await rulesOf(path)).toContain(rule)
  })

  test.each([
    ['device', "UPDATE device SET label = 'attic' WHERE no = 2", 'no 2'],
    ['lease', "UPDATE lease SET placement = 'a friend' WHERE id = 3", 'id 3'],
    ['submitter', "UPDATE submitter SET token_hash = x'00' WHERE name = 'alice'", 'name alice'],
    ['accepted', "UPDATE accepted SET outputs = x'' WHERE first_unit = 0", 'job '],
    ['claim', "UPDATE claim SET sum = ''", 'id '],
    ['frame', "UPDATE frame SET sum = '0123456789abcdef' WHERE id = 2", 'id 2'],
  ])('[LOG-9.7] row.sum names the row of %s: %s', async (table, sql, key) => {
    const path = sampleDatabase()
    change(path, sql)
    const { problems } = await audit(path)
    expect(problems).toContainEqual({
      rule: 'row.sum',
      entry: null,
      message: expect.stringMatching(`^The row of ${table} with the ${key}.* is not as it was written`),
    })
  })

  test.each([5, 6])(
    'of form %i, of before there were sums, is audited as it is, and again once it is brought forward',
    async form => {
      const path = join(tempDir(), 'ledger.sqlite')
      writeFormer(path, sampleDatabase(40), form)
      expect(await rulesOf(path)).toEqual([])
      change(path, "UPDATE device SET label = 'attic'")
      expect(await rulesOf(path)).toEqual([])
      openSqliteStore(path).close()
      expect(await rulesOf(path)).toEqual([])
      change(path, "UPDATE device SET label = 'shed' WHERE no = 1")
      expect(await rulesOf(path)).toEqual(['row.sum'])
    },
  )

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
    forge(path, 'UPDATE checkpoint SET size = size - 1')
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
    const peer = `INSERT INTO peer VALUES ('hedgerow/log/north', '${other}', '${formatVerifierKey(key)}', 'http://north', 0, x'', 0, '')`
    forge(path, peer)
    const report = await audit(path)
    expect(report.problems).toEqual([])
    expect(report.checkpoint?.cosignatures).toMatchObject([{ verified: true }])
    forge(path, "UPDATE peer SET witness_key = replace(witness_key, '+', '-')")
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
