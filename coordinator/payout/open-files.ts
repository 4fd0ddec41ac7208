/** Files of payments in ordinary money that the operator has not confirmed yet, and the pending transfers behind them. */
import { assert } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { payoutPurpose } from './purpose.ts'

export interface FilesDesk {
  readonly ledger: Ledger
  readonly fleet: Fleet
}

export class OpenFiles {
  private readonly desk: FilesDesk
  /** Purposes of pending transfers by account of the payee, for each epoch. */
  private readonly files = new Map<number, Map<string, string[]>>()

  /** @param epochs - whose files are not confirmed */
  constructor(desk: FilesDesk, epochs: Iterable<number>) {
    this.desk = desk
    for (const epoch of epochs) this.open(epoch)
  }

  /** Finds the pending transfers of an epoch. */
  open(epoch: number): void {
    const byAccount = new Map<string, string[]>()
    for (const { row } of this.desk.fleet.all()) {
      const purpose = payoutPurpose(epoch, row.id)
      const hold = this.desk.ledger.holdOf(purpose)
      if (!hold) continue
      const purposes = byAccount.get(hold.credit)
      if (purposes) purposes.push(purpose)
      else byAccount.set(hold.credit, [purpose])
    }
    this.files.set(epoch, byAccount)
  }

  /** Whether the account has payments of the epoch that are pending. */
  has(epoch: number, account: string): boolean {
    return this.files.get(epoch)?.has(account) ?? false
  }

  /** What all files together still have for an account. */
  pendingMicro(account: string): bigint {
    let sumMicro = 0n
    for (const byAccount of this.files.values()) {
      for (const purpose of byAccount.get(account) ?? []) sumMicro += this.desk.ledger.holdOf(purpose)?.leftMicro ?? 0n
    }
    return sumMicro
  }

  /** Pays everything of a file that is still pending; the file is done. */
  post(epoch: number, wallMs: number, batch: Batch): void {
    const { ledger } = this.desk
    for (const purpose of this.purposes(epoch, null)) {
      const status = ledger.post(purpose, ledger.holdOf(purpose)?.leftMicro ?? 0n, wallMs, batch)
      assert(status === 'resolved', 'a file knows what is pending')
    }
    this.files.delete(epoch)
  }

  /**
   * Gives back what is pending for one account, or for all.
   * @returns whether nothing of the file is left
   */
  void(epoch: number, account: string | null, wallMs: number, batch: Batch): boolean {
    for (const purpose of this.purposes(epoch, account)) {
      assert(this.desk.ledger.void(purpose, wallMs, batch) === 'resolved', 'a file knows what is pending')
    }
    if (account !== null) this.files.get(epoch)?.delete(account)
    if (account !== null && (this.files.get(epoch)?.size ?? 0) > 0) return false
    this.files.delete(epoch)
    return true
  }

  /** Files of which the ledger has taken everything back, since nobody confirmed them in time. They are forgotten. */
  takeExpired(): number[] {
    const expired = [...this.files].filter(([, byAccount]) => !this.isHeld(byAccount)).map(([epoch]) => epoch)
    for (const epoch of expired) this.files.delete(epoch)
    return expired
  }

  /** Looks at the first of them only, as long as nothing has expired: all of a file expire together. */
  private isHeld(byAccount: ReadonlyMap<string, readonly string[]>): boolean {
    for (const purposes of byAccount.values())
      if (purposes.some(purpose => this.desk.ledger.holdOf(purpose))) return true
    return false
  }

  private purposes(epoch: number, account: string | null): string[] {
    const byAccount = this.files.get(epoch)
    return account === null ? [...(byAccount?.values() ?? [])].flat() : (byAccount?.get(account) ?? [])
  }
}
