import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { findDevice } from '../find.ts'

/** `hedgerow device revoke` */
export const deviceRevoke = defineCommand({
  name: 'device revoke',
  summary: 'shut a device out of the region',
  details: 'Its work in hand goes to other devices. What it earned stays in the ledger.',
  positionals: [{ name: 'DEVICE', describe: 'its id, the beginning of its id, or its label' }],
  options: {
    reason: { type: 'text', value: 'TEXT', default: 'revoked by the operator', describe: 'told to its owner' },
  },
  examples: [{ line: 'hedgerow device revoke kitchen-pi --reason "sold"', does: 'it is refused from now on' }],
  run: async ({ options, args: [text = ''], io, out }) => {
    const api = connectOperator(io, options.state)
    const device = await api.deviceRevoke(await findDevice(api, text), options.reason)
    out.result(device, () => [`Device ${device.id} is revoked.`])
    return EXIT.ok
  },
})
