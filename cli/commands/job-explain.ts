import { defineCommand } from '../command.ts'
import { AS_OPTION, connectForJobs } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { showExplanation } from '../explain.ts'
import { findJob } from '../find.ts'

/** `hedgerow job explain` */
export const jobExplain = defineCommand({
  name: 'job explain',
  summary: 'say why a job runs, waits, failed or cost what it did',
  positionals: [{ name: 'JOB', describe: 'its id, the beginning of its id, or its name' }],
  options: AS_OPTION,
  examples: [{ line: 'hedgerow job explain word-count', does: 'the reasons, and the numbers behind them' }],
  run: async ({ options, args: [job = ''], io, out }) => {
    const api = connectForJobs(io, options.state, options.as)
    showExplanation(out, await api.jobExplain(await findJob(api, job)))
    return EXIT.ok
  },
})
