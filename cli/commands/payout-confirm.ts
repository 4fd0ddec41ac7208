import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { epochOf } from '../payout-words.ts'
import { formatCounted, formatMicro } from '../terminal/format.ts'

const name = 'payout confirm'

/** `hedgerow payout confirm` */
export const payoutConfirm = defineCommand({
  name,
  summary: 'say that an epoch was paid: the file, or that its root was posted',
  details: 'All that is still pending counts as paid then, for good. Void first whatever could not be paid.',
  positionals: [{ name: 'EPOCH', describe: 'its number' }],
  examples: [{ line: 'hedgerow payout confirm 20777', does: 'the bank has paid the file' }],
  run: async ({ options, args: [text = ''], io, out }) => {
    const epoch = await connectOperator(io, options.state).payoutConfirm(epochOf({ name }, text))
    const what = epoch.method === 'csv' ? 'is paid' : 'is posted'
    const sums = `${formatMicro(epoch.epochMicro)} to ${formatCounted(epoch.payees, 'payee')}`
    out.result(epoch, () => [`Epoch ${epoch.epoch} ${what}: ${sums}.`])
    return EXIT.ok
  },
})
