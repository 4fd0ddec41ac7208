/** What a ledger must answer, in the plainest way: a list of what was booked, added up anew for every question. */
import type { HoldRequest, ResolveStatus, TransferRequest, TransferStatus } from '../../coordinator/ledger/ledger.ts'
import type { TransferRow } from '../../coordinator/store/index.ts'

/** A transfer without the id that its purpose gives it. */
export type Booked = Omit<TransferRow, 'id'>

/** Predicts every status of a ledger. Shares no code with it. */
export class PlainLedger {
  private booked: readonly Booked[] = []
  private synced: readonly Booked[] = []

  /** Everything that was booked, in order. */
  get transfers(): readonly Booked[] {
    return this.booked
  }

  /** What a crash does not take back from here on. */
  sync(): void {
    this.synced = this.booked
  }

  crash(): void {
    this.booked = this.synced
  }

  transfer(request: TransferRequest, atMs: number): TransferStatus {
    return this.begin({ ...rowOf(request, atMs), phase: 'single', timeoutMs: null })
  }

  hold(request: HoldRequest, atMs: number): TransferStatus {
    return this.begin({ ...rowOf(request, atMs), phase: 'pending', timeoutMs: request.timeoutMs })
  }

  post(pending: string, amountMicro: bigint, atMs: number): ResolveStatus {
    const left = this.leftMicro(pending)
    const booked = this.open().find(({ purpose }) => purpose === pending)
    if (left === 0n || !booked || atMs >= booked.atMs + (booked.timeoutMs ?? 0)) return 'not_found'
    if (amountMicro === 0n) return 'nothing_to_move'
    if (amountMicro > left) return 'exceeds_pending'
    const posts = this.booked.filter(row => row.pending === pending && row.phase === 'post').length
    this.end(pending, 'post', `${pending}/post/${posts + 1}`, amountMicro, atMs)
    return 'resolved'
  }

  void(pending: string, atMs: number): ResolveStatus {
    const left = this.leftMicro(pending)
    if (left === 0n) return 'not_found'
    this.end(pending, 'void', `${pending}/void`, left, atMs)
    return 'resolved'
  }

  expire(nowMs: number): void {
    for (const { purpose, atMs, timeoutMs } of this.open()) {
      if (nowMs < atMs + (timeoutMs ?? 0)) continue
      this.end(purpose, 'expire', `${purpose}/expire`, this.leftMicro(purpose), nowMs)
    }
  }

  /** Pending transfers of which something is left, in the order they were booked. */
  open(): readonly Booked[] {
    return this.booked.filter(row => row.phase === 'pending' && this.leftMicro(row.purpose) > 0n)
  }

  /** What is left of a pending transfer; 0 when there is none. */
  leftMicro(pending: string): bigint {
    let left = 0n
    for (const row of this.booked) {
      if (row.phase === 'pending' && row.purpose === pending) left += row.amountMicro
      if (row.pending === pending) left -= row.amountMicro
    }
    return left
  }

  /** What came in less what went out. */
  balanceMicro(account: string): bigint {
    let balance = 0n
    for (const { phase, debit, credit, amountMicro } of this.booked) {
      if (phase !== 'single' && phase !== 'post') continue
      if (credit === account) balance += amountMicro
      if (debit === account) balance -= amountMicro
    }
    return balance
  }

  /** What pending transfers have set aside of an account, or for it. */
  pendingMicro(side: 'debit' | 'credit', account: string): bigint {
    return this.open()
      .filter(row => row[side] === account)
      .reduce((sum, { purpose }) => sum + this.leftMicro(purpose), 0n)
  }

  availableMicro(account: string): bigint {
    return this.balanceMicro(account) - this.pendingMicro('debit', account)
  }

  private begin(row: Booked): TransferStatus {
    if (row.amountMicro === 0n) return 'nothing_to_move'
    const before = this.booked.find(({ purpose }) => purpose === row.purpose)
    if (before) return before.amountMicro === row.amountMicro ? 'exists' : 'exists_with_different_amount'
    if (row.debit !== 'treasury' && this.availableMicro(row.debit) < row.amountMicro) return 'insufficient'
    this.booked = [...this.booked, row]
    return 'created'
  }

  private end(pending: string, phase: Booked['phase'], purpose: string, amountMicro: bigint, atMs: number): void {
    const hold = this.booked.find(row => row.phase === 'pending' && row.purpose === pending)
    if (!hold) throw new Error(`there is no ${pending}`)
    const row = { ...hold, phase, purpose, amountMicro, pending, timeoutMs: null, atMs: Math.round(atMs) }
    this.booked = [...this.booked, row]
  }
}

function rowOf({ kind, debit, credit, amountMicro, purpose }: Omit<TransferRequest, 'basis'>, wallMs: number) {
  return { kind, debit, credit, amountMicro, purpose, pending: null, atMs: Math.round(wallMs) }
}
