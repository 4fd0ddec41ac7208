/**
 * Pays out what is available, once an epoch. Pure: it moves money in the ledger and leaves rows and entries in the batch. What it
 * needs of a chain is handed to it.
 */
import { createHash } from 'node:crypto'
import { assert, type DeviceId, utf8 } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { RegionPolicy } from '../config.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Now } from '../jobs/jobs.ts'
import { availableAccount, type Ledger, payoutAccount } from '../ledger/ledger.ts'
import type { BindingRow, EpochRow } from '../store/rows.ts'
import { Bindings } from './bindings.ts'
import type { ChainTerms, PayoutConfig } from './config.ts'
import { payoutCsv } from './csv-file.ts'
import { type DuePayee, duePayees } from './due.ts'
import { OpenFiles } from './open-files.ts'
import { payoutPurpose } from './purpose.ts'
import type { RootSigner } from './root-signer.ts'
import { type RootSignature, signaturesOf, withSignature } from './signatures.ts'

export interface PayoutsDesk {
  readonly ledger: Ledger
  readonly fleet: Fleet
  readonly policy: Pick<RegionPolicy, 'epochMs' | 'bindingDelayMs'>
  readonly config: PayoutConfig
  /** For the method `chain`; null for the others. */
  readonly rootSigner: RootSigner | null
}

/** What a restart finds. */
export interface PayoutsRows {
  readonly epochs: readonly EpochRow[]
  /** By device, then number. */
  readonly bindings: readonly BindingRow[]
  /** Every address that was ever paid. */
  readonly addresses: readonly string[]
  /** Number of the newest epoch that was closed, or had nobody to pay; null before the first. */
  readonly doneThrough: number | null
}

/** Where the number of the newest epoch that is done is kept, with the length of epochs: `20777/86400000`. */
export const EPOCH_DONE = 'payout-epoch'

/** In order of precedence. */
export type SettleStatus = 'not_found' | 'not_pending' | 'no_such_payee' | 'settled'
/** In order of precedence. */
export type SignStatus = 'not_found' | 'not_a_signer' | 'exists' | 'signed'

/** What an epoch comes to, beside its sums. */
type Closing = Pick<EpochRow, 'root' | 'signatures' | 'state'>

export class Payouts {
  readonly config: PayoutConfig
  readonly bindings: Bindings
  private readonly desk: PayoutsDesk
  private readonly epochs = new Map<number, EpochRow>()
  private readonly files: OpenFiles
  private readonly addresses: Set<string>
  /** Of all epochs, also of those that were void. */
  private totalMicro = 0n
  /** Null before the first tick of all: what went before is not made up for. */
  private doneThrough: number | null

  constructor(desk: PayoutsDesk, rows: PayoutsRows) {
    this.desk = desk
    this.config = desk.config
    this.bindings = new Bindings(rows.bindings, desk.policy.bindingDelayMs)
    this.addresses = new Set(rows.addresses)
    this.doneThrough = rows.doneThrough
    for (const row of rows.epochs) this.epochs.set(row.epoch, row)
    this.totalMicro = this.allEpochs()[0]?.totalMicro ?? 0n
    const open = rows.epochs.filter(({ method, state }) => method === 'csv' && state === 'closed')
    this.files = new OpenFiles(
      desk,
      open.map(({ epoch }) => epoch),
    )
  }

  /** Address of this coordinator's own key; null where nothing is signed. */
  get signer(): string | null {
    return this.desk.rootSigner?.address ?? null
  }

  /** Newest first. */
  allEpochs(): EpochRow[] {
    return [...this.epochs.values()].sort((a, b) => b.epoch - a.epoch)
  }

  epoch(epoch: number): EpochRow | null {
    return this.epochs.get(epoch) ?? null
  }

  /** Whether a payment of an epoch waits for the operator's word. */
  isPending(epoch: number, payee: string): boolean {
    return this.files.has(epoch, payoutAccount(payee))
  }

  /**
   * Closes the epoch that is over, and with it those that passed while nobody looked.
   * @see spec/clauses.md [PAY-6.1]
   */
  tick(now: Now, batch: Batch): void {
    const { epochMs } = this.desk.policy
    const over = Math.floor(now.wallMs / epochMs) - 1
    this.giveUp(batch)
    if (this.doneThrough !== null && over <= this.doneThrough) return
    const isFirst = this.doneThrough === null
    this.doneThrough = over
    batch.write({ table: 'meta', key: EPOCH_DONE, value: `${over}/${epochMs}` })
    if (!isFirst && this.config.method !== 'points') this.close(over, now.wallMs, batch)
  }

  /**
   * The payments of a file were made, all that are still pending; or a signed root was posted.
   * @see spec/clauses.md [PAY-6.4]
   */
  confirm(epoch: number, now: Now, batch: Batch): SettleStatus {
    this.forgetLate(now, batch)
    const row = this.epochs.get(epoch)
    if (!row) return 'not_found'
    if (row.state !== (row.method === 'csv' ? 'closed' : 'signed')) return 'not_pending'
    if (row.method === 'csv') this.files.post(epoch, now.wallMs, batch)
    this.change(row, { state: 'paid' }, batch)
    return 'settled'
  }

