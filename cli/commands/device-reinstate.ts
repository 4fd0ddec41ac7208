import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { findDevice } from '../find.ts'

/** `hedgerow device reinstate` */
export const deviceReinstate = defineCommand({
  name: 'device reinstate',
  summary: 'let a caught or revoked device work again',
  details: 'It starts over without any credibility, so its results are checked like those of a new device.',
  positionals: [{ name: 'DEVICE', describe: 'its id, the beginning of its id, or its label' }],
  examples: [{ line: 'hedgerow device reinstate kitchen-pi', does: 'it gets work again' }],
  run: async ({ options, args: [text = ''], io, out }) => {
    const api = connectOperator(io, options.state)
    const device = await api.deviceReinstate(await findDevice(api, text))
    out.result(device, () => [`Device ${device.id} may work again.`])
    return EXIT.ok
  },
})
