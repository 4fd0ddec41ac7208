/** Epochs of payouts, as the commands about them show and read them. */
import type { PayoutEpoch } from '../coordinator/http/payout-api.ts'
import { usage } from './args.ts'
import { formatCount, formatMicro, formatTime } from './terminal/format.ts'
import type { Style } from './terminal/style.ts'
import type { Column } from './terminal/table.ts'

/** The columns of a list of epochs. */
export const EPOCH_COLUMNS: readonly Column<PayoutEpoch>[] = [
  { title: 'EPOCH', align: 'right', value: ({ epoch }) => `${epoch}` },
  { title: 'UNTIL', value: ({ toMs }) => formatTime(toMs) },
  { title: 'METHOD', value: ({ method }) => method },
  { title: 'STATE', value: wordsOf, paint: paintOf },
  { title: 'PAYEES', align: 'right', value: ({ payees }) => formatCount(payees) },
  { title: 'PAID', align: 'right', value: ({ epochMicro }) => formatMicro(epochMicro) },
  { title: 'IN ALL', align: 'right', value: ({ totalMicro }) => formatMicro(totalMicro) },
]

/** What an epoch waits for, or how it ended. */
export function wordsOf({ method, state, signers }: PayoutEpoch): string {
  if (state === 'closed') return method === 'csv' ? 'to be confirmed' : `${signers.length} signed`
  return state === 'paid' && method === 'chain' ? 'posted' : state
}

function paintOf({ state }: PayoutEpoch, style: Style): (text: string) => string {
  if (state === 'paid') return style.good
  return state === 'void' ? style.dim : style.warn
}

/** The epoch that an argument names. */
export function epochOf(command: { readonly name: string }, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw usage(command, `EPOCH must be the number of an epoch, not '${text}'; 'hedgerow payout list' shows them`)
}
