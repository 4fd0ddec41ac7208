import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { showExplanation } from '../explain.ts'
import { findDevice } from '../find.ts'

/** `hedgerow device explain` */
export const deviceExplain = defineCommand({
  name: 'device explain',
  summary: 'say why a device works, waits or is shut out',
  positionals: [{ name: 'DEVICE', describe: 'its id, the beginning of its id, or its label' }],
  examples: [{ line: 'hedgerow device explain kitchen-pi', does: 'the reasons, and the numbers behind them' }],
  run: async ({ options, args: [device = ''], io, out }) => {
    const api = connectOperator(io, options.state)
    showExplanation(out, await api.deviceExplain(await findDevice(api, device)))
    return EXIT.ok
  },
})
