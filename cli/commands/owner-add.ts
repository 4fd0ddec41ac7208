import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'

/** `hedgerow owner add` */
export const ownerAdd = defineCommand({
  name: 'owner add',
  summary: 'give an owner a token, to look after its own devices',
  details:
    'With it an owner sees its devices, what they earn and why they wait, drains them, and invites more of them, up to 20 a day.\n' +
    'The token is shown only now: hand it over by a way you trust. It holds until it is renewed or removed.',
  positionals: [{ name: 'NAME', describe: 'whom devices belong to: 1 to 32 characters of a-z, 0-9 and -' }],
  examples: [{ line: 'hedgerow owner add greta', does: 'a token for greta' }],
  run: async ({ options, args: [name = ''], io, out }) => {
    const api = connectOperator(io, options.state)
    const added = await api.ownerAdd(name)
    out.result(added, style => [`Owner ${style.bold(added.name)}, token ${added.token}`])
    out.note(`To be pasted into the page at ${api.httpUrl}, or put into HEDGEROW_TOKEN.`)
    return EXIT.ok
  },
})
