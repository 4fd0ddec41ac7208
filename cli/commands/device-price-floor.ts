import { parseCredits } from '../../protocol/amounts.ts'
import { defineCommand } from '../command.ts'
import { deviceFolder, FOLDER_OPTION } from '../device-folder.ts'
import { EXIT } from '../exit-codes.ts'
import { printable } from '../terminal/text.ts'

/** `hedgerow device price-floor` */
export const devicePriceFloor = defineCommand({
  name: 'device price-floor',
  summary: 'say below which price this device shall not work',
  details:
    'Signed with the key of the device. It gets no work that pays less, and the region’s prices look at what owners ask.\n' +
    'Each statement replaces the one before: 0 is no floor.',
  positionals: [{ name: 'CREDITS', describe: 'for 10^9 fuel, such as 0.02' }],
  options: {
    ...FOLDER_OPTION,
    reading: { type: 'text', value: 'CREDITS', default: '0', describe: 'for one accepted reading; 0 when left out' },
  },
  examples: [
    { line: 'hedgerow device price-floor 0.02', does: 'no work for less than 0.02 credits a gigafuel' },
    { line: 'hedgerow device price-floor 0 --reading 0.001', does: 'any work, and readings for 0.001 credits each' },
  ],
  run: async ({ options, args: [credits = ''], io, out }) => {
    const { bringStatement } = await import('../device-earnings.ts')
    const floor = {
      kind: 'price-floor',
      gigafuelMicro: parseCredits(credits),
      readingMicro: parseCredits(options.reading),
    } as const
    const answer = await bringStatement(io, deviceFolder(io, options), floor)
    out.result(answer, () => [printable(answer.text)])
    return EXIT.ok
  },
})
