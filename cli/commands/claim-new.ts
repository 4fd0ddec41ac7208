import { LIMITS } from '../../protocol/index.ts'
import { usage } from '../args.ts'
import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { parseDuration } from '../duration.ts'
import { EXIT } from '../exit-codes.ts'
import { formatTime } from '../terminal/format.ts'

const name = 'claim new'

/** `hedgerow claim new` */
export const claimNew = defineCommand({
  name,
  summary: 'make an invitation for one device',
  details:
    'The code holds the coordinator’s address, the fingerprint of its key and a secret that works once.\n' +
    'It is shown only now: whoever has it can join one device on behalf of the owner.',
  options: {
    owner: { type: 'text', value: 'NAME', describe: "whom the device's earnings belong to" },
    expires: {
      type: 'text',
      value: 'TIME',
      default: '24h',
      describe: 'how long it can be used, such as 30m, 24h or 7d',
    },
  },
  examples: [
    { line: 'hedgerow claim new --owner alice', does: 'prints a code for one of Alice’s devices' },
    { line: 'hedgerow claim new --owner alice --expires 7d --json', does: 'the same for a script' },
  ],
  run: async ({ options, io, out }) => {
    if (options.owner === undefined) throw usage({ name }, '--owner is missing: say whom the earnings belong to')
    const lifetimeMs = parseDuration(options.expires)
    if (lifetimeMs === null || lifetimeMs > LIMITS.claimLifetimeMsMax) {
      throw usage({ name }, `--expires must be a time up to 30d, such as 30m, 24h or 7d, not '${options.expires}'`)
    }
    const claim = await connectOperator(io, options.state).claimNew({ owner: options.owner, lifetimeMs })
    out.result(claim, style => [style.bold(claim.code)])
    out.note(`Works once, until ${formatTime(claim.expiresAtMs)}. On the device: hedgerow device --claim CODE`)
    return EXIT.ok
  },
})
