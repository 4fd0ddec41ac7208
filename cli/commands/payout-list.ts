import type { PayoutTerms } from '../../coordinator/http/payout-api.ts'
import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { EPOCH_COLUMNS } from '../payout-words.ts'
import { formatMicro, formatTime } from '../terminal/format.ts'
import { tableLines } from '../terminal/table.ts'

/** `hedgerow payout list` */
export const payoutList = defineCommand({
  name: 'payout list',
  summary: 'list the epochs that were paid out, newest first',
  examples: [{ line: 'hedgerow payout list', does: 'what was paid, and what waits for you' }],
  run: async ({ options, io, out }) => {
    const overview = await connectOperator(io, options.state).payoutList()
    out.result(overview, style => tableLines(overview.epochs, EPOCH_COLUMNS, io.stdout, style))
    out.note(howPaid(overview.terms))
    return EXIT.ok
  },
})

function howPaid({ method, minimumMicro, feeMicro, nextMs, chain }: PayoutTerms): string {
  if (method === 'points')
    return 'Credits are points here and stay where they are; see docs/settlement.md to pay them out.'
  const rules = `from ${formatMicro(minimumMicro)} on${feeMicro === '0' ? '' : `, less ${formatMicro(feeMicro)} for the transfer`}`
  const next = `the next epoch ends at ${formatTime(nextMs)}`
  if (chain === null) return `What is available is paid out by file, ${rules}; ${next}.`
  const { contract, chainId, threshold, signers } = chain
  return `What is available is claimed from ${contract} on chain ${chainId}, ${rules}, by ${threshold} of ${signers.length} signatures; ${next}.`
}
