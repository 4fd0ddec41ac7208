import { defineCommand } from '../command.ts'
import { AS_OPTION, connectForJobs } from '../connection.ts'
import { findJob } from '../find.ts'
import { answerHint, endOfJob } from '../job-words.ts'
import { watchJob } from '../watch-job.ts'

/** `hedgerow job watch` */
export const jobWatch = defineCommand({
  name: 'job watch',
  summary: "follow a job's progress until it is over",
  details: 'Ctrl-C stops watching; the job goes on.',
  positionals: [{ name: 'JOB', describe: 'its id, the beginning of its id, or its name' }],
  options: AS_OPTION,
  examples: [
    { line: 'hedgerow job watch word-count', does: 'a progress bar, then what it cost' },
    { line: 'hedgerow job watch word-count --json', does: 'waits, then prints the job' },
  ],
  run: async ({ options, args: [text = ''], io, out }) => {
    const api = connectForJobs(io, options.state, options.as)
    const { job, exit } = await watchJob(api, await findJob(api, text), { io, out })
    out.result(job, style => [...endOfJob(job, style), ...answerHint(job)])
    return exit
  },
})
