/** The auditor's judgement of the books: the log replayed from its first entry, and the accounts that are kept compared with it. */
import { Problems } from '../../auditor/problems.ts'
import { Replay } from '../../auditor/replay/replay.ts'
import type { MemoryStore } from '../../coordinator/store/index.ts'
import { decodeEntry, type Verifier } from '../../protocol/index.ts'
import { nodeSha256 } from '../../protocol/node/index.ts'
import { demand } from './broken.ts'

const FIELDS = ['debitsMicro', 'creditsMicro', 'debitsPendingMicro', 'creditsPendingMicro'] as const

/** @throws {Broken} with the first problem */
export function audit(store: MemoryStore, verifier: Verifier, hasRealKeys: boolean): void {
  const problems = new Problems(hasRealKeys ? [] : ['genesis.key', 'device.key'])
  const replay = new Replay({ hash: nodeSha256, verifier }, problems)
  const entries = store.entries(0, store.entryCount())
  for (const [index, bytes] of entries.entries()) replay.apply(index, decodeEntry(bytes))
  replay.finish()
  const [first] = problems.list
  demand(first === undefined, 'audit', () => `${first?.rule} at entry ${first?.entry}: ${first?.message}`)
  const kept = store.accounts()
  for (const row of kept) {
    const replayed = replay.scene.accounts.find(row.id)
    const [form, subject = ''] = row.id.split(':')
    const remainder = form === 'holdback' ? replay.remainders.of(subject) : 0n
    demand(
      FIELDS.every(field => replayed?.[field] === row[field]) && remainder === BigInt(row.remainder),
      'audit',
      () => `The account ${row.id} is kept otherwise than its log leads to.`,
    )
  }
  demand(kept.length === replay.scene.accounts.size, 'audit', () => `${kept.length} accounts are kept.`)
  demand(
    store.transferCount() === replay.transfers.count,
    'audit',
    () => `${store.transferCount()} transfers are kept.`,
  )
}
