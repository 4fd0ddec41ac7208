import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { epochOf } from '../payout-words.ts'

const name = 'payout void'

/** `hedgerow payout void` */
export const payoutVoid = defineCommand({
  name,
  summary: 'say that a file, or one payment of it, could not be paid',
  details:
    'The money goes back to the devices, and the next epoch pays it again. What was confirmed cannot be taken back.',
  positionals: [{ name: 'EPOCH', describe: 'its number' }],
  options: { payee: { type: 'text', value: 'NAME', describe: 'of one payee only; of all when left out' } },
  examples: [
    { line: 'hedgerow payout void 20777 --payee ann', does: "the bank has sent ann's payment back" },
    { line: 'hedgerow payout void 20777', does: 'nothing of the file was paid' },
  ],
  run: async ({ options, args: [text = ''], io, out }) => {
    const number = epochOf({ name }, text)
    const api = connectOperator(io, options.state)
    const epoch = await (options.payee === undefined ? api.payoutVoid(number) : api.payoutVoid(number, options.payee))
    const whose = options.payee === undefined ? '' : ` to ${options.payee}`
    const rest = epoch.state === 'void' ? '' : " 'hedgerow payout confirm' confirms the rest."
    out.result(epoch, () => [`The payment of epoch ${epoch.epoch}${whose} is void.${rest}`])
    return EXIT.ok
  },
})
