import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { findDevice } from '../find.ts'

/** `hedgerow device drain` */
export const deviceDrain = defineCommand({
  name: 'device drain',
  summary: 'let a device finish what it holds and give it no more',
  details: 'For a device that is to be moved, updated or switched off: nothing it has begun is lost.',
  positionals: [{ name: 'DEVICE', describe: 'its id, the beginning of its id, or its label' }],
  options: {
    reason: {
      type: 'text',
      value: 'TEXT',
      default: 'drained by the operator',
      describe: 'shown wherever it is asked why',
    },
    undo: { type: 'flag', describe: 'give it work again' },
  },
  examples: [
    { line: 'hedgerow device drain kitchen-pi --reason "moves house"', does: 'it gets no more leases' },
    { line: 'hedgerow device drain kitchen-pi --undo', does: 'it gets work again' },
  ],
  run: async ({ options, args: [text = ''], io, out }) => {
    const api = connectOperator(io, options.state)
    const id = await findDevice(api, text)
    const device = options.undo ? await api.deviceUndrain(id) : await api.deviceDrain(id, options.reason)
    const left = device.leasesOut === 0 ? 'It holds none.' : `It still holds ${device.leasesOut}.`
    out.result(device, () => [
      options.undo ? `Device ${device.id} gets leases again.` : `Device ${device.id} gets no more leases. ${left}`,
    ])
    return EXIT.ok
  },
})
