import { findCampaign } from '../campaign-find.ts'
import { defineCommand } from '../command.ts'
import { AS_OPTION, connectForJobs } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { showExplanation } from '../explain.ts'

/** `hedgerow campaign explain` */
export const campaignExplain = defineCommand({
  name: 'campaign explain',
  summary: 'say which sensors a campaign uses, what it rejected, and what it cost',
  positionals: [{ name: 'CAMPAIGN', describe: 'its id, the beginning of its id, or its name' }],
  options: AS_OPTION,
  examples: [{ line: 'hedgerow campaign explain schools', does: 'the reasons, and the numbers behind them' }],
  run: async ({ options, args: [text = ''], io, out }) => {
    const api = connectForJobs(io, options.state, options.as)
    showExplanation(out, await api.campaignExplain(await findCampaign(api, text)))
    return EXIT.ok
  },
})
