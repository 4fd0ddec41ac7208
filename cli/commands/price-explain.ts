import { defineCommand } from '../command.ts'
import { AS_OPTION, connectForJobs } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { showExplanation } from '../explain.ts'

/** `hedgerow price explain` */
export const priceExplain = defineCommand({
  name: 'price explain',
  summary: 'say why a base price is what it is, and when it moves',
  positionals: [
    { name: 'WHAT', describe: 'gigafuel, or a quantity such as temperature; gigafuel when left out', optional: true },
  ],
  options: AS_OPTION,
  examples: [
    { line: 'hedgerow price explain', does: 'the price of 10^9 fuel' },
    { line: 'hedgerow price explain pm2.5', does: 'the price of a reading' },
  ],
  run: async ({ options, args: [what = 'gigafuel'], io, out }) => {
    showExplanation(
      out,
      await connectForJobs(io, options.state, options.as).priceExplain(what === '' ? 'gigafuel' : what),
    )
    return EXIT.ok
  },
})
