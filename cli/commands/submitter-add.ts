import { parseCredits, submitterName } from '../../protocol/index.ts'
import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { saveSubmitterToken, stateFolder } from '../state.ts'

/** `hedgerow submitter add` */
export const submitterAdd = defineCommand({
  name: 'submitter add',
  summary: 'add someone who may submit jobs',
  details:
    'A submitter has an account and a token, and can touch only its own topics and jobs.\n' +
    'The token is shown only now, and kept in the state folder for --as NAME.',
  positionals: [{ name: 'NAME', describe: '1 to 32 characters of a-z, 0-9 and -' }],
  options: { fund: { type: 'text', value: 'CREDITS', default: '0', describe: 'credits put into the account at once' } },
  examples: [{ line: 'hedgerow submitter add me --fund 100', does: 'an account with 100 credits' }],
  run: async ({ options, args: [text = ''], io, out }) => {
    const name = submitterName(text)
    const fundMicro = parseCredits(options.fund)
    const request = fundMicro === 0n ? { name } : { name, fundMicro: String(fundMicro) }
    const added = await connectOperator(io, options.state).submitterAdd(request)
    const folder = stateFolder(io, options.state)
    saveSubmitterToken(folder, added.name, added.token)
    out.result(added, style => [`Submitter ${style.bold(added.name)}, token ${added.token}`])
    out.note(`The token is kept in ${folder}. Next: hedgerow job submit FILE --as ${added.name}`)
    return EXIT.ok
  },
})
