/** Keeps books of its own from nothing but the transfers that were committed, and compares them after every commit. */
import { TREASURY } from '../../coordinator/ledger/ledger.ts'
import type { AccountRow, TransferRow, Write } from '../../coordinator/store/index.ts'
import type { EventLog } from '../world/event-log.ts'
import { demand } from './broken.ts'

export class MoneyWatch {
  readonly #log: EventLog
  readonly #balances = new Map<string, bigint>()
  /** Set aside, by account and by purpose. */
  readonly #setAside = new Map<string, bigint>()
  readonly #holds = new Map<string, { account: string; leftMicro: bigint }>()
  readonly #purposes = new Set<string>()
  /** Devices that were paid, by run: `job/first+count`. */
  readonly paid = new Map<string, Set<string>>()

  constructor(log: EventLog) {
    this.#log = log
  }

  /** @throws {Broken} when the books do not balance after these writes */
  committed(writes: readonly Write[]): void {
    const touched = new Set<string>()
    for (const write of writes) if (write.table === 'transfer') this.#book(write.row, touched)
    for (const account of touched) {
      const freeMicro = this.#balance(account) - (this.#setAside.get(account) ?? 0n)
      demand(
        account === TREASURY || freeMicro >= 0n,
        'overdrawn',
        () => `${account} has ${freeMicro} micro-credits to spend.`,
      )
    }
    for (const write of writes) if (write.table === 'account') this.#compare(write.row)
  }

  #balance(account: string): bigint {
    return this.#balances.get(account) ?? 0n
  }

  #book(row: TransferRow, touched: Set<string>): void {
    const { kind, phase, debit, credit, amountMicro, purpose, pending } = row
    demand(!this.#purposes.has(purpose), 'paid twice', () => `${purpose} was booked before.`)
    this.#purposes.add(purpose)
    demand(amountMicro > 0n, 'amount', () => `${purpose} moves ${amountMicro}.`)
    touched.add(debit).add(credit)
    if (phase === 'pending') {
      this.#holds.set(purpose, { account: debit, leftMicro: amountMicro })
      this.#addAside(debit, amountMicro)
    } else if (phase !== 'single') this.#resolve(pending ?? '', amountMicro)
    if (phase === 'single' || phase === 'post') {
      this.#balances.set(debit, this.#balance(debit) - amountMicro)
      this.#balances.set(credit, this.#balance(credit) + amountMicro)
    }
    if (kind === 'pay') this.#notePay(purpose, debit, credit)
    if (kind === 'slash') this.#log.sometimes('caught device lost holdback')
  }

  #resolve(pending: string, amountMicro: bigint): void {
    const hold = this.#holds.get(pending)
    demand(hold !== undefined && hold.leftMicro >= amountMicro, 'pending', () => `${pending} has not that much left.`)
    if (hold === undefined) return
    hold.leftMicro -= amountMicro
    this.#addAside(hold.account, -amountMicro)
  }

  #addAside(account: string, amountMicro: bigint): void {
    this.#setAside.set(account, (this.#setAside.get(account) ?? 0n) + amountMicro)
  }

  /** Whoever takes a second look for a dispute is paid from that, and has no part in what was accepted. */
  #notePay(purpose: string, debit: string, credit: string): void {
    const [, job = '', , run = ''] = purpose.split('/')
    if (debit !== `escrow:${job}`) return
    const key = `${job}/${run}`
    const devices = this.paid.get(key) ?? new Set()
    this.paid.set(key, devices.add(credit.replace('holdback:', '')))
  }

  #compare({ id, creditsMicro, debitsMicro }: AccountRow): void {
    const keptMicro = creditsMicro - debitsMicro
    demand(
      keptMicro === this.#balance(id),
      'balance',
      () => `${id} is kept as ${keptMicro} and its transfers sum to ${this.#balance(id)}.`,
    )
  }
}
