/** Which kind of money may go from which form of account to which. */
import type { TransferKind } from '../../protocol/index.ts'
import type { Account, AccountForm } from './accounts.ts'

type Ends = readonly [debit: readonly AccountForm[], credit: readonly AccountForm[]]

const ROUTES: Record<TransferKind, Ends> = {
  fund: [['treasury'], ['submitter']],
  escrow: [['submitter', 'fee'], ['escrow']],
  pay: [['escrow'], ['holdback']],
  fee: [['escrow'], ['fee']],
  refund: [['escrow'], ['submitter', 'fee']],
  release: [['holdback'], ['available']],
  slash: [['holdback'], ['escrow', 'slashed']],
  deposit: [['submitter', 'holdback', 'available'], ['escrow']],
  award: [
    ['escrow', 'slashed', 'fee', 'holdback'],
    ['submitter', 'holdback', 'escrow', 'fee', 'slashed'],
  ],
  payout: [['available'], ['payout']],
  dust: [
    ['escrow', 'dust'],
    ['dust', 'fee'],
  ],
}

/** Whether money of this kind may go this way. */
export function isRoute(kind: TransferKind, debit: Account, credit: Account): boolean {
  const [from, to] = ROUTES[kind]
  return from.includes(debit.form) && to.includes(credit.form)
}
