/** Money set aside for one piece of business: taken from a submitter at the start, what is left given back at the end. */
import type { LogEntry, SubmitterName } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import { FEE, type Ledger, submitterAccount } from './ledger.ts'

/** Whose escrow, and what its transfers are named after. */
export interface Escrow {
  /** The account, such as `escrow:<job>`. */
  account: string
  /** Names the business in purposes; unique. */
  subject: string
  submitter: SubmitterName
}

/**
 * Moves the budget into escrow, after saying in the log on what terms. `insufficient` when the submitter has less; nothing was said then.
 * @see spec/clauses.md [PAY-1.2]
 */
export function fillEscrow(
  ledger: Ledger,
  { account, subject, submitter }: Escrow,
  budgetMicro: bigint,
  terms: LogEntry,
  nowMs: number,
  batch: Batch,
): 'ok' | 'insufficient' {
  const debit = submitterAccount(submitter)
  if (ledger.availableMicro(debit) < budgetMicro) return 'insufficient'
  batch.record(terms)
  const request = {
    kind: 'escrow',
    debit,
    credit: account,
    amountMicro: budgetMicro,
    purpose: `escrow/${subject}`,
  } as const
  ledger.transfer(request, nowMs, batch)
  return 'ok'
}

/** Takes the fee, gives the rest back, and says that the business is over. Once. */
export function emptyEscrow(
  ledger: Ledger,
  { account, subject, submitter }: Escrow,
  feeMicro: bigint,
  end: LogEntry,
  nowMs: number,
  batch: Batch,
): void {
  const fee = { kind: 'fee', debit: account, credit: FEE, amountMicro: feeMicro, purpose: `fee/${subject}` } as const
  ledger.transfer(fee, nowMs, batch)
  const amountMicro = ledger.balanceMicro(account)
  const refund = { kind: 'refund', debit: account, credit: submitterAccount(submitter), amountMicro } as const
  ledger.transfer({ ...refund, purpose: `refund/${subject}` }, nowMs, batch)
  batch.record(end)
}
