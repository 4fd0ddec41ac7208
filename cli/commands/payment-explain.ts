import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { showExplanation } from '../explain.ts'

/** `hedgerow payment explain` */
export const paymentExplain = defineCommand({
  name: 'payment explain',
  summary: 'say what a transfer paid for, and how its amount came about',
  positionals: [{ name: 'TRANSFER', describe: "the transfer's id" }],
  examples: [{ line: 'hedgerow payment explain 3f2a…', does: 'the work behind a payment' }],
  run: async ({ options, args: [transfer = ''], io, out }) => {
    showExplanation(out, await connectOperator(io, options.state).paymentExplain(transfer))
    return EXIT.ok
  },
})
