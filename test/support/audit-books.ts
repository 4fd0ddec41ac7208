/** What an auditor finds wrong with the books in a store: its log replayed, and the balances it keeps compared. */
import type { RuleCode } from '../../auditor/index.ts'
import type { Store } from '../../coordinator/store/index.ts'
import { decodeEntry } from '../../protocol/index.ts'
import { KEYLESS, replayEntries } from './audit-entries.ts'

type Books = Pick<Store, 'entryCount' | 'entries' | 'accounts' | 'transferCount'>

/**
 * Of a world without real keys.
 * @param planted - rules that a test breaks by what it puts into the store or the books itself
 */
export function auditBooks(store: Books, planted: readonly RuleCode[] = []): { ok: boolean; problems: string[] } {
  const entries = store.entries(0, store.entryCount()).map(decodeEntry)
  const { replay, problems: broken } = replayEntries(entries, [...KEYLESS, ...planted])
  const problems = broken.map(({ rule, message }) => `${rule}: ${message}`)
  const kept = store.accounts()
  for (const row of kept) {
    const replayed = replay.scene.accounts.find(row.id)
    const fields = ['debitsMicro', 'creditsMicro', 'debitsPendingMicro', 'creditsPendingMicro'] as const
    const [form, subject = ''] = row.id.split(':')
    const remainder = form === 'holdback' ? replay.remainders.of(subject) : 0n
    if (fields.some(field => replayed?.[field] !== row[field]) || remainder !== BigInt(row.remainder))
      problems.push(`Account ${row.id} is kept otherwise.`)
  }
  if (kept.length !== replay.scene.accounts.size) problems.push(`${kept.length} accounts are kept.`)
  if (store.transferCount() !== replay.transfers.count) problems.push(`${store.transferCount()} transfers are kept.`)
  return { ok: problems.length === 0, problems }
}
