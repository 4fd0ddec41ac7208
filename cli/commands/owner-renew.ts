import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'

/** `hedgerow owner renew` */
export const ownerRenew = defineCommand({
  name: 'owner renew',
  summary: 'give an owner a new token; the old one ends at once',
  positionals: [{ name: 'NAME', describe: 'an owner who has a token' }],
  examples: [{ line: 'hedgerow owner renew greta', does: 'another token, after the first was lost' }],
  run: async ({ options, args: [name = ''], io, out }) => {
    const renewed = await connectOperator(io, options.state).ownerRenew(name)
    out.result(renewed, style => [`Owner ${style.bold(renewed.name)}, token ${renewed.token}`])
    return EXIT.ok
  },
})
