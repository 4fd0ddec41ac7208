import { defineCommand } from '../command.ts'
import { AS_OPTION, connectForJobs } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { showExplanation } from '../explain.ts'

/** `hedgerow dispute show` */
export const disputeShow = defineCommand({
  name: 'dispute show',
  summary: 'say what a dispute is about, how it stands or ended, and what it moved',
  positionals: [{ name: 'DISPUTE', describe: 'its id' }],
  options: AS_OPTION,
  examples: [{ line: 'hedgerow dispute show hbbk3g7bngxncomv', does: 'the reasons, and the money behind them' }],
  run: async ({ options, args: [id = ''], io, out }) => {
    showExplanation(out, await connectForJobs(io, options.state, options.as).disputeExplain(id))
    return EXIT.ok
  },
})
