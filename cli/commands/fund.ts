import { parseCredits, submitterName } from '../../protocol/index.ts'
import { usage } from '../args.ts'
import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { formatMicro } from '../terminal/format.ts'

const name = 'fund'

/** `hedgerow fund` */
export const fund = defineCommand({
  name,
  summary: "put credits into a submitter's account",
  positionals: [
    { name: 'NAME', describe: 'the submitter' },
    { name: 'CREDITS', describe: 'how much, with at most six decimals' },
  ],
  examples: [{ line: 'hedgerow fund me 12.5', does: 'adds twelve and a half credits' }],
  run: async ({ options, args: [submitter = '', credits = ''], io, out }) => {
    const amount = parseCredits(credits)
    if (amount === 0n) throw usage({ name }, 'CREDITS must be more than zero')
    const funded = await connectOperator(io, options.state).fund(submitterName(submitter), String(amount))
    out.result(funded, () => [`${funded.name} now has ${formatMicro(funded.balanceMicro)}.`])
    return EXIT.ok
  },
})
