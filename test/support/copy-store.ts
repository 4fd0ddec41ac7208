/** Everything that an auditor compares, from one store into another. */
import type { Store, Write } from '../../coordinator/store/index.ts'

/** Keys under which a store says something of its log. */
const KEYS = ['transfers-before-log', 'logged-policy', 'region-name']

/**
 * Copies the log and the rows that it speaks of. Names in the order in which rows name each other: jobs and leases stay behind, so a store
 * with disputes cannot be copied.
 */
export function copyLedger(from: Store, to: Store): void {
  const writes: Write[] = []
  for (const key of KEYS) {
    const value = from.meta(key)
    if (value !== null) writes.push({ table: 'meta', key, value })
  }
  for (const row of from.devices()) writes.push({ table: 'device', row })
  for (const row of from.accounts()) writes.push({ table: 'account', row })
  for (const row of from.transfers()) writes.push({ table: 'transfer', row })
  for (const row of from.holds()) writes.push({ table: 'hold', row })
  for (const [index, bytes] of from.entries(0, from.entryCount()).entries()) {
    writes.push({ table: 'entry', row: { index, bytes } })
  }
  for (let level = 0; from.tile(level, 0) !== null; level++) {
    for (let index = 0; ; index++) {
      const hashes = from.tile(level, index)
      if (hashes === null) break
      writes.push({ table: 'tile', row: { level, index, hashes } })
    }
  }
  for (const row of from.receipts()) writes.push({ table: 'receipt', row })
  for (const row of from.prices()) writes.push({ table: 'price', row })
  for (const row of from.bindings()) writes.push({ table: 'binding', row })
  for (const row of from.epochs()) {
    writes.push({ table: 'epoch', row })
    for (const payout of from.payouts(row.epoch)) writes.push({ table: 'payout', row: payout })
  }
  const checkpoint = from.checkpoint()
  if (checkpoint !== null) writes.push({ table: 'checkpoint', row: checkpoint })
  to.commit(writes)
}
