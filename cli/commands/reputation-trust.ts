import type { TrustedRegion } from '../../coordinator/http/reputation-api.ts'
import { usage } from '../args.ts'
import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { formatTime } from '../terminal/format.ts'
import { type Column, tableLines } from '../terminal/table.ts'

const name = 'reputation trust'

const COLUMNS: readonly Column<TrustedRegion>[] = [
  { title: 'REGION', value: ({ region }) => region },
  { title: 'KEY', value: ({ key }) => key },
  { title: 'SINCE', value: ({ addedAtMs }) => formatTime(addedAtMs) },
]

/** `hedgerow reputation trust` */
export const reputationTrust = defineCommand({
  name,
  summary: 'list the regions whose word about devices counts here, add one, or take one away',
  details: "KEY is the verifier key of the region's log, which it shows at /log/card, or its key in base64.",
  positionals: [{ name: 'KEY', describe: 'the key of the region to trust; the list when left out', optional: true }],
  options: { remove: { type: 'text', value: 'REGION', describe: 'trust this region no more, by its id' } },
  examples: [
    { line: 'hedgerow reputation trust', does: 'who is trusted' },
    { line: 'hedgerow reputation trust "$KEY"', does: 'trusts one more' },
  ],
  run: async ({ options, args: [key = ''], io, out }) => {
    if (key !== '' && options.remove !== undefined) throw usage({ name }, 'Give a KEY or --remove REGION, not both')
    const api = connectOperator(io, options.state)
    if (options.remove !== undefined) {
      const removed = await api.regionDistrust(options.remove)
      out.result(removed, () => [`Region ${removed.region} is trusted no more; what devices have by it stays.`])
    } else if (key !== '') {
      const trusted = await api.regionTrust(key)
      out.result(trusted, () => [`Region ${trusted.region} is trusted.`])
    } else {
      const regions = await api.trustedRegions()
      out.result(regions, style => tableLines(regions, COLUMNS, io.stdout, style))
      if (regions.length === 0) out.note("No region is trusted yet: 'hedgerow reputation trust KEY' adds one.")
    }
    return EXIT.ok
  },
})
