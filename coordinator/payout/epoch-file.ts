/** What an epoch paid, again from its rows. */
import { createHash } from 'node:crypto'
import { equalBytes, utf8 } from '../../protocol/index.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { payoutAccount } from '../ledger/ledger.ts'
import type { EpochRow, PayoutRow, Store } from '../store/rows.ts'
import { payoutCsv } from './csv-file.ts'
import { payoutPurpose } from './purpose.ts'
import type { PaidAddress } from './root-signer.ts'

/** A payment with the number of devices that it is for. */
export interface PaidRow extends PayoutRow {
  readonly devices: number
}

/** The payments of an epoch, by payee. */
export function paidRows(
  store: Pick<Store, 'payouts' | 'transferFor'>,
  fleet: Pick<Fleet, 'all'>,
  epoch: number,
): PaidRow[] {
  const devices = new Map<string, number>()
  for (const { row } of fleet.all()) {
    // A device may have changed its owner since, so the transfer says whom it was for.
    const credit = store.transferFor(payoutPurpose(epoch, row.id))?.credit
    if (credit !== undefined) devices.set(credit, (devices.get(credit) ?? 0) + 1)
  }
  return store.payouts(epoch).map(row => ({ ...row, devices: devices.get(payoutAccount(row.payee)) ?? 0 }))
}

/**
 * The file of an epoch, byte for byte as it was when the epoch was closed.
 * @returns null when the rows do not give the file whose SHA-256 is in the log
 * @see spec/clauses.md [PAY-6.5]
 */
export function epochFile({ epoch, root }: EpochRow, rows: readonly PaidRow[]): string | null {
  const file = payoutCsv(
    epoch,
    rows.map(({ payee, devices, amountMicro, feeMicro }) => ({ payee, devices, grossMicro: amountMicro, feeMicro })),
  )
  return equalBytes(createHash('sha256').update(utf8(file)).digest(), root) ? file : null
}

/** Everybody who had been paid on a chain at the end of an epoch, with all of it. */
export function paidThrough(store: Pick<Store, 'payouts'>, epochs: readonly EpochRow[], epoch: number): PaidAddress[] {
  const newest = new Map<string, bigint>()
  const past = epochs.filter(row => row.method === 'chain' && row.epoch <= epoch).sort((a, b) => b.epoch - a.epoch)
  for (const row of past) {
    for (const { payee, cumulativeMicro } of store.payouts(row.epoch)) {
      if (!newest.has(payee)) newest.set(payee, cumulativeMicro)
    }
  }
  return [...newest].map(([payee, paidMicro]) => ({ payee, paidMicro }))
}
