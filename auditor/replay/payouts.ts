/** Payouts: each epoch pays from what is available to payees, and an entry closes it with the sums. */
import type { PayoutEntry, TransferEntry } from '../../protocol/index.ts'
import type { Account } from './accounts.ts'
import type { Scene } from './scene.ts'

const PAYOUT = /^payout\/(0|[1-9]\d{0,15})\/([a-z2-7]{26})$/

/** What one payee gets of an epoch, and of how many devices. */
export interface PaidPayee {
  readonly amountMicro: bigint
  readonly devices: number
}

/** The rules of payouts. */
export class PayoutRules {
  private readonly scene: Scene
  private readonly closed = new Map<number, PayoutEntry>()
  private lastEpoch = -1
  private openEpoch: number | null = null
  private readonly paid = new Map<string, PaidPayee>()
  /** Of all epochs that are closed. */
  totalMicro = 0n

  constructor(scene: Scene) {
    this.scene = scene
  }

  /** Epochs that are closed. */
  get count(): number {
    return this.closed.size
  }

  all(): IterableIterator<PayoutEntry> {
    return this.closed.values()
  }

  /** What the epoch that is being closed pays, by payee; pending payments included. */
  get paidByPayee(): ReadonlyMap<string, PaidPayee> {
    return this.paid
  }

  pay({ purpose, amountMicro }: TransferEntry, debit: Account, credit: Account): void {
    const match = PAYOUT.exec(purpose)
    if (match === null || match[2] !== debit.subject) {
      this.scene.broken('transfer.purpose', `its purpose '${purpose}' names no epoch and the device of ${debit.id}.`)
      return
    }
    const epoch = Number(match[1])
    if (epoch <= this.lastEpoch || (this.openEpoch !== null && epoch !== this.openEpoch)) {
      const expected = this.openEpoch ?? `one after ${this.lastEpoch}`
      this.scene.broken('payout.epoch', `'${purpose}' pays out for epoch ${epoch}, and ${expected} was expected.`)
    }
    this.openEpoch ??= epoch
    const { amountMicro: beforeMicro = 0n, devices = 0 } = this.paid.get(credit.subject) ?? {}
    this.paid.set(credit.subject, { amountMicro: beforeMicro + amountMicro, devices: devices + 1 })
  }

  /** @param beforeReset - looks at {@link paidByPayee} while it is there */
  close(entry: PayoutEntry, beforeReset: () => void = () => {}): void {
    const { epoch, payees, epochMicro, totalMicro } = entry
    if (epoch <= this.lastEpoch || (this.openEpoch !== null && epoch !== this.openEpoch)) {
      const expected = this.openEpoch ?? `one after ${this.lastEpoch}`
      this.scene.broken('payout.epoch', `epoch ${epoch} is closed, and ${expected} was expected.`)
    }
    const paidMicro = [...this.paid.values()].reduce((sum, payee) => sum + payee.amountMicro, 0n)
    this.totalMicro += paidMicro
    if (epochMicro !== paidMicro || totalMicro !== this.totalMicro) {
      const expected = `${paidMicro} and ${this.totalMicro} in all`
      this.scene.broken(
        'payout.totals',
        `epoch ${epoch} paid ${epochMicro} and ${totalMicro} in all, and its transfers are ${expected}.`,
      )
    }
    if (payees !== this.paid.size) {
      this.scene.broken(
        'payout.totals',
        `epoch ${epoch} has ${payees} payees, and its transfers have ${this.paid.size}.`,
      )
    }
    this.closed.set(epoch, entry)
    this.lastEpoch = Math.max(this.lastEpoch, epoch)
    beforeReset()
    this.openEpoch = null
    this.paid.clear()
  }
}
