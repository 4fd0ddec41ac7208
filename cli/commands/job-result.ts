import { resolve } from 'node:path'
import { defineCommand } from '../command.ts'
import { AS_OPTION, connectForJobs } from '../connection.ts'
import { findJob } from '../find.ts'
import { deliverResult } from '../job-result.ts'

/** `hedgerow job result` */
export const jobResult = defineCommand({
  name: 'job result',
  summary: "print or save a finished job's answer",
  details: 'The bytes are compared with their SHA-256 before a file gets its name.',
  positionals: [{ name: 'JOB', describe: 'its id, the beginning of its id, or its name' }],
  options: { ...AS_OPTION, out: { type: 'text', value: 'FILE', describe: 'write it to a file' } },
  examples: [
    { line: 'hedgerow job result word-count', does: 'writes the answer to standard output' },
    { line: 'hedgerow job result word-count --out words.json', does: 'writes it to a file' },
    { line: 'hedgerow job result word-count --json', does: 'what is known about it, and the answer itself when small' },
  ],
  run: async ({ options, args: [text = ''], io, out }) => {
    const api = connectForJobs(io, options.state, options.as)
    const job = await api.job(await findJob(api, text))
    const file = options.out === undefined ? null : resolve(io.cwd, options.out)
    return deliverResult(api, job, { file, io, out })
  },
})
