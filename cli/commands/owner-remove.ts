import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'

/** `hedgerow owner remove` */
export const ownerRemove = defineCommand({
  name: 'owner remove',
  summary: 'end the token of an owner',
  details: "Its devices stay, and what they earn stays the owner's.",
  positionals: [{ name: 'NAME', describe: 'an owner who has a token' }],
  examples: [{ line: 'hedgerow owner remove greta', does: 'the token opens nothing any more' }],
  run: async ({ options, args: [name = ''], io, out }) => {
    const removed = await connectOperator(io, options.state).ownerRemove(name)
    out.result(removed, () => [`The token of ${removed.name} has ended.`])
    return EXIT.ok
  },
})
