import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { type AuditReport, auditLog, createHttpSource, exportLog, openLogFile } from '../../auditor/index.ts'
import { nodeSha256, nodeVerifier, systemClock } from '../../protocol/node/index.ts'
import { eventually } from '../support/eventually.ts'
import { ECHO } from '../support/tasks.ts'
import { TestRegion, taskOf } from '../support/test-region.ts'

const ports = { hash: nodeSha256, verifier: nodeVerifier() }

/** Rules that a file breaks; none for a good one. */
async function auditFile(path: string): Promise<AuditReport> {
  const { source, rows, knownWitnesses } = openLogFile(path, nodeSha256)
  try {
    return await auditLog(ports, source, { knownWitnesses, ...(rows === null ? {} : { rows }) })
  } finally {
    source.close()
  }
}

test('a region is audited while it runs, from an export, and from its database when it has stopped', async () => {
  await using region = await TestRegion.start({ policy: { holdbackWindowMs: 1_000, receiptMs: 100 } })
  await region.joinAll('ann', 'bob', 'cat', 'dan')
  const submitter = await region.submitter('lab')
  for (let i = 0; i < 3; i++) {
    const split = { kind: 'range', from: 0, to: 40, chunk: 1 } as const
    const handle = await submitter.submit({ task: taskOf(ECHO), split, aggregate: { kind: 'concat' } })
    await handle.result()
  }
  await eventually('earnings are released and told of', async () => {
    const source = createHttpSource(region.coordinator.httpUrl, { clock: systemClock, fetch })
    const { problems, figures } = await auditLog(ports, source)
    expect(problems).toEqual([])
    return figures.heldMicro === 0n && figures.balancesMicro.available > 0n && figures.receipts >= 4
  })
  const running = createHttpSource(region.coordinator.httpUrl, { clock: systemClock, fetch })
  await exportLog(running, join(region.dir, 'log'))
  expect((await auditFile(join(region.dir, 'log'))).problems).toEqual([])
  const path = join(region.stateDir, 'ledger.sqlite')
  expect(() => openLogFile(path, nodeSha256)).toThrow('audit the running one with --url')

  await region.stopCoordinator()
  const { problems, figures } = await auditFile(path)
  expect(problems).toEqual([])
  expect(figures).toMatchObject({ jobs: 3, jobsOpen: 0, devices: 4 })
  await region.startCoordinator()
  await region.stopCoordinator()
  expect((await auditFile(path)).problems).toEqual([])

  for (const sql of [
    "UPDATE account SET credits_micro = credits_micro + 1 WHERE id LIKE 'available:%'",
    'UPDATE entry SET bytes = zeroblob(9) WHERE no = 20',
    "UPDATE transfer SET purpose = purpose || 'x' WHERE no = 3",
    'UPDATE receipt SET released_micro = released_micro + 1',
  ]) {
    const copy = join(region.dir, 'copy.sqlite')
    copyFileSync(path, copy)
    const db = new DatabaseSync(copy, { enableForeignKeyConstraints: false })
    db.exec(sql)
    db.close()
    expect((await auditFile(copy)).ok, sql).toBe(false)
  }
})
