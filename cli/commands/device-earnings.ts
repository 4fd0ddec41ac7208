import { usage } from '../args.ts'
import { defineCommand } from '../command.ts'
import { deviceFolder, FOLDER_OPTION } from '../device-folder.ts'
import { EXIT } from '../exit-codes.ts'

const name = 'device earnings'

/** `hedgerow device earnings` */
export const deviceEarnings = defineCommand({
  name,
  summary: "show what a device's newest receipt says, and check it against the region's public log",
  details:
    'A receipt says all that the device ever earned, and the region has signed it as an entry of its public log. With\n' +
    '--verify this machine reads the log and checks, in this order: the receipt, the region’s card, the signature of the\n' +
    'checkpoint, that the receipt is in the log, that the log goes on from the receipt and from the last verification,\n' +
    'and that two witnesses have cosigned. The first rule that is broken is named, and the exit code is 1 then.\n' +
    'It works while the device runs. The key of a witness is the `witnessKey` on the card of its region, at /log/card.',
  options: {
    ...FOLDER_OPTION,
    verify: { type: 'flag', describe: "check the receipt against the region's log and its witnesses" },
    witness: {
      type: 'text',
      value: 'VKEYS',
      describe: 'verifier keys of witnesses, with commas between; the first are kept, and count when left out',
    },
  },
  examples: [
    { line: 'hedgerow device earnings', does: 'earned, held back, lost, available and paid out' },
    { line: 'hedgerow device earnings --verify --witness KEY,KEY', does: 'exit code 0 when everything can be proven' },
  ],
  run: async ({ options, io, out }) => {
    if (options.witness !== undefined && !options.verify)
      throw usage({ name }, '--witness is of use with --verify only')
    const { showEarnings } = await import('../show-earnings.ts')
    const stateDir = deviceFolder(io, options)
    return (await showEarnings({ stateDir, verify: options.verify, witness: options.witness, out }))
      ? EXIT.ok
      : EXIT.failure
  },
})
