import { findCampaign } from '../campaign-find.ts'
import { summaryOfCampaign } from '../campaign-words.ts'
import { defineCommand } from '../command.ts'
import { AS_OPTION, connectForJobs } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'

/** `hedgerow campaign stop` */
export const campaignStop = defineCommand({
  name: 'campaign stop',
  summary: 'stop a campaign and give back what it has not spent',
  details:
    'Readings that were accepted before stay paid, and windows that were published stay. A campaign that is over stays as it is.',
  positionals: [{ name: 'CAMPAIGN', describe: 'its id, the beginning of its id, or its name' }],
  options: AS_OPTION,
  examples: [{ line: 'hedgerow campaign stop schools', does: 'stops it' }],
  run: async ({ options, args: [text = ''], io, out }) => {
    const api = connectForJobs(io, options.state, options.as)
    const campaign = await api.campaignStop(await findCampaign(api, text))
    out.result(campaign, style => summaryOfCampaign(campaign, style))
    return EXIT.ok
  },
})
