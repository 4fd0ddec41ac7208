import { defineCommand } from '../command.ts'
import { AS_OPTION, connectForJobs } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { findJob } from '../find.ts'
import { formatMicro } from '../terminal/format.ts'

/** `hedgerow job cancel` */
export const jobCancel = defineCommand({
  name: 'job cancel',
  summary: 'stop a job and give back what it has not spent',
  details: 'Work that was verified before is paid. A job that is over stays as it is.',
  positionals: [{ name: 'JOB', describe: 'its id, the beginning of its id, or its name' }],
  options: AS_OPTION,
  examples: [{ line: 'hedgerow job cancel word-count', does: 'cancels it' }],
  run: async ({ options, args: [text = ''], io, out }) => {
    const api = connectForJobs(io, options.state, options.as)
    const job = await api.jobCancel(await findJob(api, text))
    out.result(job, () => [`Job ${job.id} is ${job.state}; it cost ${formatMicro(job.spentMicro)}.`])
    return EXIT.ok
  },
})
