import { defineCommand } from '../command.ts'
import { deviceFolder, FOLDER_OPTION } from '../device-folder.ts'
import { EXIT } from '../exit-codes.ts'
import { printable } from '../terminal/text.ts'

/** `hedgerow device payout-address` */
export const devicePayoutAddress = defineCommand({
  name: 'device payout-address',
  summary: "say where this device's earnings shall go",
  details:
    'Signed with the key of the device, so nobody else can say it; the region writes it into its public log, and it counts after a delay\n' +
    'in which you can still take it back by naming another. Run it on the machine of the device; it works while the device runs.',
  positionals: [{ name: 'ADDRESS', describe: '0x and 40 hexadecimal digits' }],
  options: FOLDER_OPTION,
  examples: [
    {
      line: 'hedgerow device payout-address 0x52908400098527886E0F7030069857D2E4169EE7',
      does: 'the address, by its owner',
    },
  ],
  run: async ({ options, args: [text = ''], io, out }) => {
    const { addressBytes, parseAddress } = await import('../../coordinator/payout/chain/address.ts')
    const { bringStatement } = await import('../device-earnings.ts')
    const address = addressBytes(parseAddress(text))
    const answer = await bringStatement(io, deviceFolder(io, options), { kind: 'payout-address', address })
    out.result(answer, () => [printable(answer.text)])
    return EXIT.ok
  },
})
