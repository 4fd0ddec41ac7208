import { campaignId, sensorId } from '../../protocol/index.ts'
import { usage } from '../args.ts'
import { parseTime } from '../campaign-time.ts'
import { defineCommand } from '../command.ts'
import type { Statable } from '../device-earnings.ts'
import { deviceFolder, FOLDER_OPTION } from '../device-folder.ts'
import { EXIT } from '../exit-codes.ts'
import { printable } from '../terminal/text.ts'

const name = 'device dispute'

/** `hedgerow device dispute` */
export const deviceDispute = defineCommand({
  name,
  summary: 'ask for a second look at a lease of this device, or at a verdict on its sensor',
  details:
    'Signed with the key of the device. A deposit is set aside from its earnings: it comes back when the dispute is upheld.\n' +
    'Name a lease by its number, or a verdict by campaign, window and sensor: the purposes of payments hold them.',
  positionals: [{ name: 'LEASE', describe: 'number of the lease', optional: true }],
  options: {
    ...FOLDER_OPTION,
    campaign: { type: 'text', value: 'ID', describe: 'the campaign of a verdict' },
    window: { type: 'text', value: 'TIME', describe: 'the beginning of its window, such as 2026-06-01T10:00:00Z' },
    sensor: { type: 'text', value: 'ID', describe: 'the sensor, 16 hexadecimal digits' },
    reason: { type: 'text', value: 'TEXT', describe: 'what is wrong, in a sentence' },
  },
  examples: [
    {
      line: 'hedgerow device dispute 4711 --reason "the sandbox of the other devices is older"',
      does: 'about a lease',
    },
    {
      line: 'hedgerow device dispute --campaign ID --window 2026-06-01T10:00:00Z --sensor ID --reason "no other sensor is near"',
      does: 'about a verdict',
    },
  ],
  run: async ({ options, args: [lease = ''], io, out }) => {
    const { bringStatement } = await import('../device-earnings.ts')
    const answer = await bringStatement(io, deviceFolder(io, options), disputeOf(lease, options))
    out.result(answer, () => [printable(answer.text)])
    return EXIT.ok
  },
})

type Words = { readonly [Name in 'campaign' | 'window' | 'sensor' | 'reason']: string | undefined }

function disputeOf(lease: string, { campaign, window, sensor, reason }: Words): Statable {
  if (reason === undefined) throw usage({ name }, '--reason is missing: say what is wrong')
  const ofVerdict = [campaign, window, sensor].some(word => word !== undefined)
  if (ofVerdict === (lease !== ''))
    throw usage({ name }, 'name either a lease, or a campaign with its window and sensor')
  if (!ofVerdict) {
    if (!/^\d{1,15}$/.test(lease)) throw usage({ name }, `LEASE is a number, not '${lease}'`)
    return { kind: 'dispute-lease', lease: Number(lease), reason }
  }
  if (campaign === undefined || window === undefined || sensor === undefined) {
    throw usage({ name }, 'a verdict is named by --campaign, --window and --sensor')
  }
  const windowMs = parseTime('--window', window)
  return { kind: 'dispute-verdict', campaign: campaignId(campaign), windowMs, sensor: sensorId(sensor), reason }
}
