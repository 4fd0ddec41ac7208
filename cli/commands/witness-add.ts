import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { regionOf } from '../witness-find.ts'

/** `hedgerow witness add` */
export const witnessAdd = defineCommand({
  name: 'witness add',
  summary: 'let another region watch the log of this one, and watch its log',
  details:
    'The operator of the other region has to add this one too. A region that is there already gets a new address.\n' +
    'Regions of one operator are one witness: add some that are run by others.',
  positionals: [{ name: 'URL', describe: 'where the other region is reached over HTTP' }],
  examples: [{ line: 'hedgerow witness add https://hill.example', does: 'each cosigns what the other signs' }],
  run: async ({ options, args: [url = ''], io, out }) => {
    const witness = await connectOperator(io, options.state).witnessAdd({ url })
    out.result(witness, style => [
      `Region ${style.bold(regionOf(witness.origin))} at ${witness.url} is a witness.`,
      `Its witness key is ${witness.witnessKey}`,
    ])
    out.note("Its operator has to add this region too. Then 'hedgerow witness list' shows what is cosigned.")
    return EXIT.ok
  },
})