  /**
   * The payments of a file failed, or one of them: what is still pending goes back to the devices.
   * @param payee - null for all
   * @see spec/clauses.md [PAY-6.4]
   */
  void(epoch: number, payee: string | null, now: Now, batch: Batch): SettleStatus {
    this.forgetLate(now, batch)
    const row = this.epochs.get(epoch)
    if (!row) return 'not_found'
    if (row.method !== 'csv' || row.state !== 'closed') return 'not_pending'
    const account = payee === null ? null : payoutAccount(payee)
    if (account !== null && !this.files.has(epoch, account)) return 'no_such_payee'
    if (this.files.void(epoch, account, now.wallMs, batch)) this.change(row, { state: 'void' }, batch)
    return 'settled'
  }

  /** Adds a coordinator's signature, which the caller has checked to be of this signer over the epoch's root. */
  sign(epoch: number, signature: RootSignature, batch: Batch): SignStatus {
    const row = this.epochs.get(epoch)
    const { chain } = this.config
    if (row?.method !== 'chain' || chain === null) return 'not_found'
    if (!chain.signers.includes(signature.signer)) return 'not_a_signer'
    if (signaturesOf(row).some(({ signer }) => signer === signature.signer)) return 'exists'
    const signatures = withSignature(row, signature)
    this.change(row, { signatures, state: row.state === 'paid' ? 'paid' : stateOf(signatures, chain) }, batch)
    return 'signed'
  }

  /** What nobody confirmed in time goes back first, as the next tick would have it. */
  private forgetLate(now: Now, batch: Batch): void {
    this.desk.ledger.expire(now.wallMs, batch)
    this.giveUp(batch)
  }

  private close(epoch: number, wallMs: number, batch: Batch): void {
    const { method } = this.config
    const due = duePayees({ ...this.desk, bindings: this.bindings }, wallMs)
    if (due.length === 0) return
    for (const payee of due) this.pay(epoch, payee, wallMs, batch)
    if (method === 'csv') this.files.open(epoch)
    const closing = method === 'csv' ? this.closeFile(epoch, due) : this.closeRoot(epoch, due)
    const epochMicro = due.reduce((sum, { grossMicro }) => sum + grossMicro, 0n)
    this.totalMicro += epochMicro
    const said = { epoch, method, root: closing.root, payees: due.length, epochMicro, totalMicro: this.totalMicro }
    const atMs = Math.round(wallMs)
    const row: EpochRow = { ...said, ...closing, closedAtMs: atMs }
    this.epochs.set(epoch, row)
    batch.write({ table: 'epoch', row: { ...row } })
    batch.record({ type: 'payout', atMs, ...said })
  }

  private pay(epoch: number, { payee, devices, grossMicro }: DuePayee, wallMs: number, batch: Batch): void {
    const account = payoutAccount(payee)
    const cumulativeMicro = this.desk.ledger.balanceMicro(account) + this.files.pendingMicro(account) + grossMicro
    const { feeMicro } = this.config
    batch.write({ table: 'payout', row: { epoch, payee, amountMicro: grossMicro, feeMicro, cumulativeMicro } })
    for (const { device, amountMicro } of devices) this.move(epoch, device, account, amountMicro, wallMs, batch)
  }

  private move(
    epoch: number,
    device: DeviceId,
    credit: string,
    amountMicro: bigint,
    wallMs: number,
    batch: Batch,
  ): void {
    const { ledger, config } = this.desk
    const accounts = { debit: availableAccount(device), credit } as const
    const request = { kind: 'payout', ...accounts, amountMicro, purpose: payoutPurpose(epoch, device) } as const
    const status =
      config.method === 'csv'
        ? ledger.hold({ ...request, timeoutMs: config.confirmMs }, wallMs, batch)
        : ledger.transfer(request, wallMs, batch)
    assert(status === 'created', 'an epoch takes what is available, once')
  }

  /** @see spec/clauses.md [PAY-6.5] */
  private closeFile(epoch: number, due: readonly DuePayee[]): Closing {
    const { feeMicro } = this.config
    const lines = due.map(({ payee, devices, grossMicro }) => ({
      payee,
      devices: devices.length,
      grossMicro,
      feeMicro,
    }))
    const root = new Uint8Array(
      createHash('sha256')
        .update(utf8(payoutCsv(epoch, lines)))
        .digest(),
    )
    return { root, signatures: '', state: 'closed' }
  }

  /** @see spec/clauses.md [PAY-8.1] */
  private closeRoot(epoch: number, due: readonly DuePayee[]): Closing {
    const { ledger, rootSigner, config } = this.desk
    assert(rootSigner !== null && config.chain !== null, 'paying out on a chain comes with what signs for it')
    for (const { payee } of due) this.addresses.add(payee)
    const paid = [...this.addresses].map(payee => ({ payee, paidMicro: ledger.balanceMicro(payoutAccount(payee)) }))
    const { root, signature } = rootSigner.sign(epoch, paid)
    const signatures = withSignature({ signatures: '' }, { signer: rootSigner.address, signature })
    return { root, signatures, state: stateOf(signatures, config.chain) }
  }

  /** What nobody confirmed in time, the ledger has given back. */
  private giveUp(batch: Batch): void {
    for (const epoch of this.files.takeExpired()) {
      const row = this.epochs.get(epoch)
      assert(row, 'a file belongs to an epoch')
      this.change(row, { state: 'void' }, batch)
    }
  }

  private change(row: EpochRow, changes: Partial<EpochRow>, batch: Batch): void {
    Object.assign(row, changes)
    batch.write({ table: 'epoch', row: { ...row } })
  }
}

const stateOf = (signatures: string, { threshold }: ChainTerms): 'closed' | 'signed' =>
  signaturesOf({ signatures }).length >= threshold ? 'signed' : 'closed'
