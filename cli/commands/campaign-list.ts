import type { Campaign } from '../../protocol/index.ts'
import { paintOfCampaign } from '../campaign-words.ts'
import { defineCommand } from '../command.ts'
import { AS_OPTION, connectForJobs } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { formatCount, formatMicro, formatTime } from '../terminal/format.ts'
import { type Column, tableLines } from '../terminal/table.ts'

const COLUMNS: readonly Column<Campaign>[] = [
  { title: 'CAMPAIGN', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name, shrinks: true },
  { title: 'SUBMITTER', value: ({ submitter }) => submitter, shrinks: true },
  { title: 'QUANTITY', value: ({ quantity }) => quantity, shrinks: true },
  { title: 'STATE', value: ({ state }) => state, paint: paintOfCampaign },
  { title: 'SENSORS', align: 'right', value: ({ sensors }) => formatCount(sensors) },
  { title: 'ACCEPTED', align: 'right', value: ({ accepted }) => formatCount(accepted) },
  { title: 'REJECTED', align: 'right', value: ({ rejected }) => formatCount(rejected) },
  { title: 'SPENT', align: 'right', value: ({ spentMicro }) => formatMicro(spentMicro) },
  { title: 'UNTIL', value: ({ endMs }) => formatTime(endMs) },
]

/** `hedgerow campaign list` */
export const campaignList = defineCommand({
  name: 'campaign list',
  summary: 'list sensing campaigns, newest first',
  options: AS_OPTION,
  examples: [
    { line: 'hedgerow campaign list', does: 'all campaigns of the region' },
    { line: 'hedgerow campaign list --as town', does: 'one submitter’s' },
  ],
  run: async ({ options, io, out }) => {
    const campaigns = await connectForJobs(io, options.state, options.as).campaignList({})
    out.result(campaigns, style => tableLines(campaigns, COLUMNS, io.stdout, style))
    if (campaigns.length === 0) out.note("There is no campaign yet: 'hedgerow campaign submit FILE' submits one.")
    return EXIT.ok
  },
})
