/** Audits the rows of a world that keeps them in memory, as a coordinator's database. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { auditLog, openLogFile, type RuleCode } from '../../auditor/index.ts'
import { openSqliteStore, type Store } from '../../coordinator/store/index.ts'
import type { NoteKey } from '../../protocol/index.ts'
import { nodeSha256, nodeVerifier } from '../../protocol/node/index.ts'
import { KEYLESS } from './audit-entries.ts'
import { copyLedger } from './copy-store.ts'

/**
 * What worlds do not have: keys of their region and devices, frames that are signed, submitters with tokens, a name in their own database,
 * bills and the days on which their devices joined.
 */
export const WORLD_RULES: readonly RuleCode[] = [
  ...KEYLESS,
  'checkpoint.origin',
  'row.meta',
  'row.frame',
  'row.submitter',
  'row.bill',
]

/** Copies the rows of a store into a new database. */
export function writeWorld(path: string, store: Store): void {
  const copy = openSqliteStore(path)
  copyLedger(store, copy)
  copy.close()
}

/** What an auditor finds wrong with the rows of a world's store. */
export async function auditRows(store: Store, planted: readonly RuleCode[] = []): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hedgerow-rows-'))
  try {
    const path = join(folder, 'ledger.sqlite')
    writeWorld(path, store)
    return await auditWorld(path, planted)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What an auditor finds wrong with the database of a world. */
export async function auditWorld(path: string, planted: readonly RuleCode[] = []): Promise<string[]> {
  return auditFile(path, [...WORLD_RULES, ...planted])
}

/**
 * What an auditor finds wrong with a database.
 * @param witnesses - that must have cosigned its checkpoint
 */
export async function auditFile(
  path: string,
  ignored: readonly RuleCode[] = [],
  witnesses: readonly NoteKey[] = [],
): Promise<string[]> {
  const { source, rows } = openLogFile(path, nodeSha256)
  try {
    const ports = { hash: nodeSha256, verifier: nodeVerifier() }
    const { problems } = await auditLog(ports, source, rows === null ? { witnesses } : { rows, witnesses })
    return problems.filter(({ rule }) => !ignored.includes(rule)).map(({ rule, message }) => `${rule}: ${message}`)
  } finally {
    source.close()
  }
}
