/** Money set aside for one piece of business: taken from a submitter at the start, what is left given back at the end. */
import type { LogEntry, SubmitterName } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import { DUST, FEE, type Ledger, submitterAccount } from './ledger.ts'

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

/**
 * Takes the region's part, gives the rest back, and says that the business is over. Once.
 * @param regionMicro - what the escrow owes beside what devices were paid: the fee, and what of their shares is carried
 */
export function emptyEscrow(
  ledger: Ledger,
  { account, subject, submitter }: Escrow,
  regionMicro: bigint,
  end: LogEntry,
  nowMs: number,
  batch: Batch,
): void {
  const keptMicro = keepDust(ledger, account, subject, regionMicro, nowMs, batch)
  const fee = { kind: 'fee', debit: account, credit: FEE, purpose: `fee/${subject}` } as const
  ledger.transfer({ ...fee, amountMicro: regionMicro - keptMicro }, nowMs, batch)
  const amountMicro = ledger.balanceMicro(account)
  const refund = { kind: 'refund', debit: account, credit: submitterAccount(submitter), amountMicro } as const
  ledger.transfer({ ...refund, purpose: `refund/${subject}` }, nowMs, batch)
  batch.record(end)
}

/**
 * Brings `dust` to what devices are owed beyond whole micro-credits, out of the region's part or back to the region.
 * @returns what of the region's part went there
 * @see spec/clauses.md [PAY-10.3]
 */
function keepDust(
  ledger: Ledger,
  account: string,
  subject: string,
  regionMicro: bigint,
  nowMs: number,
  batch: Batch,
): bigint {
  const shortMicro = ledger.remaindersMicro - ledger.balanceMicro(DUST)
  const dust = { kind: 'dust', purpose: `dust/${subject}` } as const
  if (shortMicro <= 0n) {
    ledger.transfer({ ...dust, debit: DUST, credit: FEE, amountMicro: -shortMicro }, nowMs, batch)
    return 0n
  }
  const amountMicro = shortMicro < regionMicro ? shortMicro : regionMicro
  ledger.transfer({ ...dust, debit: account, credit: DUST, amountMicro }, nowMs, batch)
  return amountMicro
}
