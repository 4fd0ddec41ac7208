import { findCampaign } from '../campaign-find.ts'
import { watchCampaign } from '../campaign-watch.ts'
import { summaryOfCampaign } from '../campaign-words.ts'
import { defineCommand } from '../command.ts'
import { AS_OPTION, connectForJobs } from '../connection.ts'

/** `hedgerow campaign watch` */
export const campaignWatch = defineCommand({
  name: 'campaign watch',
  summary: 'follow the cells of a campaign until nothing more is measured',
  details:
    'On a terminal a table of the cells, each with its newest window; elsewhere a line for each window. Ctrl-C stops watching; the campaign goes on.',
  positionals: [{ name: 'CAMPAIGN', describe: 'its id, the beginning of its id, or its name' }],
  options: AS_OPTION,
  examples: [
    { line: 'hedgerow campaign watch schools', does: 'values, accepted and rejected readings, sensors' },
    { line: 'hedgerow campaign watch schools --json', does: 'waits, then prints the campaign' },
  ],
  run: async ({ options, args: [text = ''], io, out }) => {
    const api = connectForJobs(io, options.state, options.as)
    const { campaign, exit } = await watchCampaign(api, await findCampaign(api, text), { io, out })
    out.result(campaign, style => summaryOfCampaign(campaign, style))
    return exit
  },
})
